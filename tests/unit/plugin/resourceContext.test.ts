import { expect, it } from "vitest";
import { contextFor, ignoredSinceUpdate, parseUrn } from "../../../provider/plugin/resourceContext.ts";

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
