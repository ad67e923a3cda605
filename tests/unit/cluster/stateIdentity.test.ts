import { mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSameClusterState, resolveClusterRef, stateIdentity, stateOf } from "../../../provider/cluster/index.ts";
import { settingsOf, temporaryDirectory } from "./support.ts";

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
    [
      "another name, and an account that only one names",
      prod,
      { ...prod, name: "dev", account: "111122223333" },
      false,
    ],
    ["another way to the cluster", prod, { ...prod, profile: "p", account: "111122223333" }, true],
    ["one API server", { server: "0123456789ab" }, { server: "0123456789ab", context: "a" }, true],
    ["two API servers", { server: "0123456789ab" }, { server: "ba9876543210" }, false],
    ["two API servers of one URL", { server: "0123456789ab-ba9876543210" }, { server: "0123456789ab" }, false],
    [
      "an API server that is known to be the one without a proxy",
      { server: "0123456789ab-" },
      { server: "0123456789ab" },
      true,
    ],
    ["two spellings of a path", { manifest: "m.yaml" }, { manifest: "/program/m.yaml" }, true],
    ["an EKS cluster and a manifest", prod, { manifest: "prod" }, false],
    ["a cluster and none", prod, undefined, false],
  ])("for %s", (_title, a, b, same) => {
    expect(isSameClusterState(a, b, settings)).toBe(same);
    expect(isSameClusterState(b, a, settings)).toBe(same);
  });
});

describe("stateIdentity", () => {
  it.each([
    [{ ...prod, account: "111122223333", profile: "p" }, "eks:eu-central-1/111122223333/prod"],
    [prod, "eks:eu-central-1/prod"],
    [{ server: "0123456789ab", context: "c" }, "server:0123456789ab"],
    [{ server: "0123456789ab-" }, "server:0123456789ab"],
    [{ server: "0123456789ab-ba9876543210" }, "server:0123456789ab-ba9876543210"],
    [{ manifest: "m.yaml" }, "manifest:/program/m.yaml"],
    [{ name: "prod" }, undefined],
    [undefined, undefined],
  ])("of %j", (state, identity) => {
    expect(stateIdentity(state, settings)).toBe(identity);
  });

  it("of a manifest is where its path leads to, through links to files and to directories, whether it is there yet or not", async () => {
    const cwd = await realpath(await temporaryDirectory());
    await mkdir(join(cwd, "real", "sub"), { recursive: true });
    await mkdir(join(cwd, "links"));
    await symlink(join(cwd, "real", "sub"), join(cwd, "directory"));
    await symlink("../m.yaml", join(cwd, "real", "sub", "up.yaml"));
    await symlink(join("..", "real", "m.yaml"), join(cwd, "links", "one.yaml"));
    await symlink("one.yaml", join(cwd, "links", "two.yaml"));
    await symlink("round.yaml", join(cwd, "round.yaml"));
    const paths = [
      "real/m.yaml",
      "links/one.yaml",
      "links/two.yaml",
      "directory/../links/two.yaml",
      "directory/up.yaml",
    ];
    const identities = () => paths.map((manifest) => stateIdentity({ manifest }, settingsOf({ cwd })));
    const real = `manifest:${join(cwd, "real", "m.yaml")}`;
    expect(identities()).toEqual(paths.map(() => real));
    await writeFile(join(cwd, "real", "m.yaml"), "");
    expect(identities()).toEqual(paths.map(() => real));
    expect(stateIdentity({ manifest: "gone/m.yaml" }, settingsOf({ cwd }))).toBe(
      `manifest:${join(cwd, "gone/m.yaml")}`,
    );
    expect(stateIdentity({ manifest: "round.yaml" }, settingsOf({ cwd }))).toBe(`manifest:${join(cwd, "round.yaml")}`);
    // The state keeps the path as given, and moves to other machines with the program.
    const ref = await resolveClusterRef({ manifest: "links/two.yaml" }, settingsOf({ cwd }));
    expect(stateOf(ref)).toEqual({ manifest: "links/two.yaml" });
  });
});
