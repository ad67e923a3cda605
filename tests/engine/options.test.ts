import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const entry = (name: string, group: string) =>
  `- groups:\n  - ${group}\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${name}\n`;
const foreign = entry("node", "system:nodes");

// In order, so that the bytes can be told beforehand.
const made = ["protected", "retained", "ignoring", "aliased", "renamed", "with", "targeted"] as const;

const program = `
  let last;
  const make = (name, role, more, options) =>
    (last = new IdentityMapping(name, { arn: "arn:aws:iam::111122223333:role/" + role, username: role, groups: ["dev"], ...more }, {
      dependsOn: last ? [last] : [],
      ...options,
    }));
  const { CASE } = process.env;
  const isLater = CASE === "later";
  make("protected", "protected", {}, { protect: true });
  if (!isLater) make("retained", "retained", {}, { retainOnDelete: true });
  const ignored = isLater ? { username: "other", groups: ["other"] } : {};
  const ignoring = make("ignoring", "ignoring", ignored, { ignoreChanges: ["groups"] });
  make(isLater ? "aliased-now" : "aliased", "aliased", {}, isLater ? { aliases: [{ name: "aliased" }] } : {});
  make(isLater ? "renamed-now" : "renamed", "renamed");
  make("with", "with", {}, { deletedWith: ignoring });
  make("targeted", "targeted", CASE === undefined ? {} : { groups: ["ops"] });
`;

describe("Pulumi's own options", () => {
  let project: TestProject;
  const later = () => project.with({ CASE: "later" });
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: foreign }));
    await project.program(program);
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

  it("ignoreChanges leaves a property to others", async () => {
    expect(await mapRoles()).toBe(expected(made));
    const byHand = (await project.read("aws-auth.yaml")).replace(
      "- dev\n      rolearn: arn:aws:iam::111122223333:role/ignoring",
      "- by-hand\n      rolearn: arn:aws:iam::111122223333:role/ignoring",
    );
    await project.write("aws-auth.yaml", byHand);
    expect(await mapRoles()).toBe(expected(made, { ignoring: entry("ignoring", "by-hand") }));
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("--target updates one resource and leaves the others", async () => {
    const urn = "urn:pulumi:test::test::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::targeted";
    const up = await later().up("--target", urn);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await mapRoles()).toBe(
      expected(made, { ignoring: entry("ignoring", "by-hand"), targeted: entry("targeted", "ops") }),
    );
  });

  it("retainOnDelete leaves the entry behind; aliases, and a rename without one, keep it; what is not ignored is updated", async () => {
    const up = await later().up();
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
