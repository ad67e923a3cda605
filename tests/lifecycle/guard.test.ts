import { beforeEach, describe, expect, it } from "vitest";
import { entriesOf, parseMap } from "../../provider/awsAuthMap/index.ts";
import { clusterAccess, type Places } from "../../provider/identity/clusterAccess.ts";
import { findLockouts, isAdministratorOtherwise } from "../../provider/rights/lockout.ts";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { account, roleArn, World } from "../support/lifecycle/world.ts";
import { live } from "../unit/accessEntries/support.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const ec2 = "system:node:{{EC2PrivateDNSName}}";
const fargate = "system:node:{{SessionName}}";
const adminPolicy = {
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  scope: { type: "cluster" },
} as const;

type Item = readonly [name: string, username: string, ...groups: readonly string[]];

function view(items: readonly Item[], accessEntries: Places["accessEntries"] = []): Places {
  const texts = items.map(
    ([name, username, ...groups]) =>
      `- rolearn: ${roleArn(name)}\n  username: "${username}"\n  groups: ${JSON.stringify(groups)}\n`,
  );
  const document = parseMap({ mapRoles: texts.join("") || "[]\n" });
  return { entries: entriesOf(document), accessEntries, mode: "API_AND_CONFIG_MAP" };
}

const admin: Item = ["admin", "admin", "system:masters"];
const second: Item = ["second", "second", "system:masters"];
const nodes: Item = ["nodes", ec2, "system:nodes"];
const pods: Item = ["pods", fargate, "system:nodes", "system:node-proxier"];
const caller = { arn: `arn:aws:sts::${account}:assumed-role/admin/me`, username: "admin", groups: [] };

describe("the comparison", () => {
  it.each<[string, Places, Places, string, readonly string[]]>([
    ["the last administrator goes", view([admin]), view([]), "admin", ["administrator"]],
    [
      "the last administrator becomes a user",
      view([admin]),
      view([["admin", "admin", "dev"]]),
      "admin",
      ["administrator"],
    ],
    ["another administrator remains in aws-auth", view([admin, second]), view([second]), "admin", []],
    [
      "another administrator remains by an access entry",
      view([admin], [live({ principalArn: roleArn("second"), policies: [adminPolicy] })]),
      view([], [live({ principalArn: roleArn("second"), policies: [adminPolicy] })]),
      "admin",
      [],
    ],
    [
      "the other administrator has an access entry with fewer rights",
      view([admin, second], [live({ principalArn: roleArn("second") })]),
      view([second], [live({ principalArn: roleArn("second") })]),
      "admin",
      ["administrator"],
    ],
    [
      "an access entry takes the rights of the last administrator",
      view([admin]),
      view([admin], [live({ principalArn: roleArn("admin") })]),
      "admin",
      ["administrator"],
    ],
    ["the last EC2 node goes while Fargate remains", view([nodes, pods]), view([pods]), "nodes", ["EC2 node"]],
    ["the last Fargate node goes", view([nodes, pods]), view([nodes]), "pods", ["Fargate node"]],
    ["a user goes", view([admin, ["dev", "dev", "dev"]]), view([admin]), "dev", []],
  ])("finds what is lost when %s", (_title, before, after, name, lost) => {
    expect(findLockouts(before, after, roleArn(name), undefined)).toEqual(lost);
  });

  it("does not count what a refused key may hold", () => {
    const user = `arn:aws:iam::${account}:user/jane`;
    const mapUsers = `- userarn: ${user}\n  username: jane\n  groups: ["system:masters"]\n`;
    const places = (data: Readonly<Record<string, string>>) => clusterAccess(parseMap({ mapRoles: "- {", ...data }));
    expect(findLockouts(places({ mapUsers }), places({}), user, undefined)).toEqual(["administrator"]);
  });

  it("finds the caller that loses a group, and none that keeps it", () => {
    const devs: Item = ["admin", "admin", "devs"];
    expect(findLockouts(view([admin, second]), view([second, devs]), roleArn("admin"), caller)).toEqual(["caller"]);
    expect(findLockouts(view([second, devs]), view([admin, second]), roleArn("admin"), caller)).toEqual([]);
  });

  it("knows a caller that is an administrator by other means", () => {
    const masters = { ...caller, groups: ["system:masters"] };
    expect(isAdministratorOtherwise(view([admin]), masters)).toBe(false);
    expect(isAdministratorOtherwise(view([second]), masters)).toBe(true);
    expect(isAdministratorOtherwise(view([]), { username: "kubernetes-admin", groups: ["system:masters"] })).toBe(true);
    expect(isAdministratorOtherwise(view([]), caller)).toBe(false);
  });
});

const mapping = { arn: roleArn("admin"), username: "admin", groups: ["system:masters"] };
const dev = { ...mapping, groups: ["dev"] };
const strict = { config: { "aws-auth:lockoutProtection": "error" } };
const override = { ...strict, env: { AWS_AUTH_LOCKOUT_PROTECTION: "off" } };
const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

describe.each(modes)("in mode %s", (authenticationMode) => {
  async function started() {
    const world = new World();
    const stack = new Stack(world);
    expect(await stack.up({ mappings: { admin: { ...mapping, authenticationMode } }, ...strict })).toEqual([]);
    return { world, stack, letsIn: () => world.letsIn("admin") };
  }
  const refusal = `arn "${mapping.arn}" is the last administrator of EKS cluster "prod" and would no longer be; map another one first, or let it through with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy"`;

  it("refuses in preview a change that takes the last administrator", async () => {
    const { stack } = await started();
    const program = { mappings: { admin: { ...dev, authenticationMode } }, ...strict };
    expect((await stack.preview(program)).refused).toEqual([expect.stringContaining("is the last administrator")]);
  });

  it("refuses a destroy of the last administrator, and lets it through with the environment variable", async () => {
    const { world, stack, letsIn } = await started();
    const before = [world.mapped("admin"), world.entered("admin")];
    expect(await stack.destroy(strict)).toEqual([refusal]);
    expect([world.mapped("admin"), world.entered("admin"), letsIn()]).toEqual([...before, true]);
    expect(await stack.destroy(override)).toEqual([]);
    expect([letsIn(), world.left]).toEqual([false, []]);
  });

  it("refuses to destroy the last of two administrators", async () => {
    const { world, stack } = await started();
    const mappings = {
      admin: { ...mapping, authenticationMode },
      second: { ...mapping, arn: roleArn("second"), authenticationMode },
    };
    expect(await stack.up({ mappings, ...strict })).toEqual([]);
    expect(await stack.destroy(strict)).toHaveLength(1);
    expect(["admin", "second"].filter((name) => world.letsIn(name))).toHaveLength(1);
  });

  it("warns where the run keeps its rights by other means", async () => {
    const { world, stack } = await started();
    world.caller = { username: "kubernetes-admin", groups: ["system:masters"] };
    expect(await stack.destroy(strict)).toEqual([]);
    expect(stack.told).toContainEqual(expect.stringMatching(/^warning: .* is the last administrator/));
  });
});

it("refuses a write that cuts off the run", async () => {
  const world = new World();
  world.caller = caller;
  const stack = new Stack(world);
  world.put("keeper", { policies: [adminPolicy] });
  expect(await stack.up({ mappings: { admin: mapping }, ...strict })).toEqual([]);
  expect((await stack.preview({ mappings: { admin: dev }, ...strict })).refused).toEqual([
    `arn "${mapping.arn}" is the identity of this run, which would lose its access to EKS cluster "prod"; use other credentials, or let it through with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up"`,
  ]);
});
