import { join } from "node:path";
import { readBlock } from "../tests/support/docs/markdown.ts";
import { repository, TestProject } from "../tests/support/engine/testProject.ts";

/** The README's picture. */
export const picture = join(repository, "docs", "preview.svg");

/** What a terminal shows when the README's first program is previewed where another stack maps the role to other groups. */
export async function stoppedPreview(): Promise<string> {
  // Two projects in one directory, so that they share the manifest by a short name.
  const project = await TestProject.create({ env: { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } });
  try {
    await project.program(`
      const arn = "arn:aws:iam::111122223333:role/developers";
      new IdentityMapping("developers", { arn, username: "dev", groups: ["deployers", "viewers"] });
    `);
    const apps = await asProject(project, "apps", "index.js");
    const { code, output } = await apps.up();
    if (code !== 0) {
      throw new Error(output);
    }
    await project.write("index.ts", await readBlock("README.md", "import * as awsAuth"));
    const access = await asProject(project, "access", "index.ts");
    const preview = await access.pulumi("preview");
    // The lines before tell how far the preview is, in other steps each time.
    const diagnostics = preview.output.indexOf("Diagnostics:\n");
    if (preview.code === 0 || diagnostics < 0) {
      throw new Error(`the preview was not stopped:\n${preview.output}`);
    }
    return `$ pulumi preview\n...\n${preview.output.slice(diagnostics)}`;
  } finally {
    await project.remove();
  }
}

async function asProject(project: TestProject, name: string, main: string): Promise<TestProject> {
  await project.write("Pulumi.yaml", `name: ${name}\nruntime: nodejs\nmain: ${main}\n`);
  await project.write("Pulumi.prod.yaml", "config:\n  aws-auth:manifest: aws-auth.yaml\n");
  await project.cli("stack", "init", "prod");
  return project.onStack("prod");
}
