import { symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { installProgram } from "../../support/consumers/installedProgram.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { repository, type TestProject } from "../../support/engine/testProject.ts";
import { exampleProject } from "../../support/exampleProject.ts";
import { ensureParts } from "../../support/parts/ensureParts.ts";

const analyzer = join(dirname(fileURLToPath(import.meta.url)), "bin");

describe("a policy pack", { timeout: 600_000 }, () => {
  let project: TestProject | undefined;
  afterEach(() => project?.remove());

  it("knows mappings by their class, and their inputs by the names that a program gives them", async () => {
    // A newer engine leaves policy packs to the language host, and the one that can be built from source here is too old for it.
    project = await installProgram("policies", { engine: "pulumi-lowest" });
    const { "pulumi-lowest": pulumi } = await ensureParts(["pulumi-lowest"]);
    const path = [analyzer, pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const { code, output } = await project.with({ PATH: path }).preview("--policy-pack", "pack");
    expect(code).not.toBe(0);
    expect(output).toContain("arn:aws:iam::111122223333:role/admin becomes admin in system:masters");
    expect(seen(output, "admin")).toEqual({
      arn: "arn:aws:iam::111122223333:role/admin",
      cluster: { manifest: "aws-auth.yaml" },
      groups: ["system:masters"],
      username: "admin",
    });
    expect(seen(output, "sandbox")).toEqual({ account: "012345678901", cluster: { manifest: "aws-auth.yaml" } });
  });

  it("of examples/policy accepts its program, and refuses what its README lists", async () => {
    project = await exampleProject("policy", { stack: "dev", engine: "pulumi-lowest" });
    const { "pulumi-lowest": pulumi } = await ensureParts(["pulumi-lowest"]);
    const policy = join("node_modules", "@pulumi", "policy");
    await symlink(join(repository, policy), join(project.directory, policy));
    await project.write("pack/PulumiPolicy.yaml", "runtime: node-for-tests\nmain: index.ts\n");
    const path = [analyzer, pulumi.directory, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const inPath = project.with({ PATH: path });
    const preview = () => inPath.preview("--policy-pack", "pack", "--policy-pack-config", "pack/config.json");
    expect(await preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
    const program = await project.read("index.ts");
    await project.write("index.ts", program.replaceAll("platform-admins", "contractors"));
    const { code, output } = await preview();
    expect(code).not.toBe(0);
    const shown = await readBlock("examples/policy/README.md", "mandatory:");
    expect(output).toContain(shown.replace(/^mandatory: /, "").trim());
  });
});

/** The inputs that the pack showed of a mapping: nothing of the provider's own is among them. */
function seen(output: string, name: string): unknown {
  const text = new RegExp(`^ *${name} sees (\\{.*\\})$`, "m").exec(output)?.[1];
  return text === undefined ? undefined : JSON.parse(text);
}
