import { describe, expect, it } from "vitest";
import type { AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import type { IamPrincipal } from "../../../provider/cluster/eks/accessEntryApi.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { reportOn } from "../../../provider/migration/migrationReport.ts";
import { account, entry, iam, nodes } from "../../support/migration/world.ts";

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

function live(content: Partial<LiveAccessEntry> = {}): LiveAccessEntry {
  return {
    principalArn: iam("role/eng/dev"),
    type: "STANDARD",
    username: "dev",
    groups: ["viewers"],
    policies: [],
    arn: "arn:aws:eks:x",
    tags: {},
    createdAt: new Date("2026-02-01T00:00:00Z"),
    modifiedAt: new Date("2026-02-01T00:00:00Z"),
    ...content,
  };
}

const admin = live({
  principalArn: iam("role/eng/admins"),
  username: "admin",
  groups: [],
  policies: [
    {
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      scope: { type: "cluster" },
    },
  ],
});
const nodeEntry = (name: string, type: LiveAccessEntry["type"]) =>
  live({ principalArn: iam(`role/eng/${name}`), type, username: "system:node:x", groups: [] });

const dev = entry(iam("role/dev"), "dev", "viewers");
const user = (name: string) => `- userarn: ${iam(`user/${name}`)}\n  username: dev\n`;
const serviceRole = entry(iam("role/AWSServiceRoleForBatch"), "batch", "jobs");
const ofService = iam("role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch");
const foreign = iam("role/deploy", "444455556666");

describe("an entry of the map", () => {
  it.each<[string, string, Given, string, RegExp]>([
    [
      "needs an access entry",
      dev,
      {},
      "moves, to do",
      /^needs an access entry for arn:.*:role\/eng\/dev: username "dev", groups \["viewers"\]/,
    ],
    ["has an equal access entry", dev, { entries: [live()] }, "moves, done", /^its access entry is the same/],
    [
      "has another access entry",
      dev,
      { entries: [live({ username: "other", groups: [] })] },
      "moves, to do",
      /differs: username other instead of dev; groups \[\] instead of \[viewers\]/,
    ],
    [
      "has an access entry of a role that was made again",
      dev,
      {
        principals: { [iam("role/dev")]: { arn: iam("role/eng/dev"), createdAt: new Date() } },
        entries: [live()],
      },
      "moves, to do",
      /^its access entry gives no access, since its role or user was deleted and made again after it; delete it/,
    ],
    [
      "has an equal access entry beside that of an earlier path",
      dev,
      { entries: [live({ principalArn: iam("role/old/dev"), username: "old" }), live()] },
      "moves, done",
      /the same/,
    ],
    [
      "has a path that only its access entry tells",
      entry(foreign, "dev", "viewers"),
      { entries: [live({ principalArn: foreign.replace("role/", "role/far/") })] },
      "moves, done",
      /the same/,
    ],
    ["has a path that is not known", entry(foreign, "dev"), {}, "cannot", /^whether the role has a path is not known/],
    [
      "cannot move, whatever its path is",
      entry(foreign, "eks:dev"),
      {},
      "cannot",
      /^username "eks:dev" begins with "eks:"/,
    ],
    [
      "has a role that does not exist",
      dev,
      { principals: { [iam("role/dev")]: undefined } },
      "cannot",
      /^IAM has no role or user of this name; remove the entry/,
    ],
    ["is for nodes", nodes("workers"), {}, "moves, to do", /type EC2_LINUX/],
    [
      "is for a managed node group with its access entry",
      nodes("workers"),
      { eksRoles: [iam("role/eng/workers")], entries: [nodeEntry("workers", "EC2_LINUX")] },
      "stays, done",
      /^its access entry \(EC2_LINUX\) is made by EKS/,
    ],
    [
      "is for a managed node group without its access entry",
      nodes("workers"),
      { eksRoles: [iam("role/eng/workers")] },
      "stays, to do",
      /^EKS has not made its access entry; keep the entry until it is there/,
    ],
    [
      "is for a managed node group before the mode that has access entries",
      nodes("workers"),
      { eksRoles: [iam("role/eng/workers")], mode: "CONFIG_MAP" },
      "stays, to do",
      /^EKS makes its access entry with the next mode/,
    ],
    [
      "gives a managed node group more than nodes have",
      entry(iam("role/workers"), "boss", "system:masters"),
      { eksRoles: [iam("role/eng/workers")], entries: [nodeEntry("workers", "EC2_LINUX")] },
      "cannot",
      /has no group "system:masters"; remove it/,
    ],
    [
      "is for Fargate",
      nodes("pods", "system:node:{{SessionName}}", "system:node-proxier"),
      {},
      "stays, to do",
      /Fargate pods, for which EKS makes the access entry itself/,
    ],
    [
      "is for hybrid nodes with their access entry",
      nodes("hybrid", "system:node:{{SessionName}}"),
      { entries: [nodeEntry("hybrid", "HYBRID_LINUX")] },
      "stays, done",
      /HYBRID_LINUX/,
    ],
    ["is for hybrid nodes without one", nodes("hybrid", "system:node:{{SessionName}}"), {}, "cannot", /hybrid nodes/],
    [
      "is for the role of an AWS service",
      serviceRole,
      { principals: { [ofService]: { arn: ofService, createdAt } } },
      "cannot",
      /EKS refuses an access entry/,
    ],
    [
      "is for the role of an AWS service with its access entry",
      serviceRole,
      { entries: [live({ principalArn: ofService })] },
      "stays, done",
      /is made by AWS/,
    ],
    ["matches no identity", entry(iam("role/eng/dev"), "dev"), {}, "stays, done", /^no identity can log in with it: /],
    ["has no ARN", "- username: dev\n", {}, "stays, done", /^no identity can log in with it: /],
    [
      "is for a permission set",
      `- sso: {permissionSetName: A, accountID: "${account}"}\n  username: dev\n`,
      {},
      "cannot",
      /permission set's role/,
    ],
  ])("%s", (_title, mapRoles, given, status, reason) => {
    const [move] = report({ mapRoles }, given).entries;
    expect(statusOf(move)).toBe(status);
    expect(move?.reason).toMatch(reason);
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

  it("has its place and its content in the report", () => {
    expect(report({ mapRoles: dev }).entries).toMatchObject([
      { key: "mapRoles", position: 1, line: 1, arn: iam("role/dev"), username: "dev", groups: ["viewers"] },
    ]);
  });
});

it.each([
  ["2026-02-01T00:00:00.900Z", "2026-02-01T00:00:00Z", true],
  ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00.900Z", true],
  ["2026-02-01T00:00:00.900Z", "2026-02-01T00:00:01Z", false],
])("an access entry of %s beside a role of %s gives access: %s", (entryDate, roleDate, isDone) => {
  const principals = { [iam("role/dev")]: { arn: iam("role/eng/dev"), createdAt: new Date(roleDate) } };
  const { entries } = report({ mapRoles: dev }, { principals, entries: [live({ createdAt: new Date(entryDate) })] });
  expect(entries.map((move) => move.isDone)).toEqual([isDone]);
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
