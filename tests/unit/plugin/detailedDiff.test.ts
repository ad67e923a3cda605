import { expect, it } from "vitest";
import { propertyChanges, stableProperties } from "../../../provider/plugin/detailedDiff.ts";

const olds = {
  cluster: { name: "prod", region: "eu-central-1", account: "111122223333" },
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev",
  groups: ["a", "b", "c"],
};

const lines = (news: object, replaces: readonly string[] = []) =>
  propertyChanges(olds, { ...olds, ...news }, replaces).map(({ path, change, isReplacing }) =>
    [path, change.toLowerCase(), ...(isReplacing ? ["replacing"] : [])].join(" "),
  );

it("names what is added, updated and deleted", () => {
  expect(lines({ username: "developer", adopt: true, groups: undefined })).toEqual([
    "username update",
    "groups delete",
    "adopt add",
  ]);
});

it.each([
  [["a", "x", "c"], ["groups[1] update"]],
  [["a"], ["groups[1] delete", "groups[2] delete"]],
  [["x", "a", "b", "c"], ["groups[0] add"]],
  [["c", "b", "a"], []],
  [
    ["b", "c", "x", "y"],
    ["groups[0] delete", "groups[2] add", "groups[3] add"],
  ],
])("takes groups as a set: %j", (groups, expected) => {
  expect(lines({ groups })).toEqual(expected);
});

it("shows groups that are not known as a whole", () => {
  expect(lines({ groups: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })).toEqual(["groups update"]);
});

it("shows of a cluster how it is reached, and what it is only if that replaces the mapping", () => {
  const { account: _account, ...unsure } = olds.cluster;
  expect(lines({ cluster: { ...unsure, profile: "ops" } })).toEqual(["cluster.profile add"]);
  expect(lines({ cluster: { ...olds.cluster, name: "test" } }, ["cluster"])).toEqual(["cluster.name update replacing"]);
  expect(lines({ cluster: { manifest: "aws-auth.yaml" } }, ["cluster"])).toEqual([
    "cluster.name delete replacing",
    "cluster.region delete replacing",
    "cluster.account delete replacing",
    "cluster.manifest add replacing",
  ]);
});

it("reports which properties stay", () => {
  expect(stableProperties(olds, { ...olds, username: "x" })).toEqual(["cluster", "arn"]);
  expect(stableProperties(olds, { ...olds, arn: olds.arn.toUpperCase() })).toEqual(["cluster"]);
});
