import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveClusterRef, type Settings, wayTo } from "../../../provider/cluster/index.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "./support.ts";

const keyOf = async (input: unknown, settings: Settings) =>
  (await wayTo(await resolveClusterRef(input, settings), settings)).key;

describe("the way to a cluster", () => {
  const prod = { name: "prod", region: "eu-central-1" };
  const kubeconfig = kubeconfigOf({ a: "https://a.example", b: "https://a.example/" });
  const renewed = kubeconfigOf({ a: "https://a.example" }, { token: "another" });
  const config = { "aws-auth:profile": "p" };
  const roleArn = "arn:aws:iam::111122223333:role/r";

  it.each([
    ["the same profile, named here and there", prod, { ...prod, profile: "p" }, true],
    ["another profile", prod, { ...prod, profile: "q" }, false],
    ["another role", prod, { ...prod, roleArn }, false],
    ["the same role", { ...prod, roleArn }, { ...prod, profile: "p", roleArn }, true],
    [
      "an account beside none: the credentials decide which one is reached",
      prod,
      { ...prod, account: "111122223333" },
      true,
    ],
    ["another region", prod, { ...prod, region: "eu-west-1" }, false],
    ["another name", prod, { ...prod, name: "dev" }, false],
    ["the only context, named or not", { kubeconfig: renewed, context: "a" }, { kubeconfig: renewed }, true],
    [
      "two contexts of one API server: each has its own user",
      { kubeconfig, context: "a" },
      { kubeconfig, context: "b" },
      false,
    ],
    [
      "other credentials in a context of the same name",
      { kubeconfig, context: "a" },
      { kubeconfig: renewed, context: "a" },
      false,
    ],
    ["two spellings of a path", { manifest: "m.yaml" }, { manifest: "/program/m.yaml" }, true],
    ["two manifests", { manifest: "m.yaml" }, { manifest: "n.yaml" }, false],
  ])("is shared or not by %s", async (_title, a, b, shared) => {
    const settings = settingsOf({ config });
    expect((await keyOf(a, settings)) === (await keyOf(b, settings))).toBe(shared);
  });

  it("is one for two links to a manifest", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "k8s"));
    await writeFile(join(cwd, "k8s", "m.yaml"), "");
    await symlink("k8s/m.yaml", join(cwd, "link.yaml"));
    await symlink("k8s", join(cwd, "directory"));
    const settings = settingsOf({ cwd });
    const keys = await Promise.all(
      ["k8s/m.yaml", "link.yaml", "directory/m.yaml"].map((manifest) => keyOf({ manifest }, settings)),
    );
    expect(new Set(keys).size).toBe(1);
  });

  it("is what the environment says, for all that it says it of", async () => {
    const settings = settingsOf({ env: { AWS_AUTH_PROFILE: "q" } });
    expect(await keyOf(prod, settings)).toBe(await keyOf({ ...prod, profile: "p" }, settings));
  });
});
