import { describe, expect, it as test } from "vitest";
import { entriesOf, parseMap } from "../../provider/awsAuthMap/index.ts";
import { clusterAccess, type Places } from "../../provider/identity/clusterAccess.ts";
import { findLockouts, isAdministratorOtherwise } from "../../provider/rights/lockout.ts";
import { adminPolicy, live } from "../support/accessEntries.ts";
import { it as base, modes } from "../support/lifecycle/fixture.ts";
import { account, entryText, roleArn, roleOf } from "../support/lifecycle/world.ts";

/** A cluster with these roles in its map, as `name: groups`, and these access entries. */
function view(items: readonly string[], accessEntries: Places["accessEntries"] = []): Places {
  const texts = items.map((item) => entryText(item.split(": ")[0] ?? "", item));
  const document = parseMap({ mapRoles: texts.join("") || "[]\n" });
  return { entries: entriesOf(document), accessEntries, mode: "API_AND_CONFIG_MAP" };
}

const admin = "admin: system:masters";
const second = "second: system:masters";
const entry = (name: string, policies: readonly (typeof adminPolicy)[] = []) =>
  live({ principalArn: roleArn(name), policies });
const caller = { arn: `arn:aws:sts::${account}:assumed-role/admin/me`, username: "admin", groups: [] };

describe("the lock-out comparison", () => {
  const strong = [entry("second", [adminPolicy])];
  const weak = [entry("second")];

  test.each<[title: string, before: Places, after: Places, lost?: string | undefined, name?: string]>([
    ["the last administrator is removed", view([admin]), view([]), "administrator"],
    ["the last administrator becomes a user", view([admin]), view(["admin: dev"]), "administrator"],
    ["another administrator remains in aws-auth", view([admin, second]), view([second])],
    ["another administrator remains by an access entry", view([admin], strong), view([], strong)],
    [
      "the other administrator has an access entry with fewer rights",
      view([admin, second], weak),
      view([second], weak),
      "administrator",
    ],
    ["an access entry overrides the rights", view([admin]), view([admin], [entry("admin")]), "administrator"],
    ["a user is removed", view([admin, "dev: dev"]), view([admin]), undefined, "dev"],
  ])("returns what is lost if %s", (_title, before, after, lost, name = "admin") => {
    expect(findLockouts(before, after, roleArn(name), undefined)).toEqual(lost === undefined ? [] : [lost]);
  });

  test("counts EC2 nodes and Fargate nodes separately", () => {
    const ec2 = entryText("nodes", "system:node:{{EC2PrivateDNSName}}: system:nodes");
    const fargate = entryText("pods", "system:node:{{SessionName}}: system:nodes, system:node-proxier");
    const places = (mapRoles: string) => clusterAccess(parseMap({ mapRoles }));
    const both = places(ec2 + fargate);
    expect(findLockouts(both, places(fargate), roleArn("nodes"), undefined)).toEqual(["EC2 node"]);
    expect(findLockouts(both, places(ec2), roleArn("pods"), undefined)).toEqual(["Fargate node"]);
  });

  test("does not count the entries of a key that cannot be parsed", () => {
    const user = `arn:aws:iam::${account}:user/jane`;
    const mapUsers = `- userarn: ${user}\n  username: jane\n  groups: ["system:masters"]\n`;
    const places = (data: Readonly<Record<string, string>>) => clusterAccess(parseMap({ mapRoles: "- {", ...data }));
    expect(findLockouts(places({ mapUsers }), places({}), user, undefined)).toEqual(["administrator"]);
  });

  test("returns the caller if it loses a group, and not if it keeps it", () => {
    const [strong, weak] = [view([admin, second]), view([second, "admin: devs"])];
    expect(findLockouts(strong, weak, roleArn("admin"), caller)).toEqual(["caller"]);
    expect(findLockouts(weak, strong, roleArn("admin"), caller)).toEqual([]);
  });

  test("returns the caller if its username changes", () => {
    const named = (username: string) => clusterAccess(parseMap({ mapRoles: entryText("admin", `${username}: devs`) }));
    expect(findLockouts(named("admin"), named("other"), roleArn("admin"), caller)).toEqual(["caller"]);
    expect(findLockouts(named("admin"), named("admin"), roleArn("admin"), caller)).toEqual([]);
  });

  test("recognizes a caller that is an administrator by other means", () => {
    const masters = { ...caller, groups: ["system:masters"] };
    expect(isAdministratorOtherwise(view([admin]), masters)).toBe(false);
    expect(isAdministratorOtherwise(view([second]), masters)).toBe(true);
    expect(isAdministratorOtherwise(view([]), { username: "kubernetes-admin", groups: ["system:masters"] })).toBe(true);
    expect(isAdministratorOtherwise(view([]), caller)).toBe(false);
  });
});

