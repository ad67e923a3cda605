import { describe, expect, vi } from "vitest";
import { AwsAuthError } from "../../provider/errors.ts";
import { ClusterSession } from "../../provider/session/session.ts";
import { adminPolicy, serviceEntry } from "../support/accessEntries.ts";
import { it as base, modes } from "../support/lifecycle/fixture.ts";
import { account, entryText, roleArn, roleOf, type World } from "../support/lifecycle/world.ts";
import { authorizerOf, rule } from "../support/review/sample.ts";

const admin = "admin: system:masters";
const caller = { arn: `arn:aws:sts::${account}:assumed-role/admin/me`, username: "admin", groups: [] };
const mapping = roleOf("admin", admin);
const dev = { ...mapping, groups: ["dev"] };
const override = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };

describe.each(modes)("in mode %s", (authenticationMode) => {
  const it = base.extend("administrator", { auto: true }, async ({ stack }) => {
    const administrator = { ...mapping, authenticationMode };
    expect(await stack.up({ mappings: { admin: administrator } })).toEqual([]);
    return administrator;
  });

  it("refuses in a preview a change that removes the last administrator, beside the entry of EKS", async ({
    world,
    stack,
    administrator,
  }) => {
    world.put("", serviceEntry);
    expect(await stack.preview({ mappings: { admin: administrator } })).toMatchObject({ refused: [], messages: [] });
    const program = { mappings: { admin: { ...dev, authenticationMode } } };
    expect((await stack.preview(program)).refused).toEqual([expect.stringContaining("the last administrator of")]);
  });

  it("refuses a destroy of the last administrator, unless the environment allows it", async ({ world, stack }) => {
    const now = () => [world.mapContents("admin"), world.entryContent("admin"), world.hasAccess("admin")];
    const before = now();
    expect(await stack.destroy()).toEqual([
      `this change would remove arn "${mapping.arn}", the last administrator of EKS cluster "prod"; map another administrator first, or allow this change with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy" (or "pulumi up")`,
    ]);
    expect([before[2], now()]).toEqual([true, before]);
    expect(await stack.destroy(override)).toEqual([]);
    expect([world.hasAccess("admin"), world.remainingClaims]).toEqual([false, []]);
  });

  it("warns about a removal with a remedy that applies after it, if lockoutProtection is warn", async ({ stack }) => {
    expect(await stack.destroy({ AWS_AUTH_LOCKOUT_PROTECTION: "warn" })).toEqual([]);
    expect(stack.messages).toContainEqual(
      `warning: this change removes arn "${mapping.arn}", the last administrator of EKS cluster "prod"; map another administrator`,
    );
  });

  it("refuses to destroy the last of two administrators", async ({ world, stack, administrator }) => {
    const mappings = { admin: administrator, second: { ...administrator, arn: roleArn("second") } };
    expect(await stack.up({ mappings })).toEqual([]);
    expect(await stack.destroy()).toHaveLength(1);
    expect(["admin", "second"].filter((name) => world.hasAccess(name))).toHaveLength(1);
  });

  it("only warns if the caller keeps its rights in another way", async ({ world, stack }) => {
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
    `this change would remove access to EKS cluster "prod" for arn "${mapping.arn}", the identity of this run; use other credentials, or allow this change with "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up"`,
  ]);
});

const second = entryText("second", "second: system:masters");
const forbidden = new AwsAuthError("accessDenied", 'AWS profile "ci" may not call eks:ListAccessEntries');
const unreadable = (call: string) => {
  if (call === "list entries") {
    throw forbidden;
  }
};

