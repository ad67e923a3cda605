import { describe, expect, it } from "vitest";
import type { AccessEntryType } from "../../../provider/accessEntries/index.ts";
import { account, entry, iam, nodes } from "../../support/migration/world.ts";
import { type facts, firstEntry, found, liveOf } from "./support.ts";

const dev = { mapRoles: entry(iam("role/dev"), "dev", "viewers") };
const foreign = iam("role/deploy", "444455556666");
const unknown = { kind: "unknown", reason: "iam:GetRole is not allowed" } as const;
const workers = { kind: "nodegroup", name: "workers", roleArn: iam("role/eng/workers") } as const;
const pods = { kind: "fargateProfile", name: "batch", roleArn: iam("role/eng/pods") } as const;
const nodeEntry = (name: string, type: AccessEntryType) =>
  liveOf({ principalArn: iam(`role/eng/${name}`), type, username: "system:node:x", groups: [] });

const windows = { mapRoles: nodes("workers", undefined, "eks:kube-proxy-windows") };

const inShort = ({ moves, status, state }: ReturnType<typeof firstEntry>) => `${moves} ${status} ${state}`;

describe("an entry that moves", () => {
  it.each<[string, Parameters<typeof facts>[0], string]>([
    ["has an equal access entry", { entries: [liveOf()] }, "move done equal"],
    ["has none yet", {}, "move toDo absent"],
    ["has none in the mode that has none", { mode: "CONFIG_MAP" }, "move toDo absent"],
    ["has another one", { entries: [liveOf({ username: "other" })] }, "move toDo different"],
    [
      "has one of a role that was made again",
      { entries: [liveOf()], principals: { [iam("role/dev")]: found(iam("role/eng/dev"), "2026-03-01T00:00:00Z") } },
      "move toDo dead",
    ],
    [
      "has one of the same role in another path",
      { entries: [liveOf({ principalArn: iam("role/old/dev") })] },
      "move toDo different",
    ],
    [
      "has an equal one beside that of an earlier path",
      { entries: [liveOf({ principalArn: iam("role/old/dev"), username: "old" }), liveOf()] },
      "move done equal",
    ],
    [
      "has an equal one, which nobody proves",
      { entries: [liveOf()], principals: { [iam("role/dev")]: unknown } },
      "move unknown unproven",
    ],
    ["may have one", { entries: "not allowed" }, "move unknown unread"],
  ])("%s", (_title, given, expected) => {
    expect(inShort(firstEntry({ map: dev, ...given }))).toBe(expected);
  });

  it("says what it becomes, how the access entry that counts already differs, and what is not the same", () => {
    const differing = firstEntry({ map: dev, entries: [liveOf({ username: "other", groups: [] })] });
    expect(differing).toMatchObject({
      key: "mapRoles",
      position: 1,
      arn: iam("role/dev"),
      accessEntry: { principalArn: iam("role/eng/dev"), type: "STANDARD", username: "dev", groups: ["viewers"] },
      differences: { username: { before: "other", after: "dev" }, groups: { before: "[]", after: "[viewers]" } },
      says: "its access entry counts already, and differs: username other, to be dev; groups [], to be [viewers]",
    });
    const admins = { mapRoles: entry(iam("role/admins"), "admin", "system:masters") };
    expect(firstEntry({ map: admins }).notes).toEqual([expect.stringContaining("AmazonEKSClusterAdminPolicy")]);
  });

  it("takes its path from its access entry where IAM does not tell, and is as good as the user says", () => {
    const given = {
      map: { mapRoles: entry(foreign, "dev", "viewers") },
      entries: [liveOf({ principalArn: foreign.replace("role/", "role/far/") })],
      principals: { [foreign]: { kind: "unknown", reason: "it is of account 444455556666" } as const },
    };
    const { says, accessEntry } = firstEntry(given);
    expect(accessEntry?.principalArn).toBe(foreign.replace("role/", "role/far/"));
    expect(says).toContain(
      "is not known: it is of account 444455556666; if you know that it was not, name it with --trust",
    );
    expect(inShort(firstEntry(given, [foreign]))).toBe("move done equal");
    expect(inShort(firstEntry(given, [iam("role/deploy")]))).toBe("move unknown unproven");
  });

  it("cannot move where nobody knows its path, and says how to know", () => {
    const { moves, status, reasons } = firstEntry({ map: dev, principals: { [iam("role/dev")]: unknown } });
    expect([moves, status]).toEqual(["cannot", "toDo"]);
    expect(reasons).toMatchObject([
      {
        code: "unknownPath",
        reason: "whether the role has a path is not known: iam:GetRole is not allowed",
        remedy:
          'ask its account ("aws iam get-role --role-name NAME"), and give the mapping the ARN with its path; without a path, "pulumi up" moves it as it is',
      },
    ]);
  });

  it("is not done for a user in another path than IAM has, or whom IAM does not have", () => {
    const jane = iam("user/eng/jane");
    const given = { map: { mapUsers: `- userarn: ${jane}\n  username: jane\n` } };
    const there = [liveOf({ principalArn: jane, username: "jane", groups: [] })];
    const elsewhere = firstEntry({ ...given, entries: there, principals: { [jane]: found(iam("user/ops/jane")) } });
    expect(elsewhere).toMatchObject({ status: "toDo", notes: [expect.stringContaining(`as ${iam("user/ops/jane")}`)] });
    const gone = firstEntry({ ...given, entries: there, principals: { [jane]: { kind: "missing" } } });
    expect(gone).toMatchObject({ state: "dead", status: "toDo", notes: [expect.stringContaining("IAM knows no")] });
  });
});

