import { beforeEach, describe, expect, it } from "vitest";
import { ProgramStack } from "./programStack.ts";
import { dev, roleItem, useProgramWorld } from "./programWorld.ts";

const lax = { noDuplicateARNs: false };
const off = { "aws-auth:ownership": "off" };

describe("what is left, or stays, in a place that a mapping leaves", () => {
  const at = useProgramWorld();
  const { told, entries, map, forget, failToMove, failToReturn } = at;
  let { world, cluster, stack } = at;
  beforeEach(() => {
    ({ world, cluster, stack } = at);
  });

  it.each([
    ["without claims", off, false],
    ["whose tags are lost", {}, true],
    ["with its claim", {}, false],
  ])("is refused in a preview where somebody changed it, %s", async (_t, config, isLost) => {
    expect(await stack.up({ mappings: { dev }, mode: "API", config })).toEqual([]);
    Object.assign(world.aws.entry(cluster.name, dev.arn) ?? {}, {
      kubernetesGroups: ["ops"],
      ...(isLost && { tags: {} }),
    });
    const program = { mappings: { dev }, mode: "CONFIG_MAP", config } as const;
    const says = [expect.stringContaining("was changed outside Pulumi")];
    const preview = await stack.preview(program);
    const up = await stack.up(program);
    expect([preview, up, map()]).toEqual([says, says, "[]\n"]);
  });

  it("goes though the mapping has become one without an access entry", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    let isCut = false;
    world.aws.after = async ({ operation }) => {
      isCut ||= operation === "CreateAccessEntry";
      return isCut ? "cut" : undefined;
    };
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toHaveLength(1);
    world.aws.after = undefined;
    expect(entries()).toEqual(["dev"]);
    const changed = { ...dev, groups: ["system:viewers"] };
    const program = {
      mappings: { dev: changed },
      mode: "CONFIG_MAP",
      config: { "aws-auth:authenticationMode": "CONFIG_MAP" },
    } as const;
    const results = [
      await stack.preview(program),
      await stack.up(program),
      entries(),
      await stack.up(program),
      entries(),
    ];
    const gone = await stack.destroy({ mode: "CONFIG_MAP" });
    expect([results, gone, entries()]).toEqual([[[], [], [], [], []], [], []]);
  });

  it("stays where it was there before, though a killed run of a new mapping has claimed it", async () => {
    world.aws.addServiceEntry(cluster.name, dev.arn, { type: "STANDARD", username: "dev", groups: ["viewers"] });
    expect(await new ProgramStack(cluster.name).up({ mappings: { dev }, mode: "API" })).toEqual([]);
    // Its state was never saved.
    expect(await stack.up({ mappings: { dev: { ...dev, adopt: true } }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join("\n")).toContain("stays and still gives access: it existed before");
    expect(world.aws.entry(cluster.name, dev.arn)).toBeDefined();
  });

  it("goes with a delete, though the mapping has no access entry", async () => {
    const odd = { ...dev, groups: ["system:viewers"] };
    expect(await stack.up({ mappings: { dev: odd }, mode: "CONFIG_MAP" })).toEqual([]);
    await failToMove(dev, "API");
    expect(entries()).toEqual(["dev"]);
    const up = await stack.up({ mappings: { dev: odd }, mode: "CONFIG_MAP" });
    const first = await stack.destroy({ mode: "CONFIG_MAP" });
    const refreshed = await stack.refresh({ mode: "CONFIG_MAP" });
    const second = await stack.destroy({ mode: "CONFIG_MAP" });
    expect([up, first, refreshed, second, entries(), map()]).toEqual([[], [], [], [], [], "[]\n"]);
  });

  it("goes with a delete, though the cluster ignores aws-auth by now", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    await failToMove(dev, "API");
    expect(entries()).toEqual(["dev"]);
    world.aws.cluster(cluster.name).mode = "API";
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect([entries(), told.join()]).toEqual([[], expect.stringContaining("stays where it is, without effect")]);
  });

  it("is no drift where a killed move has removed it", async () => {
    const inEntry = { ...dev, authenticationMode: "API" };
    expect(await stack.up({ mappings: { dev }, mode: undefined })).toEqual([]);
    const before = new Map(stack.states);
    expect(await stack.up({ mappings: { dev: inEntry }, mode: undefined })).toEqual([]);
    for (const [name, state] of before) {
      stack.states.set(name, state);
    }
    forget();
    expect(await stack.preview({ mappings: { dev: inEntry }, mode: undefined })).toEqual([]);
    expect(told.join("\n")).not.toContain("removed outside Pulumi");
  });

  it("goes from aws-auth though the mapping changes", async () => {
    const ignoreChanges = ["username"];
    expect(await stack.up({ mappings: { dev }, mode: "API", ignoreChanges })).toEqual([]);
    world.aws.before = async ({ operation }) =>
      ["DeleteAccessEntry", "UntagResource"].includes(operation) ? "cut" : undefined;
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP", ignoreChanges })).toHaveLength(1);
    world.aws.before = undefined;
    expect([entries(), map().match(/rolearn/g)]).toEqual([["dev"], ["rolearn"]]);
    const changed = { ...dev, groups: ["ops"] };
    const up = await stack.up({ mappings: { dev: changed }, mode: "API", ignoreChanges });
    expect([up, map()]).toEqual([[], "[]\n"]);
  });

  it("goes from aws-auth, and no entry of others", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    world.aws.before = async ({ operation }) => (operation === "UntagResource" ? "cut" : undefined);
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toHaveLength(1);
    world.aws.before = undefined;
    const foreign = roleItem("dev", "dev", "ops");
    const left = map();
    cluster.api.data = { ...cluster.api.data, mapRoles: `${foreign}${left}` };
    const errors = await stack.up({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API" });
    expect([errors, map()]).toEqual([[], foreign]);
  });

  it("does not keep a mapping from being deleted where somebody changed it in aws-auth", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    await failToReturn(dev);
    cluster.api.data = { mapRoles: map().replace("viewers", "ops") };
    const first = await stack.destroy({ mode: "API" });
    const after = entries();
    const refreshed = await stack.refresh({ mode: "API" });
    const second = await stack.destroy({ mode: "API" });
    expect([first, after, refreshed, second, entries()]).toEqual([[], [], [], [], []]);
    expect(told.join()).toContain("was changed outside Pulumi, and stays");
  });

  it("does not keep a mapping from going on where somebody changed it in aws-auth", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    await failToReturn(dev);
    cluster.api.data = { mapRoles: map().replace("viewers", "ops") };
    const p = await stack.preview({ mappings: { dev }, mode: "API" });
    const first = await stack.up({ mappings: { dev }, mode: "API" });
    const refreshed = await stack.refresh({ mode: "API" });
    const second = await stack.up({ mappings: { dev }, mode: "API" });
    expect([p, first, refreshed, second]).toEqual([[], [], [], []]);
  });

  it("is told to count where the mapping adopts, and says something else", async () => {
    const other = new ProgramStack(cluster.name, "o/t/other");
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    forget();
    const program = { mappings: { dev: { ...dev, groups: ["ops"], adopt: true } }, mode: "CONFIG_MAP" } as const;
    const p = await stack.preview(program);
    const said = [...told];
    expect(await stack.up(program)).toEqual([]);
    expect([p, entries(), map()]).toEqual([[], ["dev"], expect.stringContaining("ops")]);
    expect(said).toEqual([expect.stringContaining("takes precedence: this mapping counts once that is deleted")]);
  });

  it("is told to count where it was there before", async () => {
    world.aws.addServiceEntry(cluster.name, dev.arn, { type: "STANDARD", username: "dev", groups: ["viewers"] });
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    forget();
    const program = { mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "CONFIG_MAP" } as const;
    const p = await stack.preview(program);
    expect([p, told]).toEqual([[], [expect.stringContaining("precedence")]]);
  });

  it("is told of where it is a namesake's in aws-auth", async () => {
    expect(await new ProgramStack(cluster.name).up({ mappings: { namesake: dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await stack.up({ mappings: { namesake: dev }, mode: "API" })).toEqual([]);
    forget();
    expect(await stack.preview({ mappings: { namesake: dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).toContain("is claimed already under the name of this resource");
  });
});

describe("a mapping", () => {
  const at = useProgramWorld();
  const { map } = at;
  let { world, cluster, stack } = at;
  beforeEach(() => {
    ({ world, cluster, stack } = at);
  });

  it("shows no change where somebody changed what the program ignores, of an entry in another spelling", async () => {
    cluster.api.data = { mapRoles: roleItem("DEV", "dev", "viewers") };
    const program = { mappings: { dev }, mode: "CONFIG_MAP", ignoreChanges: ["groups"] } as const;
    expect(await stack.up(program)).toEqual([]);
    const changed = map().replace("viewers", "ops");
    cluster.api.data = { mapRoles: changed };
    expect(await stack.up(program)).toEqual([]);
    expect(map()).toBe(changed);
  });

  it("moves while it changes to what an earlier entry of others says", async () => {
    cluster.api.data = { mapRoles: roleItem("dev", "dev", "ops") };
    expect(await stack.up({ mappings: { dev: { ...dev, ...lax } }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(map().match(/rolearn/g)).toHaveLength(2);
    expect(await stack.preview({ mappings: { dev: { ...dev, ...lax, groups: ["ops"] } }, mode: "API" })).toEqual([]);
  });

  it("is made again where its access entry is dead, and claims are off", async () => {
    const config = { "aws-auth:ownership": "off" };
    expect(await stack.up({ mappings: { dev }, mode: "API", config })).toEqual([]);
    world.clock.behind -= 5_000;
    world.aws.principals.recreate(dev.arn);
    expect(await stack.up({ mappings: { dev }, mode: "API", config })).toEqual([]);
  });
});
