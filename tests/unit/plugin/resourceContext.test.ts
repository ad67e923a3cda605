import { expect, it } from "vitest";
import { ignoredSinceUpdate, labelOf, parseUrn } from "../../../provider/plugin/resourceContext.ts";

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

it.each([
  [undefined, "infra/prod a::b"],
  ["", "infra/prod a::b"],
  ["platform team", "platform team a::b"],
])("labels a resource with the owner %j in the settings as %j", (owner, expected) => {
  expect(labelOf(`urn:pulumi:prod::infra::${type}::a::b`, owner)).toBe(expected);
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