describe("an entry that is left", () => {
  it.each<[string, Parameters<typeof facts>[0], string]>([
    ["needs none, since nobody matches it", { map: { mapRoles: entry(iam("role/eng/dev"), "d") } }, "done notNeeded"],
    [
      "needs none, since another one counts",
      { map: { mapRoles: entry(iam("role/dev"), "d") + entry(iam("role/dev"), "dev") } },
      "done notNeeded",
    ],
    ["to EKS, whose own is there", { entries: [nodeEntry("workers", "EC2_LINUX")] }, "done equal"],
    ["to EKS, whose own is not there", {}, "toDo absent"],
    ["to EKS, whose own is of another type", { entries: [nodeEntry("workers", "STANDARD")] }, "toDo different"],
    ["to EKS, whose own may be there", { entries: "not allowed" }, "unknown unread"],
    [
      "to EKS, whose own is dead",
      {
        entries: [nodeEntry("workers", "EC2_LINUX")],
        principals: { [iam("role/workers")]: found(iam("role/eng/workers"), "2026-03-01T00:00:00Z") },
      },
      "toDo dead",
    ],
    [
      "to EKS, for Fargate",
      {
        map: { mapRoles: nodes("pods", "system:node:{{SessionName}}", "system:node-proxier") },
        entries: [nodeEntry("pods", "FARGATE_LINUX")],
        eksRoles: [pods],
      },
      "done equal",
    ],
    [
      "to EKS, for Windows, whose own is for Windows",
      { map: windows, entries: [nodeEntry("workers", "EC2_WINDOWS")] },
      "done equal",
    ],
    [
      "to EKS, for Windows, whose own is for Linux",
      { map: windows, entries: [nodeEntry("workers", "EC2_LINUX")] },
      "toDo different",
    ],
    ["to EKS, for Linux, whose own does for both", { entries: [nodeEntry("workers", "EC2_WINDOWS")] }, "done equal"],
    [
      "to EKS, for nodes of EC2, whose own is for Fargate",
      { entries: [nodeEntry("workers", "FARGATE_LINUX")] },
      "toDo different",
    ],
    [
      "to EKS, for Fargate of no profile",
      { map: { mapRoles: nodes("pods", "system:node:{{SessionName}}", "system:node-proxier") } },
      "toDo absent",
    ],
    [
      "and is to be removed, since its role does not exist",
      { map: dev, principals: { [iam("role/dev")]: { kind: "missing" } } },
      "toDo absent",
    ],
  ])("%s", (_title, given, expected) => {
    const map = { mapRoles: nodes("workers") };
    const { moves, status, state } = firstEntry({ map, eksRoles: [workers], ...given });
    expect([moves, `${status} ${state}`]).toEqual(["leave", expected]);
  });

  it("to EKS says which type is needed", () => {
    const { says } = firstEntry({ map: windows, eksRoles: [workers], entries: [nodeEntry("workers", "EC2_LINUX")] });
    expect(says).toBe("its access entry is of the type EC2_LINUX, and not EC2_WINDOWS");
  });

  it("to EKS does not say that EKS makes what it does not make", () => {
    const map = { mapRoles: nodes("workers") };
    expect(firstEntry({ map, eksRoles: [workers] }).says).toBe("EKS has made no access entry for it");
    expect(firstEntry({ map, eksRoles: [workers], mode: "CONFIG_MAP" }).says).toBe(
      "the access entry of EKS comes with the mode API_AND_CONFIG_MAP: look for it then",
    );
  });

  it("to EKS is not done where it gives more than a node has", () => {
    const map = { mapRoles: entry(iam("role/workers"), "boss", "system:masters") };
    const given = { map, eksRoles: [workers], entries: [nodeEntry("workers", "EC2_LINUX")] };
    expect(firstEntry(given)).toMatchObject({
      status: "toDo",
      notes: ['EKS\'s access entry is for nodes alone: username "boss", group "system:masters" ends with aws-auth'],
    });
  });

  it.each([
    ["the role of an AWS service", "AWSServiceRoleForBatch", "aws-service-role/batch.amazonaws.com/", "STANDARD", []],
    ["hybrid nodes", "hybrid", "", "HYBRID_LINUX", ["system:bootstrappers", "system:nodes"]],
  ] as const)("where somebody else has made one: %s", (_title, role, path, type, groups) => {
    const map = { mapRoles: entry(iam(`role/${role}`), "system:node:{{SessionName}}", ...groups) };
    const principalArn = iam(`role/${path}${role}`);
    const principals = { [principalArn]: found(principalArn) };
    expect(firstEntry({ map, principals })).toMatchObject({ moves: "cannot", status: "toDo" });
    const ofNodes = [liveOf({ principalArn, type: "EC2_LINUX" })];
    expect(firstEntry({ map, principals, entries: ofNodes }).moves).toBe(type === "STANDARD" ? "leave" : "cannot");
    const entries = [liveOf({ principalArn, type })];
    expect(firstEntry({ map, principals, entries })).toMatchObject({ moves: "leave", status: "done", state: "equal" });
  });
});

it.each<[string, Record<string, string>, string, object]>([
  ["an account", { mapAccounts: `- "${account}"\n` }, "account", {}],
  [
    "a reserved username",
    { mapRoles: entry(iam("role/dev"), "system:dev") },
    "reservedUsername",
    { proposal: { username: "dev" } },
  ],
  ["a reserved group", { mapRoles: entry(iam("role/dev"), "dev", "system:x") }, "reservedGroup", {}],
])("an entry that cannot move says why, and the way out: %s", (_title, map, code, more) => {
  const given = firstEntry({ map });
  expect(given).toMatchObject({ moves: "cannot", status: "toDo", reasons: [{ code, ...more }] });
  expect(given.reasons[0]?.remedy).toMatch(/^\w/);
});
