import { beforeEach, describe, expect, it } from "vitest";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleArn, World } from "../support/lifecycle/world.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };
const item = (name: string, group: string) =>
  `- rolearn: ${roleArn(name)}\n  username: ${name}\n  groups: ["${group}"]\n`;
const both = "API_AND_CONFIG_MAP";

/** A stack on a cluster with a map, and optionally a program that it ran. */
async function started(text = "[]\n", mapping?: Readonly<Record<string, unknown>>) {
  const world = new World();
  world.edit(() => text);
  const stack = new Stack(world);
  if (mapping !== undefined) {
    expect(await stack.up({ mappings: { dev: mapping } })).toEqual([]);
  }
  return { world, stack };
}

describe("inputs", () => {
  it.each([
    [{ noDuplicateARNs: false }, /^noDuplicateARNs false is not supported/],
    [{ adopt: "yes" }, /^adopt "yes" must be true or false/],
    [{ authenticationMode: "MAP" }, /^authenticationMode "MAP" must be one of: CONFIG_MAP, API/],
    [{ rolearn: "x" }, /^"rolearn" is not an input of an IdentityMapping; the inputs are cluster, arn/],
    [{ groups: ["system:nonsense"], authenticationMode: "API" }, /system:nonsense/],
  ])("refuses %j", async (wrong, reason) => {
    const { stack } = await started();
    expect((await stack.preview({ mappings: { dev: { ...dev, ...wrong } } })).refused).toEqual([
      expect.stringMatching(reason),
    ]);
  });

  it("mints an ID that survives updates and aliases, and is not shared by a replacement", async () => {
    const { stack } = await started("[]\n", dev);
    const idOf = (name: string) => stack.states.get(name)?.outs["__claim"];
    const id = idOf("dev");
    expect(id).toMatch(/^\w{8}\.\w{6}$/);
    await stack.up({ mappings: { renamed: { ...dev, groups: ["ops"] } }, aliases: { renamed: "dev" } });
    expect(idOf("renamed")).toBe(id);
    await stack.up({ mappings: { renamed: { ...dev, groups: ["ops"] } }, replace: ["renamed"] });
    expect(idOf("renamed")).not.toBe(id);
  });

  it("refuses a second resource of one principal, in whatever spelling", async () => {
    const { stack } = await started();
    const again = { ...dev, arn: dev.arn.replace("role/dev", "role/team/Dev") };
    expect((await stack.preview({ mappings: { dev, again } })).refused).toEqual([
      `arn "${roleArn("Dev")}" is also mapped by "dev" of this program; keep one of the two, since only one entry counts`,
    ]);
  });

  it("checks the rest once unknown inputs are known", async () => {
    const { stack } = await started(item("dev", "ops"));
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const { refused } = await stack.preview({ mappings: { dev: { ...dev, groups: [unknown] }, again: dev } });
    expect(refused).toEqual([expect.stringContaining("is also mapped by")]);
  });
});

describe("refusals", () => {
  it("shows in a preview that an entry with a comment cannot be replaced", async () => {
    const { stack } = await started(item("dev", "ops").replace("username: dev", "username: dev # on call"));
    expect((await stack.preview({ mappings: { dev: { ...dev, adopt: true } } })).refused).toEqual([
      expect.stringMatching(
        /^mapRoles entry 1 .* \(line 2 of the key\) has a comment, which would be lost .*; move or remove that/,
      ),
    ]);
  });

  it("names the entry that is in the way, its owner and the remedy", async () => {
    const { world } = await started("[]\n", dev);
    const other = new Stack(world, "test");
    expect((await other.preview({ mappings: { dev: { ...dev, groups: ["ops"] } } })).refused).toEqual([
      `arn "${dev.arn}" is already mapped (mapRoles entry 1: username "dev", groups ["viewers"]), claimed by "infra/prod dev"; set adopt: true to take it over, or remove the other entry`,
    ]);
  });

  it.each([["unclaimed nodes", "system:nodes", /is mapped for nodes by an entry that no Pulumi resource claims/]])(
    "refuses %s",
    async (_title, group, reason) => {
      const { stack } = await started(
        item("dev", group).replace("username: dev", 'username: "system:node:{{EC2PrivateDNSName}}"'),
      );
      const nodes = { ...dev, username: "system:node:{{EC2PrivateDNSName}}", groups: [group] };
      expect((await stack.preview({ mappings: { nodes } })).refused).toEqual([expect.stringMatching(reason)]);
    },
  );

  it("reports once what stops every mapping", async () => {
    const { world, stack } = await started();
    const names = ["a", "b", "c"];
    const mappings = Object.fromEntries(names.map((name) => [name, { ...dev, arn: roleArn(name) }]));
    expect(await stack.up({ mappings }, { at: 1, kind: "refuse" })).toEqual(["read map was refused"]);
    expect(world.left).toEqual([]);
  });
});

