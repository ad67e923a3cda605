import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished } from "vitest";
import { check } from "../../provider/lifecycle/check.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { principalKey } from "../../provider/mapping/index.ts";
import { badInputFiles, badInputs } from "../support/engine/badInputs.ts";
import { dev, it } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { entryText, roleArn, roleOf } from "../support/lifecycle/world.ts";

const both = "API_AND_CONFIG_MAP";
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const refusalsOf = async (stack: Stack, mapping: object, ignoreChanges: readonly string[] = []) =>
  (await stack.preview({ mappings: { dev: { ...dev, ...mapping } }, ignoreChanges })).refused;

describe("the check of inputs", () => {
  it.for(badInputs)("reports each problem on its property: %s", async ([_title, args, problems]) => {
    const cwd = await mkdtemp(join(tmpdir(), "bad-inputs-"));
    onTestFinished(() => rm(cwd, { recursive: true }));
    for (const [name, text] of Object.entries(badInputFiles)) {
      await writeFile(join(cwd, name), text);
    }
    const run = new Run();
    run.settings = { config: () => undefined, env: {}, cwd };
    const given: Record<string, unknown> = { cluster: { manifest: "aws-auth.yaml" }, ...args };
    const { failures = [] } = await check(run, parseState({}), { ...given, cluster: given["cluster"] ?? undefined });
    // The value of a misspelled input may be secret, so no property is named.
    const named = (name: string, text: string) => (text.includes("is not an input") ? "" : name);
    for (const [name, text] of Object.entries(problems)) {
      expect(failures).toContainEqual({ property: named(name, text), reason: expect.stringContaining(text) });
    }
    expect(failures).toHaveLength(Object.keys(problems).length);
  });

  it.for([
    [{ authenticationMode: "MAP" }, /^authenticationMode "MAP" must be one of: CONFIG_MAP, API/],
    [{ groups: ["system:nonsense"], authenticationMode: "API" }, /system:nonsense/],
  ] as const)("refuses %j", async ([wrong, reason], { stack }) => {
    expect(await refusalsOf(stack, wrong)).toEqual([expect.stringMatching(reason)]);
  });

  it("assigns an ID whose random part updates and aliases keep, and a new one to a replacement", async ({ stack }) => {
    await stack.up({ mappings: { dev } });
    const randomOf = (name: string) => /^\w{8}\.(\w{6})$/.exec(String(stack.states.get(name)?.outs["__claim"]))?.[1];
    const random = randomOf("dev");
    expect(random).toBeDefined();
    const mappings = { renamed: roleOf("dev", "dev: ops") };
    stack.rename("dev", "renamed");
    await stack.up({ mappings });
    expect(randomOf("renamed")).toBe(random);
    await stack.up({ mappings, replace: ["renamed"] });
    expect(randomOf("renamed")).not.toBe(random);
  });

  it("warns about an unusual name only while it is new", async ({ stack }) => {
    const program = (groups: readonly string[]) => ({ mappings: { dev: { ...dev, groups } } });
    const warnings = async (groups: readonly string[]) =>
      (await stack.preview(program(groups))).messages.filter((message) => message.startsWith("warning"));
    expect(await warnings(["Platform Admins"])).toEqual([expect.stringContaining('"Platform Admins"')]);
    await stack.up(program(["Platform Admins"]));
    expect(await warnings(["Platform Admins"])).toEqual([]);
    expect(await warnings(["Platform Users"])).toHaveLength(1);
  });

  const userArn = (path: string) => `arn:aws:iam::111122223333:user/${path}ann`;
  it.for<
    [title: string, mapping: Readonly<Record<string, unknown>>, inIam: string | undefined, warning?: string | undefined]
  >([
    ["IAM does not have the role", dev, undefined, "IAM has no role or user with this name; correct the ARN"],
    ["a role in aws-auth lacks its path", dev, roleArn("eng/dev"), undefined],
    [
      "the path of a role in an access entry is wrong",
      { ...dev, arn: roleArn("team/dev"), authenticationMode: both },
      roleArn("eng/dev"),
      `its ARN in IAM is ${roleArn("eng/dev")}; correct the ARN`,
    ],
    ["a user lacks its path", { ...dev, arn: userArn("") }, userArn("eng/"), `its ARN in IAM is ${userArn("eng/")}`],
    ["the path of a user is right", { ...dev, arn: userArn("eng/") }, userArn("eng/"), undefined],
  ])("warns about a new mapping if %s", async ([_title, mapping, inIam, warning], { world, stack }) => {
    for (const arn of [dev.arn, userArn(""), userArn("eng/")]) {
      world.principals.set(principalKey(arn), inIam === undefined ? undefined : { arn: inIam, createdAt: new Date(0) });
    }
    const { messages } = await stack.preview({ mappings: { dev: mapping } });
    expect(messages.filter((message) => message.startsWith("warning"))).toEqual(
      warning === undefined ? [] : [expect.stringContaining(warning)],
    );
  });

  it("refuses a second resource of one principal, in any spelling", async ({ stack }) => {
    const again = { ...dev, arn: dev.arn.replace("role/dev", "role/team/Dev") };
    expect((await stack.preview({ mappings: { dev, again } })).refused).toEqual([
      `arn "${roleArn("Dev")}" is also mapped by resource "dev" in this program; remove one of them, because only one entry takes effect`,
    ]);
  });

  it("refuses a duplicate of a mapping with unknown inputs", async ({ world, stack }) => {
    world.edit(() => entryText("dev", "dev: ops"));
    const { refused } = await stack.preview({ mappings: { dev: { ...dev, groups: [unknown] }, again: dev } });
    expect(refused).toEqual([expect.stringContaining("is also mapped by")]);
  });
});

