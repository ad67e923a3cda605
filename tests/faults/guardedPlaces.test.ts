import { beforeEach, describe, expect, it, vi } from "vitest";
import { ClusterSession } from "../../provider/session/session.ts";
import { ProgramStack } from "./programStack.ts";
import { admin, dev, roleItem, useProgramWorld } from "./programWorld.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;
const strict = { "aws-auth:lockoutProtection": "error" };
const off = { "aws-auth:ownership": "off" };

describe("a mapping that may be the last, or the run's own,", () => {
  const at = useProgramWorld();
  const { entries, map, failToMove, failToReturn } = at;
  let { world, cluster, stack } = at;
  beforeEach(() => {
    ({ world, cluster, stack } = at);
  });

  it.each([
    ["without claims", off, false],
    ["whose tags are lost", {}, true],
    ["with its claim", {}, false],
  ])("is not taken on the way back to aws-auth, %s", async (_t, config, isLost) => {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    expect(await stack.up({ mappings: { admin }, mode: "API", config })).toEqual([]);
    if (isLost) {
      Object.assign(world.aws.entry(cluster.name, admin.arn) ?? {}, { tags: {} });
    }
    const less = { ...admin, groups: ["viewers"] };
    const program = { mappings: { admin: less }, mode: "CONFIG_MAP", config: { ...config, ...strict } } as const;
    expect(await stack.preview(program)).toEqual([expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off")]);
    expect(await stack.up(program)).toEqual([expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off")]);
    expect(world.aws.entry(cluster.name, admin.arn)?.policies).toHaveLength(1);
  });

  it("is not taken by an up on the way back to aws-auth", async () => {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    expect(await stack.up({ mappings: { admin }, mode: "API", config: off })).toEqual([]);
    const less = { ...admin, groups: ["viewers"] };
    const up = await stack.up({ mappings: { admin: less }, mode: "CONFIG_MAP", config: { ...off, ...strict } });
    expect([up, world.aws.entry(cluster.name, admin.arn)?.policies]).toEqual([
      [expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off")],
      [expect.anything()],
    ]);
  });

  it("is not taken by the delete of a mapping in aws-auth whose killed move has left it", async () => {
    expect(await stack.up({ mappings: { dev: { ...admin, groups: ["viewers"] } }, mode: "CONFIG_MAP" })).toEqual([]);
    await failToMove(admin, "API");
    const creator = world.aws.entry(cluster.name, iam("role/creator"));
    Object.assign(world.aws.entry(cluster.name, admin.arn) ?? {}, { policies: creator?.policies });
    Object.assign(creator ?? {}, { policies: [] });
    expect(await stack.destroy({ mode: "CONFIG_MAP", config: strict })).toEqual([
      expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off"),
    ]);
    expect(world.aws.entry(cluster.name, admin.arn)?.policies).toHaveLength(1);
  });

  it("is not taken by the update of a mapping in aws-auth whose killed move has left it", async () => {
    const viewer = { ...admin, groups: ["viewers"] };
    expect(await stack.up({ mappings: { dev: viewer }, mode: "CONFIG_MAP" })).toEqual([]);
    await failToMove(admin, "API");
    const creator = world.aws.entry(cluster.name, iam("role/creator"));
    Object.assign(world.aws.entry(cluster.name, admin.arn) ?? {}, { policies: creator?.policies });
    Object.assign(creator ?? {}, { policies: [] });
    expect(await stack.up({ mappings: { dev: viewer }, mode: "CONFIG_MAP", config: strict })).toEqual([
      expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off"),
    ]);
    expect(world.aws.entry(cluster.name, admin.arn)?.policies).toHaveLength(1);
  });

  it("stays in both places where its delete is refused", async () => {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    const mode = "API_AND_CONFIG_MAP";
    expect(await stack.up({ mappings: { admin }, mode })).toEqual([]);
    expect(map()).toContain("role/admin");
    expect(await stack.destroy({ mode, config: strict })).toEqual([
      expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off"),
    ]);
    expect(entries()).toEqual(["admin"]);
    expect(map()).toContain("role/admin");
  });

  it("leaves nothing in either place where it is new and shuts the run out", async () => {
    vi.spyOn(ClusterSession.prototype, "caller").mockResolvedValue({ arn: iam("role/dev"), username: "dev" });
    vi.spyOn(ClusterSession.prototype, "isLetIn").mockResolvedValue(false);
    const errors = await stack.up({ mappings: { dev }, mode: "API_AND_CONFIG_MAP" });
    expect(errors).toEqual([expect.stringContaining("does not let it in")]);
    expect(stack.states.size).toBe(0);
    expect([errors, entries(), map()]).toEqual([errors, [], "[]\n"]);
  });

  it("leaves aws-auth as it was where a move to both places shuts the run out", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    const before = map();
    vi.spyOn(ClusterSession.prototype, "caller").mockResolvedValue({ arn: iam("role/dev"), username: "dev" });
    vi.spyOn(ClusterSession.prototype, "isLetIn").mockResolvedValue(false);
    const errors = await stack.up({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API_AND_CONFIG_MAP" });
    expect(errors).toEqual([expect.stringContaining("does not let it in")]);
    expect([entries(), map()]).toEqual([[], before]);
  });

  it("is known before its access entry shuts the run out", async () => {
    expect(await stack.up({ mappings: { dev }, mode: undefined })).toEqual([]);
    let first: { readonly value: { arn: string; username: string } | undefined } | undefined;
    vi.spyOn(ClusterSession.prototype, "caller").mockImplementation(async () => {
      first ??= { value: entries().includes("dev") ? undefined : { arn: iam("role/dev"), username: "dev" } };
      return first.value;
    });
    vi.spyOn(ClusterSession.prototype, "isLetIn").mockResolvedValue(false);
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([expect.stringContaining("does not let it in")]);
    expect(map()).toContain("role/dev");
  });

  it("is guarded on what is there when it is written", async () => {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    const other = roleItem("other", "other", "system:masters");
    cluster.api.data = { mapRoles: other };
    expect(await stack.up({ mappings: { admin }, mode: "CONFIG_MAP" })).toEqual([]);
    world.aws.before = async ({ operation }) => {
      if (operation === "CreateAccessEntry") {
        cluster.api.data = { mapRoles: map().replace(other, "") };
        cluster.api.version++;
      }
      return undefined;
    };
    const less = { ...admin, groups: ["viewers"] };
    expect(await stack.up({ mappings: { admin: less }, mode: "API_AND_CONFIG_MAP", config: strict })).toEqual([
      expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off"),
    ]);
  });

  it("is deleted with what is left in aws-auth where others are administrators by access entries", async () => {
    expect(await stack.up({ mappings: { dev: admin }, mode: "API" })).toEqual([]);
    await failToReturn(admin);
    expect(map()).toContain("system:masters");
    const destroyed = await stack.destroy({ mode: "API", config: strict });
    expect([destroyed, entries(), map()]).toEqual([[], [], "[]\n"]);
  });

  it.each([true, false])("is not taken as it comes to be in both places: %s", async (isLast) => {
    if (isLast) {
      Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    }
    expect(await new ProgramStack(cluster.name).up({ mappings: { admin }, mode: "CONFIG_MAP" })).toEqual([]);
    const program = {
      mappings: { admin: { ...admin, groups: ["ops"] } },
      mode: "API_AND_CONFIG_MAP",
      config: strict,
    } as const;
    expect(await stack.preview(program)).toHaveLength(isLast ? 1 : 0);
  });
});
