import { describe, expect, it } from "vitest";
import {
  type AuthenticationMode,
  deathOf,
  type IamPrincipal,
  type LiveAccessEntry,
} from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { reportOn } from "../../../provider/reports/migrationReport.ts";
import { isMissingPrincipal, type MissingPrincipal } from "../../../provider/reports/readCluster.ts";
import { adminPolicy, live as liveEntry, missing } from "../../support/accessEntries.ts";
import { account, entry, iam, nodes } from "../../support/migration/world.ts";

interface Given {
  readonly mode?: AuthenticationMode;
  readonly entries?: readonly LiveAccessEntry[];
  readonly eksRoles?: readonly string[];
  readonly principals?: Readonly<Record<string, IamPrincipal | MissingPrincipal>>;
}

const createdAt = new Date("2026-01-01T00:00:00Z");

/** A cluster whose roles are in the path "eng/", and older than its access entries. */
function report(map: Readonly<Record<string, string>>, given: Given = {}) {
  const { mode = "API_AND_CONFIG_MAP", entries = [], eksRoles = [], principals = {} } = given;
  const roles = ["dev", "ops", "admins", "workers", "pods", "hybrid"];
  const known = roles.map((name) => [iam(`role/${name}`), { arn: iam(`role/eng/${name}`), createdAt }] as const);
  const all = new Map<string, IamPrincipal | MissingPrincipal>(
    [...known, ...Object.entries(principals)].map(([arn, answer]) => [principalKey(arn), answer]),
  );
  const read = entries.map((entry) => {
    const found = all.get(principalKey(entry.principalArn));
    return found === undefined
      ? entry
      : { ...entry, death: deathOf(entry, isMissingPrincipal(found) ? undefined : found) };
  });
  return reportOn('EKS cluster "prod"', {
    cluster: { authenticationMode: mode, account, partition: "aws" },
    access: clusterAccess(parseMap(map), mode, { value: read }),
    eksRoles: new Set(eksRoles.map(principalKey)),
    principals: all,
  });
}

const live = (content: Partial<LiveAccessEntry> = {}) => liveEntry({ principalArn: iam("role/eng/dev"), ...content });
const has = (...entries: readonly LiveAccessEntry[]): Given => ({ entries });
const policies = [adminPolicy];
const admin = live({ principalArn: iam("role/eng/admins"), username: "admin", groups: [], policies });
const other = live({ username: "other", groups: [] });
const nodeEntry = (name: string, type: LiveAccessEntry["type"]) =>
  live({ principalArn: iam(`role/eng/${name}`), type, username: "system:node:x", groups: [] });

const dev = entry(iam("role/dev"), "dev", "viewers");
const user = (name: string) => `- userarn: ${iam(`user/${name}`)}\n  username: dev\n`;
const foreign = iam("role/deploy", "444455556666");
const farEntry = live({ principalArn: foreign.replace("role/", "role/far/") });
const ofSet = `- sso: {permissionSetName: A, accountID: "${account}"}\n  username: dev\n`;
const ofBatch = entry(iam("role/AWSServiceRoleForBatch"), "batch", "jobs");
const batch = iam("role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch");
const boss = entry(iam("role/workers"), "boss", "system:masters");
/** The role of a managed node group, with or without its access entry. */
const ofEks = (...entries: LiveAccessEntry[]): Given => ({ eksRoles: [iam("role/eng/workers")], entries });
const workers = nodeEntry("workers", "EC2_LINUX");
const fargate = nodes("pods", "system:node:{{SessionName}}", "system:node-proxier");
const hybrid = nodes("hybrid", "system:node:{{SessionName}}");
/** The response of IAM for the role of `dev`. */
const ofDev = (answer: IamPrincipal | MissingPrincipal, ...entries: LiveAccessEntry[]): Given => {
  return { principals: { [iam("role/dev")]: answer }, entries };
};
const later = (name: string) => ({ arn: iam(`role/eng/${name}`), createdAt: new Date("2026-03-01") });
const recreated = later("dev");
const newWorkers: Given = { ...ofEks(workers), principals: { [iam("role/workers")]: later("workers") } };

