import { describe, expect, it } from "vitest";
import { entry, iam, nodes } from "../../support/migration/world.ts";
import { type facts, found, liveAdmin, liveOf, report } from "./support.ts";

const dev = entry(iam("role/dev"), "dev", "viewers");
const admins = entry(iam("role/admins"), "admin", "system:masters");
const workers = { kind: "nodegroup", name: "workers", roleArn: iam("role/eng/workers") } as const;
const nodeEntry = liveOf({ principalArn: iam("role/eng/workers"), type: "EC2_LINUX" });
const admin = liveAdmin(iam("role/eng/admins"), "admin");
const unproven = { [iam("role/dev")]: { kind: "unknown", reason: "no" } as const };

describe("a cluster can go to API", () => {
  it.each<[string, Parameters<typeof facts>[0], string]>([
    ["where all have equal access entries", { entries: [admin, liveOf(), nodeEntry] }, "ready"],
    ["where nobody is in the map", { map: {}, entries: [admin, nodeEntry] }, "ready"],
    ["not where one has none", { entries: [admin, nodeEntry] }, "notReady"],
    ["not where EKS has made none for a node group", { entries: [admin, liveOf()] }, "notReady"],
    [
      "not where EKS has made none for a node group that is not in the map",
      { map: { mapRoles: dev }, entries: [admin, liveOf()] },
      "notReady",
    ],
    ["not from CONFIG_MAP", { mode: "CONFIG_MAP", map: {}, eksRoles: [] }, "notReady"],
    ["not where a key cannot be read", { map: { mapRoles: "- [\n" }, entries: [admin, nodeEntry] }, "notReady"],
    ["where nobody can prove it: not told", { entries: [admin, liveOf(), nodeEntry], principals: unproven }, "unknown"],
    [
      "where it is not known, and something is left: not, which is certain",
      { entries: [liveOf(), nodeEntry], principals: unproven },
      "notReady",
    ],
    ["where access entries cannot be read: not told", { entries: "not allowed" }, "unknown"],
    [
      "where nobody tells what EKS makes: not told",
      { map: { mapRoles: admins + dev }, entries: [admin, liveOf()], eksRoles: "not allowed" },
      "unknown",
    ],
    ["and is there", { mode: "API", map: {} }, "done"],
  ])("%s", (_title, given, expected) => {
    const map = { mapRoles: admins + dev + nodes("workers") };
    expect(report({ map, eksRoles: [workers], ...given }).verdict).toBe(expected);
  });

  it("one step after the other", () => {
    expect(report({ mode: "CONFIG_MAP" })).toMatchObject({
      nextMode: "API_AND_CONFIG_MAP",
      left: ["the mode API_AND_CONFIG_MAP comes first: it is what lets access entries be made"],
    });
    expect(report({})).toMatchObject({ nextMode: "API", left: [] });
    expect(report({ mode: "API" })).not.toHaveProperty("nextMode");
  });

  it("with notes on what could not be read, and on a missing permission once", () => {
    const denied = { kind: "unknown", reason: "iam:GetRole is not allowed", denial: "may not do iam:GetRole" } as const;
    const { notes } = report({
      map: { mapRoles: dev + admins },
      entries: "entries denied",
      eksRoles: "node groups denied",
      principals: { [iam("role/dev")]: denied, [iam("role/admins")]: denied },
    });
    expect(notes).toEqual([
      "the access entries cannot be read: entries denied",
      "what EKS makes access entries for cannot be read: node groups denied",
      "may not do iam:GetRole",
    ]);
    expect(report({}).notes).toEqual([expect.stringMatching(/^no access entry makes anybody an administrator/)]);
    expect(report({ entries: [admin] }).notes).toEqual([]);
  });
});

it("the roles of EKS are told once each, with all that has them", () => {
  const eksRoles = [workers, { ...workers, name: "more" }, { ...workers, kind: "fargateProfile", name: "f" } as const];
  expect(report({ eksRoles, entries: [nodeEntry] }).eksRoles).toMatchObject([
    { kind: "nodegroup", names: ["workers", "more"], status: "done" },
    { kind: "fargateProfile", names: ["f"], status: "toDo", state: "different" },
  ]);
});

it("a node group of Windows needs an access entry of that type", () => {
  const eksRoles = [workers, { ...workers, name: "windows", isWindows: true }];
  const found = ["EC2_LINUX", "EC2_WINDOWS"].map((type) =>
    report({ eksRoles, entries: [{ ...nodeEntry, type: type === "EC2_LINUX" ? type : "EC2_WINDOWS" }] }).eksRoles.map(
      ({ status, says }) => [status, says],
    ),
  );
  expect(found).toEqual([
    [["toDo", "its access entry is of the type EC2_LINUX, and not EC2_WINDOWS"]],
    [["done", "the access entry of EKS is there (EC2_WINDOWS)"]],
  ]);
});

describe("what will hold in mode API", () => {
  const shown = (given: Parameters<typeof facts>[0]) =>
    report({ map: { mapRoles: admins }, ...given }).administrators.map(({ arn, holds }) => [arn, holds]);
  const maker = liveAdmin(iam("role/maker"), "maker");

  it.each<[string, Parameters<typeof facts>[0], [string, string][]]>([
    ["an administrator of the map ends without an access entry", {}, [[iam("role/admins"), "ends"]]],
    ["stays with one", { entries: [admin] }, [[iam("role/admins"), "stays"]]],
    ["may have one", { entries: "not allowed" }, [[iam("role/admins"), "unknown"]]],
    [
      "an administrator by an access entry alone stays",
      { map: {}, entries: [maker], principals: { [iam("role/maker")]: found(iam("role/maker")) } },
      [[iam("role/maker"), "stays"]],
    ],
    [
      "ends where that is dead",
      { map: {}, entries: [maker], principals: { [iam("role/maker")]: { kind: "missing" } } },
      [[iam("role/maker"), "ends"]],
    ],
    [
      "ends where its role is in another path now",
      { map: {}, entries: [maker], principals: { [iam("role/maker")]: found(iam("role/new/maker")) } },
      [[iam("role/maker"), "ends"]],
    ],
    ["is not known where IAM does not tell", { map: {}, entries: [maker] }, [[iam("role/maker"), "unknown"]]],
    ["one that nobody can be is none", { map: { mapRoles: entry(iam("role/eng/x"), "x", "system:masters") } }, []],
  ])("%s", (_title, given, expected) => {
    expect(shown(given)).toEqual(expected);
  });

  const session = "arn:aws:sts::111122223333:assumed-role/dev/jane";
  it.each<[string, Parameters<typeof facts>[0], string, string]>([
    ["by the map, ends without an access entry", { caller: session }, "ends", "access by mapRoles entry 1 alone"],
    ["by the map, stays with one", { caller: session, entries: [liveOf()] }, "stays", "mapRoles entry 1: its access"],
    ["by an access entry alone", { caller: session, map: {}, entries: [liveOf()] }, "stays", "by an access entry, and"],
    ["by neither", { caller: iam("user/x") }, "unknown", "it is not in aws-auth, nor is an access entry for it"],
    ["as the creator perhaps", { caller: iam("user/x"), mode: "CONFIG_MAP" }, "unknown", "may be who made the cluster"],
    ["who is not known", {}, "unknown", "STS does not tell (no network)"],
  ])("the caller %s", (_title, given, holds, says) => {
    const { caller } = report({ map: { mapRoles: dev }, ...given });
    expect(caller).toMatchObject({ holds, says: expect.stringContaining(says) });
  });
});
