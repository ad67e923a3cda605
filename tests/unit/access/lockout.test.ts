import { describe, expect, it } from "vitest";
import {
  findLockouts,
  type GuardedGroup,
  groupsTaken,
  hasAccess,
  mayLockOut,
} from "../../../provider/access/lockout.ts";
import {
  type AwsAuthDocument,
  appendEntry,
  entriesOf,
  findEntries,
  parseDocument,
  removeEntry,
} from "../../../provider/document/index.ts";
import { type ArnMapping, type Caller, principalKey } from "../../../provider/mapping/index.ts";

const account = "111122223333";
const arn = (name: string, kind = "role") => `arn:aws:iam::${account}:${kind}/${name}`;
const role = (spelt: string, username: string, ...groups: string[]) =>
  `- rolearn: ${spelt}\n  username: ${username}\n  groups: [${groups.map((group) => JSON.stringify(group)).join(", ")}]\n`;
const user = (...args: Parameters<typeof role>) => role(...args).replace("rolearn", "userarn");

/** A principal, and what its entries are replaced with; `beside`: they get another one without groups beside them. */
type Change = readonly [principal: string, after: ArnMapping | "beside" | undefined];

interface Case {
  readonly roles?: string;
  readonly users?: string;
  readonly accounts?: string;
  /** What the last of these changes locks out is asked. */
  readonly changes: readonly Change[];
  readonly caller?: Caller;
}

function mapOf({ roles = "[]", users = "[]", accounts = "[]" }: Omit<Case, "changes">): AwsAuthDocument {
  return parseDocument({ mapRoles: roles, mapUsers: users, mapAccounts: accounts });
}

function changed(document: AwsAuthDocument, [principal, mapping]: Change): AwsAuthDocument {
  if (mapping === "beside") {
    return appendEntry(document, { kind: "user", arn: principal, groups: [] }).document;
  }
  const without = findEntries(document, principal).reduce(removeEntry, document);
  return mapping === undefined ? without : appendEntry(without, mapping).document;
}

function lostIn(given: Case): string[] {
  const before = mapOf(given);
  const after = given.changes.reduce(changed, before);
  const [principal] = given.changes.at(-1) ?? [""];
  const lockouts = findLockouts(before, after, principal, given.caller);
  for (const { before: entry } of lockouts) {
    expect(entriesOf(before)).toContain(entry);
  }
  expect(lockouts.length === 0 || mayLockOut(before, principal, given.caller)).toBe(true);
  return lockouts.map(({ lost, holders }) => (holders === 1 ? lost : `${lost} of ${holders}`));
}

const masters = "system:masters";
const nodes = "system:nodes";
const fargate = role(
  arn("fargate"),
  "system:node:{{SessionName}}",
  "system:bootstrappers",
  nodes,
  "system:node-proxier",
);
const admin = role(arn("admin"), "admin", masters);
const second = role(arn("second"), "second", masters);
/** A user of two entries, either of which may count, since the authenticator keeps users in the letter case of their entries. */
const atRandom = (name: string, isReversed = false) => {
  const entries = [user(arn(name.toUpperCase(), "user"), name, masters), user(arn(name, "user"), name, "viewers")];
  return (isReversed ? entries.reverse() : entries).join("");
};
const gone = (name: string) => [arn(name), undefined] as const;
const goneUser = (name: string) => [arn(name, "user"), undefined] as const;
const becomes = (name: string, username: string, ...groups: string[]): Change => [
  arn(name),
  { kind: "role", arn: arn(name), username, groups },
];