const mapping = roleOf("admin", admin);
const dev = { ...mapping, groups: ["dev"] };
const override = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };

describe.each(modes)("in mode %s", (authenticationMode) => {
  const it = base.extend("administrator", { auto: true }, async ({ stack }) => {
    const administrator = { ...mapping, authenticationMode };
    expect(await stack.up({ mappings: { admin: administrator } })).toEqual([]);
    return administrator;
  });

  it("refuses in a preview a change that removes the last administrator", async ({ stack }) => {
    const program = { mappings: { admin: { ...dev, authenticationMode } } };
    expect((await stack.preview(program)).refused).toEqual([expect.stringContaining("the last administrator of")]);
  });

  it("refuses a destroy of the last administrator, unless the environment allows it", async ({ world, stack }) => {
    const now = () => [world.mapContents("admin"), world.entryContent("admin"), world.hasAccess("admin")];
    const before = now();
    expect(await stack.destroy()).toEqual([
      `this change would remove arn "${mapping.arn}", the last administrator of EKS cluster "prod"; map another one first, or allow it with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy" (or "pulumi up")`,
    ]);
    expect([before[2], now()]).toEqual([true, before]);
    expect(await stack.destroy(override)).toEqual([]);
    expect([world.hasAccess("admin"), world.remainingClaims]).toEqual([false, []]);
  });

  it("warns of a removal with a remedy that applies after it, if lockoutProtection is warn", async ({ stack }) => {
    expect(await stack.destroy({ AWS_AUTH_LOCKOUT_PROTECTION: "warn" })).toEqual([]);
    expect(stack.messages).toContainEqual(
      `warning: this change removes arn "${mapping.arn}", the last administrator of EKS cluster "prod"; map another one`,
    );
  });

  it("refuses to destroy the last of two administrators", async ({ world, stack, administrator }) => {
    const mappings = { admin: administrator, second: { ...administrator, arn: roleArn("second") } };
    expect(await stack.up({ mappings })).toEqual([]);
    expect(await stack.destroy()).toHaveLength(1);
    expect(["admin", "second"].filter((name) => world.hasAccess(name))).toHaveLength(1);
  });

  it("only warns if the caller keeps its rights by other means", async ({ world, stack }) => {
    world.caller = { username: "kubernetes-admin", groups: ["system:masters"] };
    expect(await stack.destroy()).toEqual([]);
    expect(stack.messages).toContainEqual(expect.stringMatching(/^warning: .* the last administrator/));
  });
});

base("refuses a change that removes the caller's access", async ({ world, stack }) => {
  world.caller = caller;
  world.put("keeper", { policies: [adminPolicy] });
  expect(await stack.up({ mappings: { admin: mapping } })).toEqual([]);
  expect((await stack.preview({ mappings: { admin: dev } })).refused).toEqual([
    `this change would remove the access of arn "${mapping.arn}", the identity of this run, to EKS cluster "prod"; use other credentials, or allow it with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up"`,
  ]);
});
