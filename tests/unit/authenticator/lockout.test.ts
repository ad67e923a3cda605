import { describe, expect, it } from "vitest";
import { findLockouts, hasAccess } from "../../../provider/authenticator/index.ts";
import { type Entry, entriesOf, parseDocument } from "../../../provider/document/index.ts";
import { type Caller, principalKey } from "../../../provider/mapping/index.ts";

const account = "111122223333";
const arn = (name: string, kind = "role") => `arn:aws:iam::${account}:${kind}/${name}`;
const role = (spelt: string, username: string, ...groups: string[]) =>
  `- rolearn: ${spelt}\n  username: ${username}\n  groups: [${groups.map((group) => JSON.stringify(group)).join(", ")}]\n`;
const user = (...args: Parameters<typeof role>) => role(...args).replace("rolearn", "userarn");
const entry = (name: string, username: string, ...groups: string[]): Entry => ({
  key: "mapRoles",
  arn: arn(name),
  principal: principalKey(arn(name)),
  username,
  groups,
});

interface Case {
  readonly roles?: string;
  readonly users?: string;
  readonly accounts?: string;
  /** What the last of these changes locks out is asked. */
  readonly changes: readonly (readonly [principal: string, after: Entry | undefined])[];
  readonly caller?: Caller;
}

function lostIn({ roles = "[]", users = "[]", accounts = "[]", changes, caller }: Case): string[] {
  const document = parseDocument({ mapRoles: roles, mapUsers: users, mapAccounts: accounts });
  const [principal] = changes.at(-1) ?? [""];
  const lockouts = findLockouts(document, new Map(changes), principal, caller);
  for (const { before } of lockouts) {
    expect(entriesOf(document)).toContain(before);
  }
  return lockouts.map(({ lost, holders }) => (holders === 1 ? lost : `${lost} of ${holders}`));
}

const masters = "system:masters";
const nodes = "system:nodes";
const admin = role(arn("admin"), "admin", masters);
const second = role(arn("second"), "second", masters);
const gone = (name: string) => [arn(name), undefined] as const;
const becomes = (name: string, username: string, ...groups: string[]) =>
  [arn(name), entry(name, username, ...groups)] as const;

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
      "takes administrators and nodes at once",
      { roles: role(arn("all"), "all", masters, nodes), changes: [gone("all")] },
      [masters, nodes],
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
      "finds no comfort in a key that cannot be read",
      { roles: admin, users: "- x\n   y: [\n", changes: [gone("admin")] },
      [masters],
    ],
  ])("%s", (_title, given, lost) => {
    expect(lostIn(given)).toEqual(lost);
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
        roles: role(arn("ci"), "a{{AccountID}}ab{{SessionName}}ba", "deployers"),
        changes: [gone("ci")],
        caller: { ...caller, username: "a1aba" },
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
  ])("%s", (_title, given, lost) => {
    expect(lostIn(given)).toEqual(lost);
  });

  it("is told in no time by a name of 30 templates that almost fits", () => {
    const roles = role(arn("ci"), `x${"{{SessionName}}a".repeat(30)}b`, "deployers");
    const start = performance.now();
    expect(lostIn({ roles, changes: [gone("ci")], caller: { ...caller, username: `x${"a".repeat(64)}` } })).toEqual([]);
    expect(lostIn({ roles, changes: [gone("ci")], caller: { ...caller, username: `x${"a".repeat(64)}b` } })).toEqual([
      "caller",
    ]);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("may be lost only where the map has anything for the principal, or for its account", () => {
    expect(hasAccess(parseDocument({ mapRoles: ci }), principalKey(arn("CI")))).toBe(true);
    expect(hasAccess(parseDocument({ mapAccounts: `["${account}"]` }), arn("ci"))).toBe(true);
    expect(hasAccess(parseDocument({ mapRoles: ci }), arn("other"))).toBe(false);
  });
});