describe("a change of the map", () => {
  it.each<[string, Case, string[]]>([
    ["takes the last administrator away", { roles: admin, changes: [gone("admin")] }, [masters]],
    ["takes its group away", { roles: admin, changes: [becomes("admin", "admin", "viewers")] }, [masters]],
    ["takes nothing where another one stays", { roles: admin + second, changes: [gone("admin")] }, []],
    ["takes nothing where the group is kept", { roles: admin, changes: [becomes("admin", "a", "x", masters)] }, []],
    ["takes nothing from a map without administrators", { roles: role(arn("a"), "a", "x"), changes: [gone("a")] }, []],
    [
      "takes the last one together with another change",
      { roles: admin + second, changes: [gone("second"), becomes("admin", "admin")] },
      [`${masters} of 2`],
    ],
    [
      "is blamed for what it takes itself alone",
      { roles: admin + role(arn("a"), "a", "x"), changes: [gone("admin"), gone("a")] },
      [],
    ],
    [
      "is not made up for by what another one gains, since that may be written later",
      { roles: admin + role(arn("a"), "a", "x"), changes: [becomes("a", "a", masters), gone("admin")] },
      [masters],
    ],
    [
      "is not made up for by an entry that comes to count, since that may be written later",
      {
        roles: admin + role(arn("x"), "x", masters) + role(arn("x"), "x", "viewers"),
        changes: [becomes("x", "x", masters), gone("admin")],
      },
      [masters],
    ],
    [
      "takes the last node's username away",
      { roles: role(arn("node"), "system:node:{{EC2PrivateDNSName}}", nodes), changes: [becomes("node", "n", nodes)] },
      ["EC2 nodes"],
    ],
    [
      "takes the last node away where another mapping to its group makes none",
      {
        roles: role(arn("node"), "system:node:{{EC2PrivateDNSName}}", nodes) + role(arn("other"), "other", nodes),
        changes: [gone("node")],
      },
      ["EC2 nodes"],
    ],
    [
      "takes the last EC2 nodes though Fargate's role stays",
      { roles: fargate + role(arn("node"), "system:node:{{EC2PrivateDNSName}}", nodes), changes: [gone("node")] },
      ["EC2 nodes"],
    ],
    [
      "takes the last Fargate nodes though the role of EC2 nodes stays",
      { roles: fargate + role(arn("node"), "system:node:{{EC2PrivateDNSName}}", nodes), changes: [gone("fargate")] },
      ["Fargate nodes"],
    ],
    [
      "takes administrators and nodes at once",
      { roles: role(arn("all"), "all", masters, nodes), changes: [gone("all")] },
      [masters, "EC2 nodes"],
    ],
    [
      "takes the last user",
      { users: user(arn("u", "user"), "u", masters), changes: [[arn("u", "user"), undefined]] },
      [masters],
    ],
    [
      "finds no comfort in an entry that is shadowed",
      { roles: role(arn("x"), "x", masters) + role(arn("x"), "x", "viewers") + admin, changes: [gone("admin")] },
      [masters],
    ],
    [
      "finds no comfort in an entry with a role path, of a session, with sso, or of an account that is none",
      {
        roles:
          role(arn("eng/x"), "x", masters) +
          role(`arn:aws:sts::${account}:assumed-role/x/session`, "x", masters) +
          `- sso: { permissionSetName: Admin, accountID: "${account}" }\n  username: x\n  groups: ["${masters}"]\n` +
          role("arn:aws:iam::1234:role/x", "x", masters) +
          admin,
        changes: [gone("admin")],
      },
      [masters],
    ],
    [
      "finds no comfort in an ARN that nobody has, whatever is wrong with it",
      {
        roles:
          role(arn("adm*"), "x", masters) +
          role(arn("<ADMIN>"), "x", masters) +
          role(arn("adm:in"), "x", masters) +
          role("arn:aws:iam::ACCOUNT_ID:role/x", "x", masters) +
          admin,
        changes: [gone("admin")],
      },
      [masters],
    ],
    [
      "finds no comfort in a user whose logins are refused, since it is no instance",
      {
        roles: role(arn("node"), "system:node:{{EC2PrivateDNSName}}", nodes),
        users: user(arn("u", "user"), "system:node:{{EC2PrivateDNSName}}", nodes),
        changes: [gone("node")],
      },
      ["EC2 nodes"],
    ],
    [
      "finds no comfort in an entry that is shadowed from another list, or in another spelling",
      {
        roles: role(arn("X"), "x", masters) + role(arn("x"), "x", "viewers") + role(arn("y"), "y") + admin,
        users: user(arn("Y"), "y", masters),
        changes: [gone("admin")],
      },
      [masters],
    ],
    [
      "finds no comfort in an entry that counts at random",
      { roles: admin, users: atRandom("jane"), changes: [gone("admin")] },
      [masters],
    ],
    [
      "finds no comfort in an entry that counts at random, in whichever order",
      { roles: admin, users: atRandom("jane", true), changes: [gone("admin")] },
      [masters],
    ],
    [
      "finds no comfort in an entry beside one for its permission set, which may count in its place",
      {
        roles: `${role(arn("AWSReservedSSO_Admin_0a1b2c3d4e5f6a7b"), "x", masters)}- sso: { permissionSetName: Admin, accountID: "${account}" }\n  username: x\n${admin}`,
        changes: [gone("admin")],
      },
      [masters],
    ],
    ["takes the last one at random", { users: atRandom("jane"), changes: [goneUser("jane")] }, [masters]],
    [
      "takes nothing at random where another one stays who is in as often",
      { users: atRandom("jane") + atRandom("joe", true), changes: [goneUser("jane")] },
      [],
    ],
    [
      "makes a matter of chance of what was sure",
      { users: user(arn("Joe", "user"), "joe", masters), changes: [[arn("joe", "user"), "beside"]] },
      [masters],
    ],
    [
      "finds no comfort in a key that cannot be read",
      { roles: admin, users: "- x\n   y: [\n", changes: [gone("admin")] },
      [masters],
    ],
  ])("%s", (_title, given, lost) => {
    expect(lostIn(given)).toEqual(lost);
  });
});

