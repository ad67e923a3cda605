import { describe, expect, it } from "vitest";
import type { AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import type { IamPrincipal } from "../../../provider/cluster/eks/accessEntryApi.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { reportOn } from "../../../provider/migration/migrationReport.ts";
import { account, entry, iam, nodes } from "../../support/migration/world.ts";
import { adminPolicy, live as liveEntry } from "../accessEntries/support.ts";

interface Given {
  readonly mode?: AuthenticationMode;
  readonly entries?: readonly LiveAccessEntry[];
  readonly eksRoles?: readonly string[];
  readonly principals?: Readonly<Record<string, IamPrincipal | undefined>>;
}

const createdAt = new Date("2026-01-01T00:00:00Z");

/** A cluster whose roles are in the path "eng/", and older than its access entries. */
function report(map: Readonly<Record<string, string>>, given: Given = {}) {
  const { mode = "API_AND_CONFIG_MAP", entries = [], eksRoles = [], principals = {} } = given;
  const roles = ["dev", "ops", "admins", "workers", "pods", "hybrid"];
  const known = roles.map((name) => [iam(`role/${name}`), { arn: iam(`role/eng/${name}`), createdAt }] as const);
  return reportOn('EKS cluster "prod"', {
    cluster: { authenticationMode: mode, account, partition: "aws" },
    document: parseMap(map),
    entries: Map.groupBy(entries, ({ principalArn }) => principalKey(principalArn)),
    eksRoles: new Set(eksRoles.map(principalKey)),
    principals: new Map<string, IamPrincipal | undefined>(
      [...known, ...Object.entries(principals)].map(([arn, answer]) => [principalKey(arn), answer]),
    ),
  });
}

const live = (content: Partial<LiveAccessEntry> = {}) => liveEntry({ principalArn: iam("role/eng/dev"), ...content });
const policies = [adminPolicy];
const admin = live({ principalArn: iam("role/eng/admins"), username: "admin", groups: [], policies });
const nodeEntry = (name: string, type: LiveAccessEntry["type"]) =>
  live({ principalArn: iam(`role/eng/${name}`), type, username: "system:node:x", groups: [] });

const dev = entry(iam("role/dev"), "dev", "viewers");
const user = (name: string) => `- userarn: ${iam(`user/${name}`)}\n  username: dev\n`;
const ofSet = `- sso: {permissionSetName: A, accountID: "${account}"}\n  username: dev\n`;
const serviceRole = entry(iam("role/AWSServiceRoleForBatch"), "batch", "jobs");
const ofService = iam("role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch");
const foreign = iam("role/deploy", "444455556666");
const farEntry = live({ principalArn: foreign.replace("role/", "role/far/") });
const ofEks: Given = { eksRoles: [iam("role/eng/workers")] };
const ofEksWithEntry: Given = { ...ofEks, entries: [nodeEntry("workers", "EC2_LINUX")] };
const fargate = nodes("pods", "system:node:{{SessionName}}", "system:node-proxier");
const hybrid = nodes("hybrid", "system:node:{{SessionName}}");
/** What IAM answers for the role of `dev`. */
const ofDev = (answer: IamPrincipal | undefined, ...entries: LiveAccessEntry[]): Given => {
  return { principals: { [iam("role/dev")]: answer }, entries };
};
const isEqual = "its access entry is the same";
const noLogin = "no identity can log in with it: ";

describe("an entry of the map", () => {
  it.each<[title: string, status: string, reason: string, mapRoles: string, given?: Given]>([
    ["has no access entry", "moves, to do", `needs an access entry for ${iam("role/eng/dev")}: username "dev"`, dev],
    ["has an equal access entry", "moves, done", isEqual, dev, { entries: [live()] }],
    [
      "has another access entry",
      "moves, to do",
      "its access entry differs: username other instead of dev; groups [] instead of [viewers]",
      dev,
      { entries: [live({ username: "other", groups: [] })] },
    ],
    [
      "has an access entry of a role that was made again",
      "moves, to do",
      "its access entry gives no access, since its role or user was deleted and made again after it; delete it",
      dev,
      ofDev({ arn: iam("role/eng/dev"), createdAt: new Date() }, live()),
    ],
    [
      "has an equal access entry beside that of an earlier path",
      "moves, done",
      isEqual,
      dev,
      { entries: [live({ principalArn: iam("role/old/dev"), username: "old" }), live()] },
    ],
    [
      "has a path that only its access entry tells",
      "moves, done",
      isEqual,
      entry(foreign, "dev", "viewers"),
      { entries: [farEntry] },
    ],
    ["has an unknown path", "cannot", "whether the role has a path is not known", entry(foreign, "dev")],
    ["cannot move in any path", "cannot", 'username "eks:dev" begins with "eks:"', entry(foreign, "eks:dev")],
    ["has no role", "cannot", "IAM has no role or user of this name; remove the entry", dev, ofDev(undefined)],
    ["is for nodes", "moves, to do", "type EC2_LINUX", nodes("workers")],
    ["is for nodes of EKS", "stays, done", "its access entry (EC2_LINUX) is made by EKS", nodes("workers"), ofEksWithEntry],
    ["waits for EKS", "stays, to do", "EKS has not made its access entry; keep the entry", nodes("workers"), ofEks],
    [
      "is for nodes of EKS before the mode that has access entries",
      "stays, to do",
      "EKS makes its access entry with the next mode",
      nodes("workers"),
      { ...ofEks, mode: "CONFIG_MAP" },
    ],
    [
      "gives nodes of EKS more than nodes have",
      "cannot",
      'has no group "system:masters"; remove it',
      entry(iam("role/workers"), "boss", "system:masters"),
      ofEksWithEntry,
    ],
    ["is for Fargate", "stays, to do", "Fargate pods, for which EKS makes the access entry itself", fargate],
    [
      "is for hybrid nodes with their access entry",
      "stays, done",
      "HYBRID_LINUX",
      hybrid,
      { entries: [nodeEntry("hybrid", "HYBRID_LINUX")] },
    ],
    ["is for hybrid nodes without one", "cannot", "hybrid nodes", hybrid],
    [
      "is for the role of an AWS service",
      "cannot",
      "EKS refuses an access entry",
      serviceRole,
      { principals: { [ofService]: { arn: ofService, createdAt } } },
    ],
    [
      "is for the role of an AWS service with its access entry",
      "stays, done",
      "is made by AWS",
      serviceRole,
      { entries: [live({ principalArn: ofService })] },
    ],
    ["matches no identity", "stays, done", noLogin, entry(iam("role/eng/dev"), "dev")],
    ["has no ARN", "stays, done", noLogin, "- username: dev\n"],
    ["is for a permission set", "cannot", "permission set's role", ofSet],
  ])("%s: %s", (_title, status, reason, mapRoles, given) => {
    const { entries } = report({ mapRoles }, given);
    expect(entries.map(statusOf)).toEqual([status]);
    expect(entries[0]?.reason).toContain(reason);
  });

  it("is unknown while a refused key may hold the one that counts", () => {
    const { entries, isReady } = report({ mapRoles: "- {", mapUsers: user("jane") }, { entries: [admin] });
    expect(entries.map(statusOf)).toEqual(["cannot"]);
    expect(entries[0]?.reason).toMatch(/^whether this entry counts is unknown: mapRoles cannot be read; line 1/);
    expect(isReady).toBe(false);
  });

  it("is shadowed by one of the same principal that counts", () => {
    const { entries } = report({ mapRoles: entry(iam("role/dev"), "a") + dev });
    expect(entries.map(statusOf)).toEqual(["stays, done", "moves, to do"]);
    expect(entries[0]?.reason).toBe("mapRoles entry 2 is for the same principal and counts instead; remove this one");
  });

  it("cannot move if the authenticator picks one of several at random", () => {
    const { entries } = report({ mapUsers: user("ann") + user("Ann") });
    expect(entries.map(statusOf)).toEqual(["cannot", "cannot"]);
    expect(entries[0]?.reason).toContain("at random; keep one of them");
  });

  it("of a user keeps the path that the map has", () => {
    expect(report({ mapUsers: user("eng/ann") }).entries[0]?.accessEntry?.principalArn).toBe(iam("user/eng/ann"));
  });

  it("of an account cannot move", () => {
    expect(report({ mapAccounts: `- "${account}"\n- x\n` }).entries.map(statusOf)).toEqual(["cannot", "stays, done"]);
  });
});

it.each([
  ["2026-02-01T00:00:00.900Z", "2026-02-01T00:00:00Z", true],
  ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00.900Z", true],
  ["2026-02-01T00:00:00.900Z", "2026-02-01T00:00:01Z", false],
])("an access entry of %s beside a role of %s gives access: %s", (entryDate, roleDate, isDone) => {
  const entry = live({ createdAt: new Date(entryDate) });
  const given = ofDev({ arn: iam("role/eng/dev"), createdAt: new Date(roleDate) }, entry);
  expect(report({ mapRoles: dev }, given).entries.map((move) => move.isDone)).toEqual([isDone]);
});

describe("a cluster", () => {
  const map = { mapRoles: dev + entry(iam("role/admins"), "admin", "system:masters") };

  it.each<[string, Readonly<Record<string, string>>, Given, boolean]>([
    ["can go to API where all have equal access entries", map, { entries: [admin, live()] }, true],
    ["cannot go to API where one has none", map, { entries: [admin] }, false],
    ["cannot go to API without an administrator", { mapRoles: dev }, { entries: [live()] }, false],
    ["cannot go on where a key cannot be read", { mapRoles: "- [\n" }, { entries: [admin] }, false],
    ["can go to API_AND_CONFIG_MAP, in which aws-auth goes on counting", map, { mode: "CONFIG_MAP" }, true],
    ["is in mode API already", {}, { mode: "API" }, true],
  ])("%s", (_title, data, given, isReady) => {
    expect(report(data, given).isReady).toBe(isReady);
  });

  it("has one mode after the other", () => {
    const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
    expect(modes.map((mode) => report({}, { mode }).nextMode)).toEqual(["API_AND_CONFIG_MAP", "API", undefined]);
  });

  it("reports what stands in the way besides its entries", () => {
    expect(report({ mapRoles: "- [\n" }).notes).toEqual([
      expect.stringMatching(/^mapRoles cannot be read; line 2, column 1: /),
      "no access entry makes an identity administrator",
    ]);
  });
});

function statusOf(move: ReturnType<typeof report>["entries"][number] | undefined): string {
  return move?.outcome === "cannot" ? "cannot" : `${move?.outcome}, ${move?.isDone ? "done" : "to do"}`;
}
