import { afterEach, describe, expect, it } from "vitest";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const entry = (name: string, group: string) =>
  `- groups:\n  - ${group}\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${name}\n`;
const mapping = (name: string, role: string, group = "dev", options = "{}") =>
  `new IdentityMapping("${name}", { arn: "arn:aws:iam::111122223333:role/${role}", username: "${role}", groups: ["${group}"] }, ${options});`;

describe("Pulumi's own options", () => {
  let project: TestProject;
  afterEach(() => project.remove());

  /** Carries a program out in a project of its own, on a map that holds one foreign entry. */
  async function start(program: string): Promise<void> {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: entry("node", "system:nodes") }));
    await project.program(program);
    expect(await project.up()).toMatchObject({ code: 0 });
  }

  async function mapRoles(): Promise<string> {
    return (await project.read("aws-auth.yaml")).split("mapRoles: |\n")[1]?.replace(/^ {4}/gm, "") ?? "";
  }

  it("protect keeps the entry until it is lifted", async () => {
    await start(mapping("a", "a", "dev", "{ protect: true }"));
    const destroy = await project.destroy();
    expect(destroy.code).not.toBe(0);
    expect(destroy.output).toContain("protected");
    expect(await mapRoles()).toBe(entry("node", "system:nodes") + entry("a", "dev"));
    await project.pulumi("state", "unprotect", "--all", "--yes");
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await mapRoles()).toBe(entry("node", "system:nodes"));
  });

  it("retainOnDelete leaves the entry behind", async () => {
    await start(mapping("a", "a", "dev", "{ retainOnDelete: true }"));
    await project.program("");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(await mapRoles()).toBe(entry("node", "system:nodes") + entry("a", "dev"));
  });

  it("ignoreChanges leaves a property to others, also while another one is updated", async () => {
    await start(mapping("a", "a", "dev", '{ ignoreChanges: ["groups"] }'));
    const edited = (await project.read("aws-auth.yaml")).replace("- dev", "- by-hand");
    await project.write("aws-auth.yaml", edited);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    await project.program(
      mapping("a", "a", "other", '{ ignoreChanges: ["groups"] }').replace('username: "a"', 'username: "b"'),
    );
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await mapRoles()).toBe(
      entry("node", "system:nodes") + entry("a", "by-hand").replace("username: a", "username: b"),
    );
  });

  it("aliases rename a resource without touching the entry", async () => {
    await start(mapping("a", "a"));
    const before = await project.read("aws-auth.yaml");
    await project.program(mapping("renamed", "a", "dev", '{ aliases: [{ name: "a" }] }'));
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.read("aws-auth.yaml")).toBe(before);
  });

  it("a rename without an alias keeps the entry: the new resource takes it over before the old one goes", async () => {
    await start(mapping("a", "a"));
    const before = await project.read("aws-auth.yaml");
    await project.program(mapping("renamed", "a"));
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).toContain("+ 1 created");
    expect(up.output).toContain("- 1 deleted");
    expect(splitClaims(await project.read("aws-auth.yaml"))).toEqual(splitClaims(before));
  });

  it("deletedWith skips the delete of what goes with something else", async () => {
    await start(`const a = ${mapping("a", "a")} ${mapping("b", "b", "dev", "{ deletedWith: a }")}`);
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await mapRoles()).toBe(entry("node", "system:nodes") + entry("b", "dev"));
  });

  it("--target updates one resource and leaves the others", async () => {
    await start(mapping("a", "a") + mapping("b", "b"));
    await project.program(mapping("a", "a", "ops") + mapping("b", "b", "ops"));
    const urn = "urn:pulumi:test::test::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::b";
    expect(await project.up("--target", urn)).toMatchObject({ code: 0 });
    expect(await mapRoles()).toContain(entry("a", "dev"));
    expect(await mapRoles()).toContain(entry("b", "ops"));
  });
});