describe("changes of a map that are known one by one", () => {
  const third = user(arn("u", "user"), "u", masters, nodes);
  const before = mapOf({ roles: admin + second, users: third });
  const principals = [arn("admin"), arn("second"), arn("u", "user")];

  it.each(
    principals
      .flatMap((a) => principals.flatMap((b) => principals.map((c) => [a, b, c])))
      .filter((order) => new Set(order).size === principals.length),
  )("are blamed for what the last of them takes: %s, %s, %s", (...order) => {
    const taken = new Map<string, readonly GuardedGroup[]>();
    const lost = order.map((principal) => {
      const after = changed(before, [principal, undefined]);
      const lockouts = findLockouts(before, after, principal, undefined, taken);
      taken.set(principal, groupsTaken(before, after, principal));
      return lockouts.map(({ lost, holders }) => `${lost} of ${holders}`);
    });
    const expected = order.map((principal, index) => [
      ...(index === 2 ? [`${masters} of 3`] : []),
      ...(principal === principals[2] ? ["EC2 nodes of 1"] : []),
    ]);
    expect(lost).toEqual(expected);
    expect(taken.get(arn("u", "user"))).toEqual([masters, "EC2 nodes"]);
  });

  it("take one group and leave the other", () => {
    const after = changed(before, gone("admin"));
    const taken = new Map<string, readonly GuardedGroup[]>([
      [arn("second"), [masters]],
      [arn("u", "user"), ["EC2 nodes"]],
    ]);
    expect(findLockouts(before, after, arn("admin"), undefined, taken)).toEqual([]);
  });

  it("take a role's access though an entry for one of its sessions stays, which nobody matches", () => {
    const session = role(`arn:aws:sts::${account}:assumed-role/admin/jane`, "jane", masters);
    const map = mapOf({ roles: admin + second + session });
    const taken = new Map<string, readonly GuardedGroup[]>([[arn("admin"), [masters]]]);
    const lockouts = findLockouts(map, changed(map, gone("second")), arn("second"), undefined, taken);
    expect(lockouts).toMatchObject([{ lost: masters, holders: 2, after: undefined }]);
  });

  it("take nothing where the group stays, or never was the principal's", () => {
    const renamed = changed(before, becomes("admin", "other", masters));
    expect(groupsTaken(before, renamed, arn("admin"))).toEqual([]);
    expect(groupsTaken(before, changed(before, gone("other")), arn("other"))).toEqual([]);
    expect(groupsTaken(mapOf({ accounts: `["${account}"]` }), mapOf({}), account)).toEqual([]);
  });

  it("are told from most others by the entries of their principal", () => {
    const caller = { arn: arn("CI"), username: "ci" };
    const may = [arn("second"), arn("u", "user"), arn("other"), arn("ci"), account].map((principal) =>
      mayLockOut(before, principal, caller),
    );
    expect(may).toEqual([true, true, false, true, true]);
    expect(mayLockOut(before, arn("ci"), undefined)).toBe(false);
  });
});

