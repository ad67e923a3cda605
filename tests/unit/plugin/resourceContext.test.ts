import { expect, it } from "vitest";
import { ignoredSinceUpdate, labelOf } from "../../../provider/plugin/resourceContext.ts";

const type = "aws-auth:index:IdentityMapping";

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