base.for<[title: string, prepare: (world: World) => void, note: string]>([
  [
    "IAM does not have the other one",
    (world) => world.recreate(roleArn("second"), true),
    "IAM has no role or user with this name",
  ],
  [
    "the access entry of the other one is dead",
    (world) => {
      world.put("second", { policies: [adminPolicy] });
      world.recreate(roleArn("second"));
    },
    "its access entry grants no access: the role or user was recreated after the access entry was created",
  ],
])("refuses to remove the last administrator that can log in if %s", async ([, prepare, note], { world, stack }) => {
  world.edit(() => second);
  expect(await stack.up({ mappings: { admin: mapping } })).toEqual([]);
  prepare(world);
  const refused = `this change would remove arn "${mapping.arn}", the last administrator of EKS cluster "prod" ("${roleArn("second")}" cannot administer it, because ${note}); map another administrator first`;
  expect((await stack.preview({ mappings: { admin: dev } })).refused).toEqual([expect.stringContaining(refused)]);
  expect(await stack.up({ mappings: {} })).toEqual([expect.stringContaining(refused)]);
});

base(
  "queries IAM for other administrators only until one can log in, and not for changes of users",
  async ({ world, stack }) => {
    const asked = () => world.calls.filter((call) => call === "read principal").length;
    world.edit(() => second + entryText("third", "third: system:masters"));
    const user = { ...roleOf("user"), adopt: true };
    expect(await stack.up({ mappings: { admin: mapping, user } })).toEqual([]);
    expect(await stack.up({ mappings: { admin: mapping, user: { ...user, groups: ["other"] } } })).toEqual([]);
    const before = asked();
    expect(await stack.up({ mappings: { admin: dev, user: { ...user, groups: ["other"] } } })).toEqual([]);
    expect([before, asked()]).toEqual([1, 2]);
  },
);

base("warns of each removal of an administrator while the access entries cannot be read", async ({ world, stack }) => {
  world.edit(() => second);
  expect(await stack.up({ mappings: { admin: mapping } })).toEqual([]);
  world.watch = unreadable;
  const unread = `EKS cluster "prod" (access entries cannot be read: ${forbidden.message})`;
  const warning = `warning: this change removes arn "${mapping.arn}", an administrator of ${unread}; check that another administrator can log in`;
  expect((await stack.preview({ mappings: { admin: dev } })).messages).toContainEqual(warning);
  world.edit((text) => text.replace(second, ""));
  expect(await stack.destroy()).toEqual([expect.stringContaining(`the last administrator of ${unread}; map another`)]);
  world.edit((text) => second + text);
  expect(await stack.destroy()).toEqual([]);
  expect(stack.messages).toContainEqual(warning);
});

base(
  "refuses to remove the last administrator by a binding, and reads bindings only for existing entries",
  async ({ world, stack }) => {
    const rights = vi.spyOn(ClusterSession.prototype, "rights");
    const ops = { ...mapping, groups: ["ops"] };
    expect(await stack.up({ mappings: { admin: ops } })).toEqual([]);
    expect(rights).not.toHaveBeenCalled();
    expect(await stack.up({ mappings: { admin: dev } })).toEqual([]);
    expect(await stack.up({ mappings: { admin: ops } })).toEqual([]);
    const authorizer = authorizerOf([{ role: "cluster-admin", rules: [rule(["*"])], to: "ops" }]);
    rights.mockResolvedValue({ authorizer, unread: undefined });
    expect((await stack.preview({ mappings: { admin: dev } })).refused).toEqual([
      expect.stringContaining("the last administrator"),
    ]);
    expect(await stack.destroy()).toEqual([expect.stringContaining("the last administrator of")]);
    world.edit((text) => text + entryText("second", "second: ops"));
    expect(await stack.destroy()).toEqual([]);
  },
);

base("refuses to map the caller's role with fewer rights than the account entry gives", async ({ world, stack }) => {
  world.data = { mapRoles: "[]\n", mapAccounts: `["${account}"]\n` };
  world.caller = { ...caller, username: mapping.arn };
  const refused = [expect.stringContaining("the identity of this run")];
  expect((await stack.preview({ mappings: { admin: dev } })).refused).toEqual(refused);
  expect((await stack.preview({ mappings: { admin: mapping } })).refused).toEqual([]);
  expect((await stack.preview({ mappings: { admin: { ...dev, username: mapping.arn } } })).refused).toEqual([]);
});
