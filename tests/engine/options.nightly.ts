import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type DeclaredMapping, type DeclaredOptions, inOrder, plainly } from "../support/doors/declared.ts";
import { doors, dynamicDoor, urnOf } from "../support/doors/door.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, group: string) =>
  `- groups:\n  - ${group}\n  rolearn: ${role(name)}\n  username: ${name}\n`;
const foreign = entry("node", "system:nodes");

const made = ["protected", "retained", "ignoring", "aliased", "renamed", "with", "targeted"] as const;

const mapping = (name: string, options: DeclaredOptions = {}, more: object = {}): DeclaredMapping => ({
  properties: { arn: role(name), username: name, groups: ["dev"], ...more },
  options,
});

const first = inOrder({
  protected: mapping("protected", { protect: true }),
  retained: mapping("retained", { retainOnDelete: true }),
  ignoring: mapping("ignoring", { ignoreChanges: ["groups"] }),
  aliased: mapping("aliased"),
  renamed: mapping("renamed"),
  with: mapping("with", { deletedWith: "ignoring" }),
  targeted: mapping("targeted"),
});
const then = inOrder({
  protected: mapping("protected", { protect: true }),
  ignoring: mapping("ignoring", { ignoreChanges: ["groups"] }, { username: "other", groups: ["other"] }),
  "aliased-now": mapping("aliased", { aliases: ["aliased"] }),
  "renamed-now": mapping("renamed"),
  with: mapping("with", { deletedWith: "ignoring" }),
  targeted: mapping("targeted", {}, { groups: ["ops"] }),
});

describe.each(doors)("Pulumi's own options, through the $name", (door) => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: foreign }));
    await project.program(door.program(first));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 8 created") });
  });
  afterAll(() => project.remove());

  async function mapRoles(): Promise<string> {
    const { text } = splitClaims(await project.read("aws-auth.yaml"));
    return text.split("mapRoles: |\n")[1]?.replace(/^ {4}/gm, "") ?? "";
  }

  /** The map with an entry of each of these, some of them in another form. */
  const expected = (names: readonly string[], forms: Readonly<Record<string, string>> = {}) =>
    foreign + names.map((name) => forms[name] ?? entry(name, "dev")).join("");

  /** Somebody gives the mapping another group. */
  async function editByHand(before: string, after: string): Promise<void> {
    const rest = "\n      rolearn: arn:aws:iam::111122223333:role/ignoring";
    const text = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", text.replace(`- ${before}${rest}`, `- ${after}${rest}`));
  }

  it("ignoreChanges leaves a property to others", async () => {
    expect(await mapRoles()).toBe(expected(made));
    await editByHand("dev", "by-hand");
    expect(await mapRoles()).toBe(expected(made, { ignoring: entry("ignoring", "by-hand") }));
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("--target updates one resource and leaves the others", async () => {
    await project.program(door.program(then));
    const up = await project.up("--target", urnOf(door, "targeted"));
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await mapRoles()).toBe(
      expected(made, { ignoring: entry("ignoring", "by-hand"), targeted: entry("targeted", "ops") }),
    );
  });

  it("retainOnDelete leaves the entry behind; aliases, and a rename without one, keep it; what is not ignored is updated", async () => {
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    // The new resource of the rename takes the entry over before the old one goes.
    for (const count of ["+ 1 created", "~ 1 updated", "- 2 deleted"]) {
      expect(up.output).toContain(count);
    }
    const ignoring = entry("ignoring", "by-hand").replace("username: ignoring", "username: other");
    expect(await mapRoles()).toBe(expected(made, { ignoring, targeted: entry("targeted", "ops") }));
    // The provider does not hear of a resource that is retained, so that its claim stays with its entry.
    expect(splitClaims(await project.read("aws-auth.yaml")).claims).toBe(made.length);
  });

  it("protect keeps the entry until it is lifted, and deletedWith skips the delete of what goes with something else", async () => {
    const refused = await project.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protected");
    expect(await mapRoles()).toContain(entry("protected", "dev"));
    await project.pulumi("state", "unprotect", "--all", "--yes");
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await mapRoles()).toBe(expected(["retained", "with"]));
  });
});

it("an update keeps to the plan that a preview saved, for which the dynamic resource reads the state", async () => {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
  onTestFinished(() => project.remove());
  for (const mappings of [{ dev: mapping("dev").properties }, {}]) {
    await project.program(dynamicDoor.program(plainly(mappings)));
    expect(await project.preview("--save-plan", "plan.json")).toMatchObject({ code: 0 });
    expect(await project.up("--plan", "plan.json")).toMatchObject({ code: 0 });
    expect((await project.read("aws-auth.yaml")).includes(role("dev"))).toBe("dev" in mappings);
  }
});

it.each(doors)("ignoreChanges of one group leaves the others to the program, through the $name", async (door) => {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
  onTestFinished(() => project.remove());
  const declare = (...groups: string[]) =>
    project.program(door.program({ dev: mapping("dev", { ignoreChanges: ["groups[0]"] }, { groups }) }));
  await declare("first", "second");
  expect(await project.up()).toMatchObject({ code: 0 });
  await declare("ignored", "second", "third");
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
  expect(await project.read("aws-auth.yaml")).toMatch(/groups:\n\s+- first\n\s+- second\n\s+- third\n/);
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
});

it.each(doors)(
  "ignoreChanges of everything that comes later leaves the entry to others, through the $name",
  async (door) => {
    const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    onTestFinished(() => project.remove());
    const declare = (options: DeclaredOptions, ...groups: string[]) =>
      project.program(door.program({ dev: mapping("dev", options, { groups }) }));
    await declare({}, "first");
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare({ ignoreChanges: ["*"] }, "ignored");
    expect(await project.up()).toMatchObject({ code: 0 });
    await project.write("aws-auth.yaml", (await project.read("aws-auth.yaml")).replace("- first", "- by-hand"));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toMatch(/groups:\n\s+- by-hand\n/);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  },
);
