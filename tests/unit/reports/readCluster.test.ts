import { describe, expect, it, vi } from "vitest";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { isMissingPrincipal, readCluster, type WhatToRead } from "../../../provider/reports/readCluster.ts";
import { missing } from "../../support/accessEntries.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, setEnv, settingsOf } from "../../support/cluster/kubeconfigs.ts";
import { entry, iam, type MigrationWorld, migrationWorld } from "../../support/migration/world.ts";

const foreign = iam("role/vendor", "444455556666");
const map = {
  mapRoles: ["dev", "typo"].map((name) => entry(iam(`role/${name}`), name)).join("") + entry(foreign, "vendor"),
  mapUsers: `- userarn: ${iam("user/jane")}\n  username: jane\n- userarn: ${iam("user/eng/jane")}\n  username: j\n- userarn: ${iam("root")}\n`,
};
const all: WhatToRead["accessEntries"] = (entries) => entries.all();

/** Creates the access entries of two roles, and deletes the roles. */
function deleteRoles({ aws }: MigrationWorld): void {
  aws.addServiceEntry("prod", iam("role/eng/dev"), { type: "STANDARD" });
  aws.principals.delete(iam("role/eng/dev"));
  aws.addServiceEntry("prod", iam("role/eng/ops"), { type: "STANDARD" });
  aws.principals.delete(iam("role/eng/ops"));
}

async function read({ aws, caller }: MigrationWorld, what: WhatToRead) {
  const env = aws.env(caller);
  setEnv(env);
  const settings = settingsOf({ env });
  return readCluster(await resolveClusterRef("prod", settings), settings, what);
}

describe("the principals of a cluster", () => {
  it("are read from IAM once each, for the access entries and the map", async () => {
    const world = await migrationWorld(map);
    deleteRoles(world);
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 10_000);
    world.aws.principals.create(iam("role/eng/dev"));
    later.mockRestore();
    world.aws.principals.create(iam("role/ops"));
    const { access, principals, iamNotes, notes } = await read(world, { accessEntries: all, iam: "all" });
    expect(
      [...principals].map(([key, found]) => [key, isMissingPrincipal(found) ? "none" : found.arn]).toSorted(),
    ).toEqual([
      [iam("role/creator"), iam("role/creator")],
      [iam("role/dev"), iam("role/eng/dev")],
      [iam("role/ops"), iam("role/ops")],
      [iam("role/typo"), "none"],
      [iam("role/workers"), iam("role/eks/workers")],
      [iam("user/eng/jane"), "none"],
      [iam("user/jane"), iam("user/jane")],
    ]);
    expect(access.accessEntries.flatMap(({ death }) => death?.kind ?? [])).toEqual(["recreated", "absent"]);
    expect(world.aws.count("GetRole")).toBe(5);
    expect(iamNotes).toEqual([
      "IAM cannot be read for 1 principal, so a deleted or recreated role or user may be missed: iam:GetRole and iam:GetUser return only principals of the cluster's account",
    ]);
    expect(notes).toEqual(iamNotes);
  });

  it.each<[title: string, what: WhatToRead, mode: "CONFIG_MAP" | "API_AND_CONFIG_MAP", calls: string[]]>([
    ["of the selected access entries", { accessEntries: all, iam: "accessEntries" }, "API_AND_CONFIG_MAP", roles(4)],
    [
      "of the map in mode CONFIG_MAP",
      { accessEntries: all, iam: "all" },
      "CONFIG_MAP",
      [...roles(2), "GetUser", "GetUser"],
    ],
    ["of no one unless requested", { accessEntries: all }, "API_AND_CONFIG_MAP", []],
  ])("are the principals %s", async (_title, what, mode, calls) => {
    const world = await migrationWorld(map, mode);
    if (mode !== "CONFIG_MAP") {
      deleteRoles(world);
    }
    const { access } = await read(world, what);
    expect(world.aws.operations.filter((name) => /^Get(?:Role|User)$/.test(name)).toSorted()).toEqual(calls);
    const isDead = access.accessEntries.some(({ death }) => death !== undefined);
    expect(isDead).toBe(what.iam === "accessEntries");
  });

  it("include the current role of a permission set if IAM Identity Center has replaced it", async () => {
    const ofSet = (set: string, hash: string, path = "") => iam(`role/${path}AWSReservedSSO_${set}_${hash.repeat(16)}`);
    const [gone, current] = [ofSet("Dev", "a"), ofSet("Dev", "b", "aws-reserved/sso.amazonaws.com/eu-central-1/")];
    const [removed, other] = [ofSet("Ops", "a"), ofSet("DevOps", "c", "aws-reserved/sso.amazonaws.com/")];
    const world = await migrationWorld({ mapRoles: entry(gone, "dev") + entry(removed, "ops") + entry(foreign, "v") });
    for (const arn of [other, current]) {
      world.aws.principals.create(arn);
    }
    const what: WhatToRead = { accessEntries: all, iam: "all" };
    const { principals, iamNotes } = await read(world, what);
    expect([principals.get(principalKey(gone)), principals.get(principalKey(removed))]).toEqual([
      { ...missing, successor: current },
      missing,
    ]);
    expect([world.aws.count("ListRoles"), iamNotes.length]).toEqual([1, 1]);
    world.aws.permit(world.caller, [...eksActions, "iam:GetRole"]);
    const refused = await read(world, what);
    expect(refused.principals.get(principalKey(gone))).toEqual(missing);
    // Principals of other accounts have a note of their own.
    expect(refused.iamNotes).toEqual([
      expect.stringMatching(
        /^IAM cannot be read for 1 principal, .*: iam:GetRole and iam:GetUser return only principals/,
      ),
      expect.stringMatching(
        /^the current roles of IAM Identity Center are unknown: .* cannot perform iam:ListRoles \(/,
      ),
    ]);
  });

  it("are unknown if IAM refuses the request, and one note contains the action", async () => {
    const world = await migrationWorld(map);
    deleteRoles(world);
    world.aws.permit(world.caller, eksActions);
    const { access, principals, notes } = await read(world, { accessEntries: all, iam: "all" });
    expect([principals.size, access.accessEntries.filter(({ death }) => death)]).toEqual([0, []]);
    expect(notes).toEqual([
      expect.stringMatching(/^IAM cannot be read for 8 principals, .* cannot perform iam:GetRole \(/),
    ]);
  });

  it("are not read with a kubeconfig", async () => {
    const { url } = await startApiServer(map);
    const settings = settingsOf({});
    const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ dev: url }) }, settings);
    const { principals, iamNotes } = await readCluster(ref, settings, { accessEntries: all, iam: "all" });
    expect([principals.size, iamNotes]).toEqual([0, []]);
  });
});

function roles(count: number): string[] {
  return Array(count).fill("GetRole");
}

const eksActions = ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"].map(
  (action) => `eks:${action}`,
);