describe("a refusal", () => {
  it("shows in a preview that an entry with a comment cannot be replaced", async ({ world, stack }) => {
    world.edit(() => entryText("dev", "dev: ops").replace('username: "dev"', "username: dev # on call"));
    expect(await refusalsOf(stack, { adopt: true })).toEqual([
      expect.stringMatching(
        /^mapRoles entry 1 .* \(line 2 of the key\) has a comment that would be lost .*; move or remove it/,
      ),
    ]);
  });

  it("contains the existing entry, its owner and the remedy", async ({ world, stack }) => {
    await stack.up({ mappings: { dev } });
    expect(await refusalsOf(new Stack(world, "test"), { groups: ["ops"] })).toEqual([
      `arn "${dev.arn}" is already mapped (mapRoles entry 1: username "dev", groups ["viewers"]), claimed by "infra/prod dev"; set adopt: true to take over this entry, or remove it`,
    ]);
  });

  it("does not suggest adopt in aws-auth for an access entry that overrides it", async ({ world, stack }) => {
    world.put("dev", { username: "dev", groups: ["ops"] });
    expect(await refusalsOf(stack, { adopt: true })).toEqual([
      expect.stringMatching(/^arn ".*" is already mapped \(access entry for .*\); remove this entry$/),
    ]);
  });

  it("reports an entry for nodes that no resource claims", async ({ world, stack }) => {
    const nodes = roleOf("dev", "system:node:{{EC2PrivateDNSName}}: system:nodes");
    world.edit(() => entryText("dev", "system:node:{{EC2PrivateDNSName}}: system:nodes"));
    expect(await refusalsOf(stack, nodes)).toEqual([
      expect.stringContaining("has a node entry that no Pulumi resource claims"),
    ]);
  });

  it("is reported once if it stops every mapping", async ({ world, stack }) => {
    const mappings = { a: roleOf("a"), b: roleOf("b"), c: roleOf("c") };
    expect(await stack.up({ mappings }, { at: 1, kind: "refuse" })).toEqual(["read map was refused"]);
    expect(world.remainingClaims).toEqual([]);
  });
});

describe("the check of authenticationMode", () => {
  it.for([
    ["CONFIG_MAP", "API"],
    ["API", "CONFIG_MAP"],
  ] as const)("refuses, on a cluster in mode %s, the mode %s", async ([mode, authenticationMode], { world, stack }) => {
    world.mode = mode;
    expect(await refusalsOf(stack, { authenticationMode })).toEqual([
      expect.stringContaining(
        `authenticationMode ${authenticationMode} is not supported by the cluster, whose mode is ${mode}`,
      ),
    ]);
  });

  it.for([
    ["of two steps", { authenticationMode: "API" }, [], "cannot change to API directly; set it to API_AND_CONFIG_MAP"],
    [
      "that also changes content",
      { authenticationMode: both, groups: ["ops"] },
      [],
      "changes both its authenticationMode and",
    ],
    ["whose content is ignored", { authenticationMode: both }, ["groups"], "while ignoreChanges includes username"],
  ] as const)("refuses a change %s", async ([, mapping, ignoreChanges, reason], { stack }) => {
    await stack.up({ mappings: { dev: { ...dev, authenticationMode: "CONFIG_MAP" } } });
    expect(await refusalsOf(stack, mapping, ignoreChanges)).toEqual([expect.stringContaining(reason)]);
  });

  it("refuses access entries on a manifest", async ({ stack }) => {
    const refusals = await refusalsOf(stack, { authenticationMode: both, cluster: { manifest: "aws-auth.yaml" } });
    expect(refusals).toEqual([expect.stringContaining("access entries require the name of an EKS cluster")]);
  });

  it("keeps a place if the other one does not have the entry of the resource", async ({ world, stack }) => {
    await stack.up({ mappings: { dev: { ...dev, authenticationMode: both } } });
    world.put("dev", { username: "dev", groups: ["others"] });
    expect(await refusalsOf(stack, { authenticationMode: "API" })).toHaveLength(1);
    expect(world.mapContents("dev")).toEqual(["dev: viewers"]);
  });
});

