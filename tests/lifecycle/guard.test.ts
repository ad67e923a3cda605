import { describe, expect } from "vitest";
import { adminPolicy } from "../support/accessEntries.ts";
import { it as base, modes } from "../support/lifecycle/fixture.ts";
import { account, roleArn, roleOf } from "../support/lifecycle/world.ts";

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
