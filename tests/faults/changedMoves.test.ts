import { beforeEach, describe, expect, it, vi } from "vitest";
import { KnownEntries } from "../../provider/session/knownEntries.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { admin, dev, roleItem, useProgramWorld } from "./programWorld.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;
const ops = { arn: iam("role/teams/ops"), username: "ops", groups: ["viewers"] };
const refusing = { "aws-auth:lockoutProtection": "error" };

describe("a move, and what else may happen at the same time", () => {
  const at = useProgramWorld();
  const { told, entries, map } = at;
  let { world, cluster, stack } = at;
  beforeEach(() => {
    ({ world, cluster, stack } = at);
  });

  function demoteCreator(): void {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
  }

  /** Brings a mapping into a mode, and forgets that, as a run does that is killed before it can save its state. */
  async function killedUp(mapping: Readonly<Record<string, unknown>>, mode: AuthenticationMode): Promise<void> {
    const before = new Map(stack.states);
    expect(await stack.up({ mappings: { dev: mapping }, mode })).toEqual([]);
    for (const [name, state] of before) {
      stack.states.set(name, state);
    }
  }

  it.each([
    ["CONFIG_MAP", "API"],
    ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
    ["API", "CONFIG_MAP"],
    ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
    ["API", "API"],
  ] as const)("from %s to %s does not take the last administrator's groups", async (from, to) => {
    demoteCreator();
    expect(await stack.up({ mappings: { admin }, mode: from })).toEqual([]);
    const less = { mappings: { admin: { ...admin, groups: ["viewers"] } }, mode: to };
    expect((await stack.preview({ ...less, config: refusing })).join()).toContain("AWS_AUTH_LOCKOUT_PROTECTION=off");
    expect((await stack.up({ ...less, config: refusing })).join()).toContain("AWS_AUTH_LOCKOUT_PROTECTION=off");
    expect(await stack.preview(less)).toEqual([]);
    expect(told.join()).toMatch(/role\/admin" has (the only mapping|the last of \d mappings) to system:masters/);
  });

  it("does not take the groups of the last two administrators in one run", async () => {
    demoteCreator();
    const boss = { ...admin, arn: ops.arn, username: "boss" };
    expect(await stack.up({ mappings: { admin, boss }, mode: "API" })).toEqual([]);
    const less = { admin: { ...admin, groups: ["viewers"] }, boss: { ...boss, groups: ["viewers"] } };
    const [refused = "", ...more] = await stack.preview({ mappings: less, mode: "API", config: refusing });
    expect(more).toEqual([]);
    expect(refused).toContain("AWS_AUTH_LOCKOUT_PROTECTION=off");
  });

  it("does not take over the last administrator of aws-auth", async () => {
    demoteCreator();
    cluster.api.data = { mapRoles: roleItem("admin", "admin", "system:masters") };
    const mappings = { admin: { ...admin, groups: ["viewers"], adopt: true } };
    expect((await stack.preview({ mappings, mode: "API", config: refusing })).join()).toContain(
      "AWS_AUTH_LOCKOUT_PROTECTION=off",
    );
    expect(
      await stack.preview({ mappings: { admin: { ...admin, adopt: true } }, mode: "API", config: refusing }),
    ).toEqual([]);
  });

  it.each(["API", "API_AND_CONFIG_MAP"] as const)("to %s is refused where another entry counts", async (mode) => {
    const lax = { ...dev, noDuplicateARNs: false };
    expect(await stack.up({ mappings: { dev: lax }, mode: "CONFIG_MAP" })).toEqual([]);
    cluster.api.data = { mapRoles: map() + roleItem("dev", "other", "editors") };
    expect(await stack.up({ mappings: { dev: lax }, mode })).toEqual([
      expect.stringMatching(/mapRoles entry 2 .* counts instead of the entry of this resource/),
    ]);
    expect(entries()).toEqual([]);
    expect(await stack.preview({ mappings: { dev: { ...lax, adopt: true } }, mode })).toEqual([]);
  });

  it("of two mappings of one role is refused, since it has one access entry", async () => {
    const [a, b] = [
      { ...dev, noDuplicateARNs: false },
      { ...dev, username: "other", noDuplicateARNs: false },
    ];
    expect(await stack.preview({ mappings: { a, b }, mode: "API" })).toEqual([
      expect.stringContaining("EKS has one access entry for an identity"),
    ]);
    expect(await stack.preview({ mappings: { a, b: a }, mode: "API" })).toEqual([]);
  });

  it("that failed is undone by the way back, which the preview tells", async () => {
    expect(await stack.up({ mappings: { dev, admin }, mode: "CONFIG_MAP" })).toEqual([]);
    let isCut = false;
    world.aws.after = async ({ operation }) => {
      isCut ||= operation === "CreateAccessEntry";
      return isCut ? "cut" : undefined;
    };
    expect(await stack.up({ mappings: { dev, admin }, mode: "API" })).toHaveLength(2);
    world.aws.after = undefined;
    expect(entries().toSorted()).toEqual(["admin", "dev"]);
    expect(await stack.preview({ mappings: { dev, admin }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.filter((text) => text.includes("that a run which did not finish has left"))).toHaveLength(2);
    expect(await stack.up({ mappings: { dev, admin }, mode: "CONFIG_MAP" })).toEqual([]);
    expect([entries(), map().match(/rolearn/g)?.length]).toEqual([[], 2]);
  });

  it("that was killed before its end could be saved leaves nothing behind a destroy", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    await killedUp(dev, "API");
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect([entries(), map()]).toEqual([[], "[]\n"]);
  });

  it("that was killed before its end could be saved is found by a refresh", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    await killedUp(dev, "API");
    expect(await stack.refresh({ mode: "API" })).toEqual([]);
    expect(stack.states.get("dev")?.outs).toMatchObject({ authenticationMode: "API" });
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect([entries(), map()]).toEqual([[], "[]\n"]);
  });

  it("back that was killed before its end could be saved is found by a refresh", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    await killedUp(dev, "CONFIG_MAP");
    expect(await stack.refresh({ mode: "CONFIG_MAP" })).toEqual([]);
    expect(stack.states.get("dev")?.outs).not.toHaveProperty("authenticationMode");
    expect(await stack.destroy({ mode: "CONFIG_MAP" })).toEqual([]);
    expect([entries(), map()]).toEqual([[], "[]\n"]);
  });

  it.each([
    ["the next run in mode API", true],
    ["a destroy", false],
  ])("back that failed leaves nothing in aws-auth behind %s", async (_title, isUp) => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    world.aws.before = async ({ operation }) => (operation === "DeleteAccessEntry" ? "cut" : undefined);
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toHaveLength(1);
    world.aws.before = undefined;
    expect(map()).toContain("role/dev");
    expect(isUp ? await stack.up({ mappings: { dev }, mode: "API" }) : await stack.destroy({ mode: "API" })).toEqual(
      [],
    );
    expect([entries(), map()]).toEqual([isUp ? ["dev"] : [], "[]\n"]);
  });

  it("is told to revive an entry of aws-auth when its access entry is deleted", async () => {
    cluster.api.data = { mapRoles: roleItem("ops", "boss", "system:masters") };
    expect(await stack.up({ mappings: { ops: { ...ops, adopt: true } }, mode: "API" })).toEqual([]);
    expect(told.join()).not.toContain("still gives access");
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect(told.join()).toMatch(
      /1 entry for arn ".*role\/ops" remains in kube-system\/aws-auth and still gives access/,
    );
  });

  it("waits for the access entry of a renamed mapping, as for its own", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    const inForce = vi.spyOn(KnownEntries.prototype, "inForce").mockImplementation(async () => {
      expect(map()).toContain("role/dev");
    });
    expect(await stack.up({ mappings: { renamed: dev }, mode: "API" })).toEqual([]);
    expect(inForce).toHaveBeenCalledWith(dev.arn);
    expect(map()).toBe("[]\n");
  });

  it("leaves the entry in aws-auth where somebody changes the access entry meanwhile", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    vi.spyOn(KnownEntries.prototype, "inForce").mockImplementationOnce(async () => {
      Object.assign(world.aws.entry(cluster.name, dev.arn) ?? {}, { kubernetesGroups: ["nobody"] });
    });
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([
      expect.stringMatching(/was changed or deleted while this run waited/),
    ]);
    expect(map()).toContain("role/dev");
    Object.assign(world.aws.entry(cluster.name, dev.arn) ?? {}, { kubernetesGroups: ["viewers"] });
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    expect(map()).toBe("[]\n");
  });

  it.each([
    ["CONFIG_MAP", "API"],
    ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
    ["API", "CONFIG_MAP"],
  ] as const)("from %s to %s does not bring back what ignoreChanges has let go", async (from, to) => {
    const boss = { ...dev, groups: ["system:masters"] };
    const ignoreChanges = ["groups"];
    expect(await stack.up({ mappings: { dev: boss }, mode: from, ignoreChanges })).toEqual([]);
    cluster.api.data = { mapRoles: from === "API" ? "[]\n" : roleItem("dev", "dev", "viewers") };
    Object.assign(world.aws.entry(cluster.name, dev.arn) ?? {}, { policies: [] });
    expect(await stack.up({ mappings: { dev: boss }, mode: from, ignoreChanges })).toEqual([]);
    expect(await stack.up({ mappings: { dev: boss }, mode: to, ignoreChanges })).toEqual([
      expect.stringMatching(/^the ignoreChanges of .* a move would bring back .*system:masters/),
    ]);
  });

  it("comes back from a cluster that has none of its access entries, since it was made again", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    world.aws.removeCluster(cluster.name);
    world.aws.addCluster({ name: cluster.name, endpoint: cluster.api.url, authenticationMode: "CONFIG_MAP" });
    const states = new Map(stack.states);
    expect(await stack.refresh({ mode: "API" })).toEqual([]);
    expect(stack.states.size).toBe(0);
    stack.states.set("dev", states.get("dev") ?? { id: "", inputs: {}, outs: {} });
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(map()).toContain("role/dev");
    stack.states.set("dev", states.get("dev") ?? { id: "", inputs: {}, outs: {} });
    expect(await stack.destroy({ mode: "CONFIG_MAP" })).toEqual([]);
  });
});
