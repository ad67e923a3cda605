import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { splitClaims } from "../../support/engine/manifest.ts";
import { repository, TestProject } from "../../support/engine/testProject.ts";
import { exampleProject, linkExample } from "../../support/exampleProject.ts";

const arn = "arn:aws:iam::111122223333:role/developers";

let project: TestProject;
afterEach(() => project?.remove());

describe("an example", () => {
  it("adopt: the preview shows the README's output", async () => {
    project = await exampleProject("adopt", { stack: "dev" });
    const { code, output } = await project.preview();
    expect(asLines(output)).toContain(asLines(await readBlock("examples/adopt/README.md", "adoption")));
    expect(output).toContain("+ 3 to create");
    expect(code).toBe(0);
  });

  it("gitops: up keeps the manifest's comments and adds the README's lines", async () => {
    project = await exampleProject("gitops", { stack: "staging" });
    const before = await project.read("clusters/staging.yaml");
    expect(await project.up()).toMatchObject({ code: 0 });
    const after = await project.read("clusters/staging.yaml");
    const { text, claims } = splitClaims(after);
    expect(text.startsWith(before)).toBe(true);
    expect(claims).toBe(2);
    const shown = await readBlock("examples/gitops/README.md", "role/developers");
    const added = Array.from(shown.matchAll(/^\+(.*)$/gm), ([, line]) => withoutClaimId(`${line}\n`));
    expect(added.length).toBeGreaterThan(4);
    for (const line of added) {
      expect(withoutClaimId(after)).toContain(line);
    }
  });

  it("drift-check: compiles and previews from the packed package without other packages", async () => {
    project = await exampleProject("drift-check", { stack: "dev", install: linkExample });
    expect(await project.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 2 to create") });
  });

  it("yaml: previews with the plugin of the npm package, named as in docs/other-languages.md", async () => {
    const config = { "aws-auth:manifest": "aws-auth.yaml", "aws-auth-yaml:roleArn": arn };
    project = await TestProject.create({ name: "aws-auth-yaml", language: "yaml", config });
    const program = await readFile(join(repository, "examples", "languages", "yaml", "Pulumi.yaml"), "utf8");
    const page = await readFile(join(repository, "docs", "other-languages.md"), "utf8");
    const [, plugins = ""] = /`(plugins: .+?)`/.exec(page) ?? [];
    await project.write("Pulumi.yaml", `${program}${plugins}\n`);
    const { code, output } = await project.preview();
    expect(output).toContain("+ 2 to create");
    expect(output).toContain(`"${arn}"`);
    expect(code).toBe(0);
  });
});

it("the README's first program previews with the README's output", async () => {
  project = await TestProject.create({
    name: "access",
    config: { "aws-auth:manifest": "aws-auth.yaml" },
    env: { PULUMI_NODEJS_TRANSPILE_ONLY: "true" },
  });
  await project.write("Pulumi.yaml", "name: access\nruntime: nodejs\nmain: index.ts\n");
  await project.write("index.ts", await readBlock("README.md", 'IdentityMapping("developers"'));
  const { code, output } = await project.preview();
  const shown = await readBlock("README.md", "Resources:");
  const parts = shown
    .replaceAll("dev::access", "test::access")
    .replace("access-dev", "access-test")
    .split(/^ *\.\.\.\n/m);
  const plan = asLines(output);
  for (const part of parts) {
    expect(plan).toContain(asLines(part));
  }
  expect(code).toBe(0);
});

/** Removes the IDs of claims, which are random, and the names of stacks, which are fixed in tests. */
function withoutClaimId(text: string): string {
  return text.replace(/ [0-9a-z]{8}\.[0-9a-z]{6} ([^/ ]+)\/\S+/g, " $1");
}

/** Lines without indentation, which depends on the context. */
function asLines(text: string): string {
  return text.trim().replace(/^ +/gm, "").replaceAll("\r", "");
}
