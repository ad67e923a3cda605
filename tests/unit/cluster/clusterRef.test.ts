import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idOf, parseId } from "../../../provider/cluster/clusterRef.ts";
import { connectionTo } from "../../../provider/cluster/connect.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import type { Settings } from "../../../provider/cluster/settings.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";

describe("parseId", () => {
  const arn = "arn:aws:iam::111122223333:role/team/admin";
  const eks = { name: "prod", region: "eu-central-1" };
  const known = { ...eks, account: "444455556666" };

  it.each([
    [arn, undefined, arn],
    ["111122223333", undefined, "111122223333"],
    [`eks:eu-central-1/444455556666/prod/${arn}`, known, arn],
    [`eks:eu-central-1/prod/${arn}`, eks, arn],
    ["eks:eu-central-1/444455556666/prod/111122223333", known, "111122223333"],
    [`server:0123456789ab/${arn}`, { server: "0123456789ab" }, arn],
    [`server:0123456789ab-ba9876543210/${arn}`, { server: "0123456789ab-ba9876543210" }, arn],
    [`manifest:maps/prod.yaml/${arn}`, { manifest: "maps/prod.yaml" }, arn],
  ])("parses %s", (id, cluster, subject) => {
    expect(parseId(id)).toEqual({ cluster, subject });
    expect(parseId(`API_AND_CONFIG_MAP:${id}`)).toBeUndefined();
  });

  it.each([
    ...[
      "",
      "nonsense",
      "prod",
      `prod/${arn}`,
      `eks:${arn}`,
      `eks:a/b/c/d/${arn}`,
      "11112222333",
      "arn:aws:s3:::bucket",
    ],
    ...["API:", `api:${arn}`, `API:API:${arn}`],
  ])("returns undefined for %j", (id) => {
    expect(parseId(id)).toBeUndefined();
  });

  it("parses the ID of a resource", () => {
    const ref = { kind: "eks", ...known, profile: undefined, roleArn: undefined } as const;
    expect(parseId(`${idOf(ref)}/${arn}`)?.cluster).toEqual(known);
  });
});

describe("the connection to a cluster", () => {
  const keyOf = async (input: unknown, settings: Settings) =>
    (await connectionTo(await resolveClusterRef(input, settings), settings)).key;
  const prod = { name: "prod", region: "eu-central-1" };
  const kubeconfig = kubeconfigOf({ a: "https://a.example", b: "https://a.example/" });
  const renewed = kubeconfigOf({ a: "https://a.example" }, { token: "another" });
  const roleArn = "arn:aws:iam::111122223333:role/r";
  const account = "111122223333";

  it.each([
    ["the same profile, from the stack and from the resource", prod, { ...prod, profile: "p" }, true],
    ["another profile", prod, { ...prod, profile: "q" }, false],
    ["another role", prod, { ...prod, roleArn }, false],
    ["the same role", { ...prod, roleArn }, { ...prod, profile: "p", roleArn }, true],
    [
      "a cluster with and without account, because the credentials determine the account",
      prod,
      { ...prod, account },
      true,
    ],
    ["another region", prod, { ...prod, region: "eu-west-1" }, false],
    ["another name", prod, { ...prod, name: "dev" }, false],
    ["the only context, named or not", { kubeconfig: renewed, context: "a" }, { kubeconfig: renewed }, true],
    [
      "two contexts of a server, each with its own user",
      { kubeconfig, context: "a" },
      { kubeconfig, context: "b" },
      false,
    ],
    ["other credentials in a context", { kubeconfig, context: "a" }, { kubeconfig: renewed, context: "a" }, false],
    ["two spellings of a path", { manifest: "m.yaml" }, { manifest: "/program/m.yaml" }, true],
    ["two manifests", { manifest: "m.yaml" }, { manifest: "n.yaml" }, false],
  ])("is shared only for the same cluster and credentials: %s", async (_title, a, b, shared) => {
    const settings = settingsOf({ config: { "aws-auth:profile": "p" } });
    expect((await keyOf(a, settings)) === (await keyOf(b, settings))).toBe(shared);
  });

  it("is shared by all links to a manifest", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "k8s"));
    await writeFile(join(cwd, "k8s", "m.yaml"), "");
    await symlink("k8s/m.yaml", join(cwd, "link.yaml"));
    await symlink("k8s", join(cwd, "directory"));
    const paths = ["k8s/m.yaml", "link.yaml", "directory/m.yaml"];
    const keys = await Promise.all(paths.map((manifest) => keyOf({ manifest }, settingsOf({ cwd }))));
    expect(new Set(keys).size).toBe(1);
  });

  it("uses the profile of the environment", async () => {
    const settings = settingsOf({ env: { AWS_AUTH_PROFILE: "q" } });
    expect(await keyOf(prod, settings)).toBe(await keyOf({ ...prod, profile: "p" }, settings));
  });
});
