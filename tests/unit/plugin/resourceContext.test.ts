import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contextFor, ignoredSinceUpdate, organizationOf, parseUrn } from "../../../provider/plugin/resourceContext.ts";

const type = "aws-auth:index:IdentityMapping";

it.each([
  [`urn:pulumi:prod::infra::${type}::admin`, { stack: "prod", project: "infra", type, name: "admin" }],
  [`urn:pulumi:prod::infra::a:b:C$${type}::a::b $ c`, { stack: "prod", project: "infra", type, name: "a::b $ c" }],
])("reads the URN %s", (urn, parts) => {
  expect(parseUrn(urn)).toEqual(parts);
});

it.each(["", "urn:pulumi:prod", "urn:pulumi:prod::infra::::name", "nonsense"])("knows that %j is no URN", (text) => {
  expect(parseUrn(text)).toBeUndefined();
});

it("labels a resource by the owner in the settings, and by its whole name", () => {
  const { label } = contextFor(`urn:pulumi:prod::infra::${type}::a::b`, [], [], "platform team");
  expect(label).toBe("platform team a::b");
});

it.each([
  [["groups"], {}, ["groups"]],
  [["groups"], { username: "x" }, ["groups"]],
  [["groups[0]", "username"], { groups: ["x"] }, ["username"]],
  [["*"], {}, ["*"]],
  [["*"], { adopt: true }, []],
])("takes of %j, after a change to %j, what the options still ignore", (ignored, change, expected) => {
  const olds = { username: "dev", groups: ["viewers"] };
  expect(ignoredSinceUpdate({ __ignored: ignored }, olds, { ...olds, ...change })).toEqual(expected);
});

describe("the organization", () => {
  let directory: string;
  const project = "name: infra\nbackend:\n  # Where the state is.\n  url: s3://state\nruntime: yaml\n";

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "aws-auth-context-"));
    await mkdir(join(directory, "program"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("of a backend other than Pulumi Cloud is that of all of them", async () => {
    expect(organizationOf({ PULUMI_BACKEND_URL: "file://~" }, directory)).toBe("organization");
    await writeFile(join(directory, "Pulumi.yaml"), project);
    expect(organizationOf({}, join(directory, "program"))).toBe("organization");
  });

  it("is not known in Pulumi Cloud, and where nothing says which backend it is", async () => {
    await writeFile(join(directory, "Pulumi.yaml"), project.replace("s3://state", "https://api.pulumi.com"));
    expect(organizationOf({}, join(directory, "program"))).toBeUndefined();
    expect(organizationOf({ PULUMI_BACKEND_URL: "https://api.pulumi.com" }, directory)).toBeUndefined();
    await writeFile(join(directory, "Pulumi.yaml"), "name: infra\nruntime: yaml\n");
    expect(organizationOf({}, directory)).toBeUndefined();
  });
});
