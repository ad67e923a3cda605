import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { type Outcome, TestProject } from "../support/engine/testProject.ts";
import { outputOf, type YamlMapping, yamlProgram } from "../support/engine/yamlProgram.ts";
import { nightly } from "../support/nightlyTest.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const mapping = (name: string, groups: readonly string[], options: object = {}): YamlMapping => ({
  properties: { arn: role(name), username: name, groups },
  options,
});
const node = `- rolearn: ${role("node")}\n  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:bootstrappers, system:nodes]\n`;

const title = 'access on manifest "aws-auth.yaml" after this update:';

/** The summaries of a preview: the engine prints one for each mapping, in any order. */
function summariesIn({ raw }: Outcome): string[] {
  const found = raw.matchAll(/^ {4}(access .*(?:\n {4} .*)*)/gm);
  return Array.from(found, ([, text = ""]) => text.replace(/^ {4}/gm, "")).toSorted();
}

describe("a preview of a YAML program", () => {
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create({ language: "yaml", config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: node }));
  });
  afterAll(() => project?.remove());

  async function preview(mappings: Readonly<Record<string, YamlMapping>>, rest?: string): Promise<Outcome> {
    await project.program(yamlProgram(mappings, rest));
    return project.pulumi("preview");
  }

  const both = { admin: mapping("admin", ["system:masters"]), dev: mapping("dev", ["viewers"]) };

  it("tells of each new mapping what it gives, and once what no summary shows", async () => {
    const outcome = await preview(both);
    expect(outcome.code).toBe(0);
    expect(summariesIn(outcome)).toEqual([
      `${title}\n  + role/admin  gains  everything (group system:masters)`,
      `${title}\n  + role/dev  gains  group viewers`,
    ]);
    expect(outcome.raw).toMatch(/IdentityMapping \(dev\):\n {4}access on/);
    expect(outcome.raw.match(/^ {4}a manifest has no bindings, so only groups are shown/gm)).toHaveLength(1);
  });

  it("says nothing where nothing changes", async () => {
    expect(await project.up()).toMatchObject({ code: 0 });
    const outcome = await project.pulumi("preview", "--expect-no-changes");
    expect(outcome).toMatchObject({ code: 0 });
    expect(outcome.raw).not.toMatch(/access (on|after)/);
  });

  it("tells of an update and a replacement who gains and who loses", async () => {
    const outcome = await preview({
      admin: mapping("admin", ["system:masters"]),
      dev: mapping("dev", ["viewers", "editors"]),
    });
    expect(summariesIn(outcome)).toEqual([`${title}\n  ~ role/dev  gains  group editors;  keeps  group viewers`]);
    const replacing = await preview({
      admin: mapping("admin", ["system:masters"]),
      dev: mapping("moved", ["viewers"]),
    });
    const [summary = ""] = summariesIn(replacing);
    expect(summary).toContain("- role/dev    loses  group viewers\n");
    expect(summary).toContain("+ role/moved  gains  group viewers\n");
  });

  nightly("tells of a replacement that the options of the resource ask for", async () => {
    const outcome = await preview({
      admin: mapping("admin", ["system:masters"]),
      dev: mapping("dev", ["editors"], { replaceOnChanges: ["groups"] }),
    });
    expect(outcome.output).toContain("+-1 to replace");
    expect(summariesIn(outcome)).toEqual([`${title}\n  ~ role/dev  gains  group editors;  loses  group viewers`]);
  });

  it("tells of a mapping that is deleted before it is replaced, with the one that it depends on", async () => {
    const mappings = (name: string, group: string) => ({
      admin: mapping("admin", ["system:masters"]),
      dev: mapping(name, ["viewers"], { deleteBeforeReplace: true }),
      ops: {
        properties: { arn: role("ops"), username: outputOf("dev.username"), groups: [group] },
        options: { replaceOnChanges: ["username"] },
      },
    });
    await project.program(yamlProgram(mappings("dev", "viewers")));
    expect(await project.up()).toMatchObject({ code: 0 });
    const outcome = await preview(mappings("moved", "editors"));
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("+-2 to replace") });
    expect(summariesIn(outcome).join("\n")).toContain("~ role/ops  gains  group editors;  loses  group viewers");
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await project.program(
      yamlProgram({ admin: mapping("admin", ["system:masters"]), dev: mapping("dev", ["viewers"]) }),
    );
    expect(await project.up()).toMatchObject({ code: 0 });
  });

  it("tells of what depends on other changes after them, and names what is not known yet", async () => {
    const outcome = await preview({
      admin: mapping("admin", ["system:masters"]),
      dev: mapping("dev", ["viewers", "editors"]),
      ops: mapping("ops", ["viewers"], { dependsOn: [outputOf("dev")] }),
      late: mapping("late", [outputOf("ops.id")]),
    });
    expect(outcome.code).toBe(0);
    const text = summariesIn(outcome).join("\n");
    expect(text).toContain("~ role/dev  gains  group editors;");
    expect(text).toContain("+ role/ops  gains  group viewers\n");
    expect(text).toContain("not known before the update: late");
  });

  it("refuses a replacement that locks out the last administrator, where the settings say so", async () => {
    const mappings = { admin: mapping("successor", ["viewers"]), dev: mapping("dev", ["viewers"]) };
    const warned = await preview(mappings);
    expect(warned.code).toBe(0);
    expect(warned.output).toMatch(/warning: IdentityMapping "admin": .*system:masters/);
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml", "aws-auth:lockoutProtection": "error" });
    const refused = await preview(mappings);
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml" });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("system:masters");
    expect(refused.raw).not.toMatch(/^\s+at /m);
  });

  nightly("counts what it has told before where it tells of changes one by one", async () => {
    const dev = mapping("dev", ["viewers"]);
    await project.program(
      yamlProgram({
        admin: mapping("admin", ["system:masters"]),
        dev,
        second: mapping("second", ["system:masters"]),
      }),
    );
    expect(await project.up()).toMatchObject({ code: 0 });
    const both = {
      admin: mapping("viewer", ["viewers"]),
      dev,
      second: mapping("auditor", ["viewers"], { dependsOn: [outputOf("admin")] }),
    };
    const outcome = await preview(both);
    expect(outcome.output).toContain("the last of 2 mappings to system:masters");
    expect(summariesIn(outcome)).toHaveLength(2);
  });

  it("hides what is secret, and says nothing where the stack says so", async () => {
    const secret = { "fn::secret": "hush-hush" };
    const hidden = { properties: { arn: role("quiet"), username: secret, groups: [secret] } };
    const outcome = await preview({ hidden });
    expect(summariesIn(outcome).join()).toContain("[secret]");
    expect(outcome.raw).not.toContain("hush");
    await project.configure({ "aws-auth:manifest": "aws-auth.yaml", "aws-auth:accessSummary": "off" });
    expect((await preview({ hidden })).raw).not.toMatch(/access (on|after)/);
  });
});
