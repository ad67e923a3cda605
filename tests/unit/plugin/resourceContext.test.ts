import { expect, it } from "vitest";
import { ignoredSinceUpdate } from "../../../provider/plugin/resources.ts";

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
