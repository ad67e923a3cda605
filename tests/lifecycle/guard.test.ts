import { describe, expect, it as test } from "vitest";
import { entriesOf, parseMap } from "../../provider/awsAuthMap/index.ts";
import { clusterAccess, type Places } from "../../provider/identity/clusterAccess.ts";
import { findLockouts, isAdministratorOtherwise } from "../../provider/rights/lockout.ts";
import { adminPolicy, live } from "../support/accessEntries.ts";
import { it as base, modes } from "../support/lifecycle/fixture.ts";
import { account, entryText, roleArn, roleOf } from "../support/lifecycle/world.ts";

/** A cluster whose map has these roles, `name: groups`, and that has these access entries. */
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

describe("the comparison", () => {
  const strong = [entry("second", [adminPolicy])];
  const weak = [entry("second")];

  test.each<[title: string, before: Places, after: Places, lost?: string | undefined, name?: string]>([
    ["the last administrator goes", view([admin]), view([]), "administrator"],
    ["the last administrator becomes a user", view([admin]), view(["admin: dev"]), "administrator"],
    ["another administrator remains in aws-auth", view([admin, second]), view([second])],
    ["another administrator remains by an access entry", view([admin], strong), view([], strong)],
    [
      "the other one's access entry has fewer rights",
      view([admin, second], weak),
      view([second], weak),
      "administrator",
    ],
    ["an access entry takes the rights", view([admin]), view([admin], [entry("admin")]), "administrator"],
    ["a user goes", view([admin, "dev: dev"]), view([admin]), undefined, "dev"],
  ])("finds what is lost when %s", (_title, before, after, lost, name = "admin") => {
    expect(findLockouts(before, after, roleArn(name), undefined)).toEqual(lost === undefined ? [] : [lost]);
  });

  test("counts nodes on EC2 and on Fargate apart", () => {
    const ec2 = entryText("nodes", "system:node:{{EC2PrivateDNSName}}: system:nodes");
    const fargate = entryText("pods", "system:node:{{SessionName}}: system:nodes, system:node-proxier");
    const places = (mapRoles: string) => clusterAccess(parseMap({ mapRoles }));
    const both = places(ec2 + fargate);
    expect(findLockouts(both, places(fargate), roleArn("nodes"), undefined)).toEqual(["EC2 node"]);
    expect(findLockouts(both, places(ec2), roleArn("pods"), undefined)).toEqual(["Fargate node"]);
  });

  test("does not count what a refused key may hold", () => {
    const user = `arn:aws:iam::${account}:user/jane`;
    const mapUsers = `- userarn: ${user}\n  username: jane\n  groups: ["system:masters"]\n`;
    const places = (data: Readonly<Record<string, string>>) => clusterAccess(parseMap({ mapRoles: "- {", ...data }));
    expect(findLockouts(places({ mapUsers }), places({}), user, undefined)).toEqual(["administrator"]);
  });

  test("finds the caller that loses a group, and none that keeps it", () => {
    const [strong, weak] = [view([admin, second]), view([second, "admin: devs"])];
    expect(findLockouts(strong, weak, roleArn("admin"), caller)).toEqual(["caller"]);
    expect(findLockouts(weak, strong, roleArn("admin"), caller)).toEqual([]);
  });

  test("knows a caller that is an administrator by other means", () => {
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

  it("refuses in preview a change that takes the last administrator", async ({ stack }) => {
    const program = { mappings: { admin: { ...dev, authenticationMode } } };
    expect((await stack.preview(program)).refused).toEqual([expect.stringContaining("is the last administrator")]);
  });

  it("refuses a destroy of the last administrator, unless the environment allows it", async ({ world, stack }) => {
    const now = () => [world.mapContents("admin"), world.entryContent("admin"), world.hasAccess("admin")];
    const before = now();
    expect(await stack.destroy()).toEqual([
      `arn "${mapping.arn}" is the last administrator of EKS cluster "prod", and this change would remove its access; map another one first, or allow it with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy"`,
    ]);
    expect([before[2], now()]).toEqual([true, before]);
    expect(await stack.destroy(override)).toEqual([]);
    expect([world.hasAccess("admin"), world.remainingClaims]).toEqual([false, []]);
  });

  it("refuses to destroy the last of two administrators", async ({ world, stack, administrator }) => {
    const mappings = { admin: administrator, second: { ...administrator, arn: roleArn("second") } };
    expect(await stack.up({ mappings })).toEqual([]);
    expect(await stack.destroy()).toHaveLength(1);
    expect(["admin", "second"].filter((name) => world.hasAccess(name))).toHaveLength(1);
  });

  it("warns where the run keeps its rights by other means", async ({ world, stack }) => {
    world.caller = { username: "kubernetes-admin", groups: ["system:masters"] };
    expect(await stack.destroy()).toEqual([]);
    expect(stack.messages).toContainEqual(expect.stringMatching(/^warning: .* is the last administrator/));
  });
});

base("refuses a write that cuts off the run", async ({ world, stack }) => {
  world.caller = caller;
  world.put("keeper", { policies: [adminPolicy] });
  expect(await stack.up({ mappings: { admin: mapping } })).toEqual([]);
  expect((await stack.preview({ mappings: { admin: dev } })).refused).toEqual([
    `arn "${mapping.arn}" is the identity of this run, which would lose its access to EKS cluster "prod"; use other credentials, or allow it with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up"`,
  ]);
});
