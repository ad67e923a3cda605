import { describe, expect, it } from "vitest";
import { connectionKey, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { kubeconfigOf, settingsOf } from "./support.ts";

describe("connectionKey", () => {
  const prod = { name: "prod", region: "eu-central-1" };
  const kubeconfig = kubeconfigOf({ a: "https://a.example", b: "https://a.example/" });
  const config = { "aws-auth:profile": "p" };

  it.each([
    ["the same profile, named here and there", prod, { ...prod, profile: "p" }, true],
    ["another profile: another account may have a cluster of that name", prod, { ...prod, profile: "q" }, false],
    ["another role", prod, { ...prod, roleArn: "arn:aws:iam::111122223333:role/r" }, false],
    ["an account: other credentials lead to another", prod, { ...prod, account: "111122223333" }, false],
    ["two contexts of one API server", { kubeconfig, context: "a" }, { kubeconfig, context: "b" }, true],
    ["two spellings of a path", { manifest: "m.yaml" }, { manifest: "/program/m.yaml" }, true],
    ["two manifests", { manifest: "m.yaml" }, { manifest: "n.yaml" }, false],
  ])("of %s", async (_title, a, b, shared) => {
    const settings = settingsOf({ config });
    const keyOf = async (input: unknown) => connectionKey(await resolveClusterRef(input, settings), settings);
    expect((await keyOf(a)) === (await keyOf(b))).toBe(shared);
  });
});