describe("the caller's own mapping", () => {
  const ci = role(arn("ci"), "ci:{{SessionName}}", "deployers", "viewers");
  const caller: Caller = { arn: arn("ci"), username: "ci:run-1" };
  const session: Caller = { ...caller, arn: `arn:aws:sts::${account}:assumed-role/CI/run-1` };
  it.each<[string, Case, string[]]>([
    ["is removed", { roles: ci, changes: [gone("ci")], caller }, ["caller"]],
    ["is removed under the ARN of a session", { roles: ci, changes: [gone("ci")], caller: session }, ["caller"]],
    ["loses a group", { roles: ci, changes: [becomes("ci", "ci:{{SessionName}}", "viewers")], caller }, ["caller"]],
    [
      "gets another username",
      { roles: ci, changes: [becomes("ci", "ci", "deployers", "viewers")], caller },
      ["caller"],
    ],
    [
      "gains a group, which is no loss",
      { roles: ci, changes: [becomes("ci", "ci:{{SessionName}}", "x", "viewers", "deployers")], caller },
      [],
    ],
    [
      "turns into system:masters, which is no loss under any name",
      { roles: ci, changes: [becomes("ci", "ops", masters)], caller },
      [],
    ],
    [
      "goes under a name with templates between other text",
      {
        roles: role(arn("ci"), "CI:{{AccountID}}:x:{{SessionName}}:z", "deployers"),
        changes: [gone("ci")],
        caller: { ...caller, username: `ci:${account}:x:run-1:z` },
      },
      ["caller"],
    ],
    [
      "is not what let a caller in whose name has the parts in another order, or not each of them",
      {
        roles: role(arn("ci"), "a{{SessionName}}ab{{SessionNameRaw}}ba", "deployers"),
        changes: [gone("ci")],
        caller: { ...caller, username: "ajoeaba" },
      },
      [],
    ],
    ["is not concerned by another principal's", { roles: ci + admin + second, changes: [gone("second")], caller }, []],
    [
      "is not what lets the caller in who has another name, such as by an access entry",
      { roles: ci, changes: [gone("ci")], caller: { ...caller, username: "arn:aws:sts::1:assumed-role/ci/run-1" } },
      [],
    ],
    ["is nobody's where the cluster does not say who calls", { roles: ci, changes: [gone("ci")] }, []],
    [
      "gives way to its account's, which has no groups",
      { roles: ci, accounts: `["${account}"]`, changes: [gone("ci")], caller },
      ["caller"],
    ],
    [
      "is its account's, and goes with it",
      { accounts: `["${account}"]`, changes: [[account, undefined]], caller: { arn: arn("ci"), username: arn("ci") } },
      ["caller"],
    ],
    [
      "is its account's, and is shadowed by one of its own",
      { accounts: `["${account}"]`, changes: [becomes("ci", "ci")], caller: { arn: arn("ci"), username: arn("ci") } },
      ["caller"],
    ],
    [
      "counts more than its account's, so that it may lose that",
      { roles: ci, accounts: `["${account}"]`, changes: [[account, undefined]], caller },
      [],
    ],
    [
      "counts at random before and after the change",
      {
        users: atRandom("jane"),
        accounts: `["${account}"]`,
        changes: [[account, undefined]],
        caller: { arn: arn("jane", "user"), username: "jane" },
      },
      [],
    ],
  ])("%s", (_title, given, lost) => {
    expect(lostIn(given)).toEqual(lost);
  });

  it("is lost to whatever counts in its place", () => {
    const before = mapOf({ roles: ci, accounts: `["${account}"]` });
    const lockouts = findLockouts(before, changed(before, gone("ci")), arn("ci"), caller);
    expect(lockouts).toMatchObject([{ before: { key: "mapRoles" }, after: { key: "mapAccounts" } }]);
  });

  it("is told in no time by a name of 30 templates that almost fits", () => {
    const roles = role(arn("ci"), `x${"{{SessionName}}a".repeat(30)}b`, "deployers");
    const lost = (username: string) => lostIn({ roles, changes: [gone("ci")], caller: { ...caller, username } });
    expect(lost(`x${"a".repeat(200)}`)).toEqual([]);
    expect(lost(`x${"a".repeat(90)}b`)).toEqual(["caller"]);
  });

  it("may be lost only where the map has anything for the principal, or for its account", () => {
    expect(hasAccess(parseDocument({ mapRoles: ci }), principalKey(arn("CI")))).toBe(true);
    expect(hasAccess(parseDocument({ mapAccounts: `["${account}"]` }), arn("ci"))).toBe(true);
    expect(hasAccess(parseDocument({ mapRoles: ci }), arn("other"))).toBe(false);
  });
});