describe("a preview", () => {
  it("shows drift by property, and up corrects it", async ({ world, stack }) => {
    await stack.up({ mappings: { dev } });
    world.edit((text) => text.replace("viewers", "system:masters") + entryText("admin", "admin: system:masters"));
    const { shown, steps, messages } = await stack.preview({ mappings: { dev } });
    const change =
      'the cluster has "system:masters" (last written by "kubectl-edit", 1970-01-01 00:00 UTC); pulumi up restores "viewers"';
    expect(shown).toEqual({ dev: { drift: { groups: change } } });
    expect(steps).toEqual({ dev: "update" });
    expect(messages).toContain(`warning: drift of arn "${dev.arn}": groups: ${change}`);
    expect(await stack.up({ mappings: { dev } })).toEqual([]);
    expect((await stack.preview({ mappings: { dev } })).shown).toEqual({ dev: {} });
  });

  it("does not show drift of ignored properties", async ({ world, stack }) => {
    await stack.up({ mappings: { dev } });
    world.edit((text) => text.replace("viewers", "others"));
    const { shown, steps } = await stack.preview({ mappings: { dev }, ignoreChanges: ["groups"] });
    expect({ shown, steps }).toEqual({ shown: { dev: {} }, steps: { dev: "update" } });
  });

  it.for<[of: string, inputs: object, line: string]>([
    [
      "an unknown ARN",
      { arn: unknown, groups: ["system:masters"] },
      "an identity that is not known yet: gains everything (group system:masters)",
    ],
    ["an unknown cluster", { cluster: unknown }, "role/dev: gains group viewers"],
    ["an unknown mode", { authenticationMode: unknown }, "role/dev: gains group viewers"],
    [
      "an unknown account",
      { account: unknown, arn: undefined, username: undefined, groups: undefined },
      "an identity that is not known yet: gains the rights of every authenticated user",
    ],
    [
      "an unknown group",
      { arn: unknown, groups: ["ops", unknown] },
      "an identity that is not known yet: gains group ops, and more through groups that are not known yet",
    ],
  ])("prints the rights of the declared groups with %s", async ([, inputs, line], { stack }) => {
    const { refused, messages } = await stack.preview({ mappings: { dev: { ...dev, ...inputs } } });
    expect(refused).toEqual([]);
    expect(messages).toEqual([`info: ${line}`]);
  });

  it.for([{ authenticationMode: unknown }, { groups: ["viewers", unknown] }, { username: unknown }])(
    "reports no change to the access of an identity in the state with %j",
    async (inputs, { stack }) => {
      await stack.up({ mappings: { dev } });
      const { messages } = await stack.preview({ mappings: { dev: { ...dev, ...inputs } } });
      expect(messages.filter((text) => /gains|loses/.test(text))).toEqual([]);
    },
  );

  it("warns about two mappings of one ARN on clusters that are not known yet", async ({ stack }) => {
    const mappings = {
      dev: { ...dev, cluster: unknown },
      again: { ...dev, cluster: { name: unknown } },
      ops: { ...roleOf("ops"), cluster: unknown },
    };
    const { refused, messages } = await stack.preview({ mappings });
    expect(refused).toEqual([]);
    expect(messages.filter((text) => text.startsWith("warning"))).toEqual([
      `warning: arn "${dev.arn}" is also mapped by resource "dev" in this program; if both use the same cluster, which is not known yet, remove one of them`,
    ]);
  });

  it("reports the owner that loses an adopted entry", async ({ world, stack }) => {
    await stack.up({ mappings: { dev } });
    const adopting = { mappings: { dev: { ...roleOf("dev", "dev: ops"), adopt: true } } };
    const { shown, messages } = await new Stack(world, "test").preview(adopting);
    expect(shown["dev"]).toEqual({
      adoption: {
        "mapRoles entry 1":
          'username "dev", groups ["viewers"] => username "dev", groups ["ops"], taken over from "infra/prod dev"',
      },
    });
    expect(messages).toContainEqual(expect.stringContaining('is taken over from "infra/prod dev"'));
  });

  it("reports that identical entries are claimed", async ({ world, stack }) => {
    world.edit(() => entryText("dev") + entryText("ops"));
    const { messages } = await stack.preview({ mappings: { dev, ops: roleOf("ops") } });
    expect(messages).toContainEqual(expect.stringContaining("existing entries that match"));
  });

  it("prints the rights that the principal gains and loses", async ({ stack }) => {
    await stack.up({ mappings: { dev } });
    const { messages } = await stack.preview({ mappings: { dev: roleOf("dev", "dev: ops") } });
    expect(messages).toContainEqual(expect.stringMatching(/^info: role\/dev: gains group ops.*loses group viewers/));
  });

  it("does not report the loss of an access policy of others, which a write keeps", async ({ world, stack }) => {
    const inEntries = { ...dev, authenticationMode: "API" };
    await stack.up({ mappings: { dev: inEntries } });
    const [entry] = world.entries.values();
    const scope = { type: "namespace", namespaces: ["team-a"] } as const;
    const policy = { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy", scope };
    world.put("dev", { ...entry, policies: [policy] });
    const { messages } = await stack.preview({ mappings: { dev: { ...inEntries, groups: ["viewers", "ops"] } } });
    expect(messages).toContainEqual(expect.stringMatching(/^info: role\/dev: gains group ops/));
    expect(messages.join()).not.toContain("loses");
  });
});