describe("modes", () => {
  it.each([
    ["CONFIG_MAP", "API", /^authenticationMode API does not fit the cluster, whose mode is CONFIG_MAP/],
    ["API", "CONFIG_MAP", /^authenticationMode CONFIG_MAP does not fit the cluster, whose mode is API/],
  ] as const)("refuses on a cluster in mode %s what is stored in %s", async (mode, authenticationMode, reason) => {
    const { world, stack } = await started();
    world.mode = mode;
    expect((await stack.preview({ mappings: { dev: { ...dev, authenticationMode } } })).refused).toEqual([
      expect.stringMatching(reason),
    ]);
  });

  it("refuses a change of two steps, and one together with other content", async () => {
    const { stack } = await started("[]\n", { ...dev, authenticationMode: "CONFIG_MAP" });
    const refused = async (mapping: object) =>
      (await stack.preview({ mappings: { dev: { ...dev, ...mapping } } })).refused;
    expect(await refused({ authenticationMode: "API" })).toEqual([
      'authenticationMode API takes two steps; set API_AND_CONFIG_MAP first, one step for each "pulumi up"',
    ]);
    expect(await refused({ authenticationMode: both, groups: ["ops"] })).toEqual([
      `arn "${dev.arn}" changes both its authenticationMode and its content; change one of them for each "pulumi up"`,
    ]);
  });

  it("refuses a step while ignoreChanges names the content", async () => {
    const { stack } = await started("[]\n", { ...dev, authenticationMode: "CONFIG_MAP" });
    const program = { mappings: { dev: { ...dev, authenticationMode: both } }, ignoreChanges: ["groups"] };
    expect((await stack.preview(program)).refused).toEqual([
      expect.stringContaining("cannot change its authenticationMode while ignoreChanges names its username or groups"),
    ]);
  });

  it("refuses a step out of a place while the other one is not the resource's", async () => {
    const { world, stack } = await started("[]\n", { ...dev, authenticationMode: both });
    world.put("dev", { username: "dev", groups: ["others"] });
    expect((await stack.preview({ mappings: { dev: { ...dev, authenticationMode: "API" } } })).refused).toHaveLength(1);
    expect(world.mapped("dev")).toEqual(["dev: viewers"]);
  });
});

describe("what a preview shows", () => {
  it("shows outside changes by property, and up restores them", async () => {
    const { world, stack } = await started("[]\n", dev);
    world.edit((text) => text + item("admin", "system:masters"));
    world.edit((text) => text.replace("viewers", "system:masters"));
    const { shown, steps, told } = await stack.preview({ mappings: { dev } });
    expect(shown).toEqual({ dev: { drift: { groups: "cluster has system:masters; up restores viewers" } } });
    expect(steps).toEqual({ dev: "update" });
    expect(told).toContain(
      `warning: drift of arn "${dev.arn}": groups: cluster has system:masters; up restores viewers`,
    );
    expect(await stack.up({ mappings: { dev } })).toEqual([]);
    expect((await stack.preview({ mappings: { dev } })).shown).toEqual({ dev: {} });
  });

  it("shows that an entry is gone", async () => {
    const { world, stack } = await started("[]\n", dev);
    world.edit(() => "[]\n");
    const { shown } = await stack.preview({ mappings: { dev } });
    expect(shown).toEqual({ dev: { drift: { entry: "is gone from the cluster; up adds it again" } } });
  });

  it("leaves out what ignoreChanges names", async () => {
    const { world, stack } = await started("[]\n", dev);
    world.edit((text) => text.replace("viewers", "others"));
    const { shown, steps } = await stack.preview({ mappings: { dev }, ignoreChanges: ["groups"] });
    expect(shown).toEqual({ dev: {} });
    expect(steps).toEqual({ dev: "update" });
  });

  it("names who loses an entry that is adopted", async () => {
    const { world } = await started("[]\n", dev);
    const other = new Stack(world, "test");
    const { shown, told } = await other.preview({ mappings: { dev: { ...dev, groups: ["ops"], adopt: true } } });
    expect(shown["dev"]).toEqual({
      adoption: {
        "mapRoles entry 1":
          'username "dev", groups ["viewers"] => username "dev", groups ["ops"], taken over from "infra/prod dev"',
      },
    });
    expect(told).toContainEqual(expect.stringContaining('no longer belongs to "infra/prod dev"'));
  });

  it("reports once that identical entries are claimed", async () => {
    const { stack } = await started(item("dev", "viewers") + item("ops", "viewers"));
    const ops = { ...dev, arn: roleArn("ops"), username: "ops" };
    const { told } = await stack.preview({ mappings: { dev, ops } });
    expect(told.filter((text) => text.includes("identical"))).toHaveLength(1);
  });

  it("prints what the principal gains and loses", async () => {
    const { stack } = await started("[]\n", dev);
    const { told } = await stack.preview({ mappings: { dev: { ...dev, groups: ["ops"] } } });
    expect(told).toContainEqual(expect.stringMatching(/^info: role\/dev: gains group ops.*loses group viewers/));
  });
});
