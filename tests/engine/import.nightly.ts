import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { foreignData, historicManifest } from "../support/cli/historicMap.ts";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { repository, TestProject } from "../support/engine/testProject.ts";

let project: TestProject;
let printed: string;

beforeAll(async () => {
  project = await TestProject.create();
  await project.write("aws-auth.yaml", historicManifest);
  const result = await runCli(["import", "--manifest", "aws-auth.yaml"], { cwd: project.directory });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  printed = result.stdout;
});
afterAll(() => project.remove());

/** Uses the printed code, unchanged, as a TypeScript program. */
async function useAsProgram(text: string): Promise<void> {
  await symlink(join(repository, "node_modules", "typescript"), join(project.directory, "node_modules", "typescript"));
  await symlink(join(repository, "node_modules", "@types"), join(project.directory, "node_modules", "@types"));
  await project.write("index.ts", text);
  await project.write("Pulumi.yaml", "name: test\nruntime: nodejs\nmain: index.ts\n");
  await project.write("package.json", '{ "name": "test", "main": "index.ts" }\n');
  await project.write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        strict: true,
        target: "es2022",
        module: "node16",
        moduleResolution: "node16",
        types: ["node"],
      },
      files: ["index.ts"],
    }),
  );
}

it("a printed program adopts a map with ten years of history, and removes only entries without effect", async () => {
  await useAsProgram(printed);
  const resources = printed.match(/^new awsAuth\.IdentityMapping\(/gm)?.length ?? 0;
  expect(resources).toBeGreaterThan(15);

  const preview = await project.preview();
  expect(preview.output).toContain(`+ ${resources + 1} to create`);
  expect(preview.output).not.toMatch(/error|drift/i);
  expect(preview.code).toBe(0);

  // The preview has checked the types.
  const checked = project.with({ PULUMI_NODEJS_TRANSPILE_ONLY: "true" });
  const up = await checked.up();
  expect(up.output).toContain(`+ ${resources + 1} created`);
  expect(up.code).toBe(0);
  const { text, claims } = splitClaims(await project.read("aws-auth.yaml"));
  expect(claims).toBe(resources);
  const before = historicManifest.split("\n");
  expect(text.split("\n").filter((line) => !before.includes(line))).toEqual([]);

  const again = await checked.preview("--expect-no-changes");
  expect(again.output).toContain(`${resources + 1} unchanged`);
  expect(again.code).toBe(0);

  const refresh = await project.refresh("--expect-no-changes");
  expect(refresh.output).toContain(`${resources + 1} unchanged`);
  expect(refresh.code).toBe(0);

  const destroy = await project.destroy();
  expect(destroy.code).toBe(0);
  // The engine deletes in parallel, and the last entry of a list to be removed is replaced by the brackets.
  const inOrder = (text: string) => text.replace(/( +\[\]\n)( +# once is enough\n)/, "$2$1");
  expect(inOrder(await project.read("aws-auth.yaml"))).toBe(inOrder(manifestOf(foreignData)));
});
