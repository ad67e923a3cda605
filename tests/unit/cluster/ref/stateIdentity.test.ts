import { describe, expect, it } from "vitest";
import { isSameClusterState, stateIdentity } from "../../../../provider/cluster/index.ts";
import { settingsOf } from "../support.ts";

const prod = { name: "prod", region: "eu-central-1" };
const settings = settingsOf({});

describe("isSameClusterState", () => {
  it.each([
    ["equal names", prod, prod, true],
    ["another name", prod, { ...prod, name: "dev" }, false],
    ["another region", prod, { ...prod, region: "eu-west-1" }, false],
    ["one account", { ...prod, account: "111122223333" }, { ...prod, account: "111122223333" }, true],
    ["two accounts", { ...prod, account: "111122223333" }, { ...prod, account: "444455556666" }, false],
    ["an account that only one names", prod, { ...prod, account: "111122223333" }, true],
    ["another way to the cluster", prod, { ...prod, profile: "p", account: "111122223333" }, true],
    ["one API server", { server: "0123456789ab" }, { server: "0123456789ab", context: "a" }, true],
    ["two API servers", { server: "0123456789ab" }, { server: "ba9876543210" }, false],
    ["two spellings of a path", { manifest: "m.yaml" }, { manifest: "/program/m.yaml" }, true],
    ["an EKS cluster and a manifest", prod, { manifest: "prod" }, false],
    ["a cluster and none", prod, undefined, false],
  ])("for %s", (_title, a, b, same) => {
    expect(isSameClusterState(a, b, settings)).toBe(same);
    expect(isSameClusterState(b, a, settings)).toBe(same);
  });
});

describe("stateIdentity", () => {
  it("does not depend on the account, which not every state of a cluster names", () => {
    expect(stateIdentity({ ...prod, account: "111122223333" }, settings)).toBe(stateIdentity(prod, settings));
  });
});