describe("an entry of the map", () => {
  it.each<[status: string, reason: string, mapRoles: string, given?: Given]>([
    ["moves, to do", `needs an access entry for ${iam("role/eng/dev")}: username "dev"`, dev],
    ["moves, done", "its access entry has the same content", dev, has(live())],
    ["moves, to do", "differs: username other instead of dev; groups [] instead of [viewers]", dev, has(other)],
    [
      "moves, to do",
      "since the role or user was recreated after the access entry was created",
      dev,
      ofDev(recreated, live()),
    ],
    [
      "stays, to do",
      "since the role or user was recreated after the access entry was created",
      nodes("workers"),
      newWorkers,
    ],
    ["moves, to do", `is now ${iam("role/eng/dev")}; delete`, dev, has(live({ principalArn: iam("role/old/dev") }))],
    // Next to the access entry of an earlier path.
    ["moves, done", "the same", dev, has(live({ principalArn: iam("role/old/dev"), username: "old" }), live())],
    // The path is known from the access entry only.
    ["moves, done", "the same", entry(foreign, "dev", "viewers"), has(farEntry)],
    ["cannot", "it is unknown whether the role has a path", entry(foreign, "dev")],
    ["cannot", 'username "eks:dev" starts with "eks:"', entry(foreign, "eks:dev")],
    ["cannot", "IAM has no role or user with this name; remove the entry", dev, ofDev(missing)],
    ["moves, to do", "type EC2_LINUX", nodes("workers")],
    ["stays, done", "its access entry (EC2_LINUX) is managed by EKS", nodes("workers"), ofEks(workers)],
    ["stays, to do", "EKS has not created its access entry; keep this entry until", nodes("workers"), ofEks()],
    ["stays, to do", "in the next mode", nodes("workers"), { ...ofEks(), mode: "CONFIG_MAP" }],
    [
      "cannot",
      'does not have all groups of the aws-auth entry; remove "system:masters" from the aws-auth entry',
      boss,
      ofEks(workers),
    ],
    ["stays, to do", "Fargate pods, whose access entry EKS creates", fargate],
    ["stays, done", "HYBRID_LINUX", hybrid, has(nodeEntry("hybrid", "HYBRID_LINUX"))],
    ["cannot", "hybrid nodes", hybrid],
    ["cannot", "only that service can create", ofBatch, { principals: { [batch]: { arn: batch, createdAt } } }],
    ["stays, done", "is managed by AWS", ofBatch, has(live({ principalArn: batch }))],
    [
      "stays, done",
      "has the role's path, which AWS omits from session ARNs; remove the entry",
      entry(iam("role/eng/dev"), "dev"),
    ],
    ["stays, done", "no identity matches this entry: ", "- username: dev\n"],
    ["cannot", "permission set's role", ofSet],
  ])("%s: %s", (status, reason, mapRoles, given) => {
    const { entries } = report({ mapRoles }, given);
    expect(entries.map(statusOf)).toEqual([status]);
    expect(entries[0]?.reason).toContain(reason);
  });

  it("is unknown if a key that cannot be parsed may contain the entry in force", () => {
    const { entries, isReady } = report({ mapRoles: "- {", mapUsers: user("jane") }, { entries: [admin] });
    expect(entries.map(statusOf)).toEqual(["cannot"]);
    expect(entries[0]?.reason).toMatch(/^it is unknown whether this entry takes effect: mapRoles cannot be read; line/);
    expect(isReady).toBe(false);
  });

  it("is shadowed by the entry in force for the same principal", () => {
    const { entries } = report({ mapRoles: entry(iam("role/dev"), "a") + dev });
    expect(entries.map(statusOf)).toEqual(["stays, done", "moves, to do"]);
    expect(entries[0]?.reason).toBe("mapRoles entry 2 for the same principal takes precedence; remove this entry");
  });

  it("cannot move if the authenticator picks one of several at random", () => {
    const { entries } = report({ mapUsers: user("ann") + user("Ann") });
    expect(entries.map(statusOf)).toEqual(["cannot", "cannot"]);
    expect(entries[0]?.reason).toContain("at random; keep one");
  });

  it("of a user keeps its path", () => {
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
])("an access entry of %s for a role of %s grants access: %s", (entryDate, roleDate, isDone) => {
  const entry = live({ createdAt: new Date(entryDate) });
  const given = ofDev({ arn: iam("role/eng/dev"), createdAt: new Date(roleDate) }, entry);
  expect(report({ mapRoles: dev }, given).entries.map((move) => move.isDone)).toEqual([isDone]);
});

describe("a cluster", () => {
  const map = { mapRoles: dev + entry(iam("role/admins"), "admin", "system:masters") };

  const newAdmins = { ...has(admin, live()), principals: { [iam("role/admins")]: later("admins") } };
  it.each<[string, Readonly<Record<string, string>>, Given, boolean]>([
    ["can change to API if all entries have equal access entries", map, has(admin, live()), true],
    ["cannot change to API if an entry has no access entry", map, has(admin), false],
    ["cannot change to API without an administrator", { mapRoles: dev }, has(live()), false],
    ["cannot change to API without an administrator that can log in", { mapRoles: dev }, newAdmins, false],
    ["cannot change if a key cannot be parsed", { mapRoles: "- [\n" }, has(admin), false],
    ["can change to API_AND_CONFIG_MAP, which still uses aws-auth", map, { mode: "CONFIG_MAP" }, true],
    ["is ready if it is in mode API", {}, { mode: "API" }, true],
  ])("%s", (_title, data, given, isReady) => {
    expect(report(data, given).isReady).toBe(isReady);
  });

  it("changes one mode at a time", () => {
    const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;
    expect(modes.map((mode) => report({}, { mode }).nextMode)).toEqual(["API_AND_CONFIG_MAP", "API", undefined]);
  });

  it("reports obstacles other than its entries", () => {
    expect(report({ mapRoles: "- [\n" }).notes).toEqual([
      expect.stringMatching(/^mapRoles cannot be read; line 2, column 1: /),
      "no access entry grants administrator rights",
    ]);
  });
});

function statusOf(move: ReturnType<typeof report>["entries"][number] | undefined): string {
  return move?.outcome === "cannot" ? "cannot" : `${move?.outcome}, ${move?.isDone ? "done" : "to do"}`;
}
