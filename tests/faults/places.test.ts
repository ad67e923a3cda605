import { beforeEach, describe, expect, it, vi } from "vitest";
import { ClusterSession } from "../../provider/session/session.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { statusBody } from "../unit/cluster/apiServer.ts";
import { ProgramStack } from "./programStack.ts";
import { admin, dev, roleItem, useProgramWorld } from "./programWorld.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;
const lax = { noDuplicateARNs: false };
const refusal = { status: 403, body: statusBody(403, "Forbidden", "no") };

describe("a mapping that may be in two places", () => {
  const at = useProgramWorld();
  const { told, entries, map, failToMove } = at;
  let { world, cluster, stack } = at;
  beforeEach(() => {
    ({ world, cluster, stack } = at);
  });

  it("goes from its access entry although the cluster ignores aws-auth by now", async () => {
    expect(await stack.up({ mappings: { admin }, mode: "API_AND_CONFIG_MAP" })).toEqual([]);
    expect(entries()).toEqual(["admin"]);
    world.aws.cluster(cluster.name).mode = "API";
    expect(await stack.destroy({ mode: "API_AND_CONFIG_MAP" })).toEqual([]);
    expect(entries()).toEqual([]);
    expect(told.join()).toContain("stays where it is, without effect");
  });

  it("leaves no access entry behind where aws-auth refuses it, and says so", async () => {
    cluster.api.tricks.push(undefined, ...Array.from({ length: 20 }, () => refusal));
    const [error = "", ...more] = await stack.up({ mappings: { admin }, mode: "API_AND_CONFIG_MAP" });
    expect(more).toEqual([]);
    expect(error).toMatch(/the access entry of arn ".*role\/admin", which it had made, was taken back$/);
    expect(world.aws.entry(cluster.name, admin.arn)).toBeUndefined();
  });

  it.each([
    ["and stays where it is if the cluster does not let the run in by its access entry", false],
    ["and moves if it does", true],
  ])("that is the run's own proves its move, %s", async (_title, isLetIn) => {
    expect(await stack.up({ mappings: { dev }, mode: undefined })).toEqual([]);
    vi.spyOn(ClusterSession.prototype, "caller").mockResolvedValue({ arn: iam("role/dev"), username: "dev" });
    vi.spyOn(ClusterSession.prototype, "isLetIn").mockResolvedValue(isLetIn);
    const failed = !isLetIn;
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual(
      failed ? [expect.stringContaining("does not let it in by its new access entry")] : [],
    );
    expect(entries()).toEqual(failed ? [] : ["dev"]);
    expect(map().includes("role/dev")).toBe(failed);
  });

  it("is guarded where it becomes the last administrator's only while it goes", async () => {
    Object.assign(world.aws.entry(cluster.name, iam("role/creator")) ?? {}, { policies: [] });
    const other = new ProgramStack(cluster.name, "o/t/other");
    expect(await stack.up({ mappings: { admin }, mode: "API" })).toEqual([]);
    expect(await other.up({ mappings: { admin }, mode: "API" })).toEqual([]);
    world.aws.before = async ({ operation }) => {
      const entry = world.aws.entry(cluster.name, admin.arn);
      if (operation === "UntagResource" && entry !== undefined) {
        const tags = Object.entries(entry.tags).filter(([, label]) => label === "o/t/s admin");
        Object.assign(entry, { tags: Object.fromEntries(tags) });
      }
      return undefined;
    };
    const config = { "aws-auth:lockoutProtection": "error" };
    expect(await stack.destroy({ mode: "API", config })).toEqual([
      expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off"),
    ]);
    expect(world.aws.entry(cluster.name, admin.arn)?.policies).toHaveLength(1);
  });

  it("takes nothing back of a stack of its name where aws-auth refuses it", async () => {
    expect(await stack.up({ mappings: { admin }, mode: "API" })).toEqual([]);
    const { tags } = world.aws.entry(cluster.name, admin.arn) ?? {};
    const same = new ProgramStack(cluster.name);
    cluster.api.tricks.push(undefined, ...Array.from({ length: 20 }, () => refusal));
    expect(await same.up({ mappings: { admin }, mode: "API_AND_CONFIG_MAP" })).toHaveLength(1);
    expect(world.aws.entry(cluster.name, admin.arn)?.tags).toEqual(tags);
  });

  it.each<[AuthenticationMode, AuthenticationMode]>([
    ["CONFIG_MAP", "API"],
    ["API", "CONFIG_MAP"],
  ])("is held where others share it, though it moves from %s to %s as it changes", async (from, to) => {
    const other = new ProgramStack(cluster.name, "o/t/other");
    expect(await stack.up({ mappings: { dev }, mode: from })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: from })).toEqual([]);
    const moved = { dev: { ...dev, groups: ["ops"] } };
    expect(await stack.preview({ mappings: moved, mode: to })).toEqual([
      expect.stringMatching(/is shared with "o\/t\/other dev", which wants/),
    ]);
    expect(await stack.preview({ mappings: { dev: { ...moved.dev, adopt: true } }, mode: to })).toEqual([]);
  });

  it("is told of an access entry of others that counts instead of it", async () => {
    const other = new ProgramStack(cluster.name, "o/t/other");
    expect(await other.up({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API" })).toEqual([]);
    expect(await stack.preview({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).toMatch(
      /has an access entry, which takes precedence over aws-auth.*claimed by "o\/t\/other dev"/,
    );
  });

  it("stays as it was found, under a new name too, until the program adopts it", async () => {
    world.aws.addServiceEntry(cluster.name, dev.arn, { type: "STANDARD", username: "dev", groups: ["viewers"] });
    expect(await stack.up({ mappings: { old: dev }, mode: "API" })).toEqual([]);
    const renamed = { ...dev, groups: ["ops"] };
    expect(await stack.up({ mappings: { renamed }, mode: "API" })).toEqual([
      expect.stringContaining("set adopt: true"),
    ]);
    expect(world.aws.entry(cluster.name, dev.arn)?.kubernetesGroups).toEqual(["viewers"]);
    expect(await stack.up({ mappings: { renamed: { ...renamed, adopt: true } }, mode: "API" })).toEqual([]);
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect(world.aws.entry(cluster.name, dev.arn)).toBeUndefined();
  });

  it.each<AuthenticationMode>(["CONFIG_MAP", "API"])(
    "takes no claim of its name with it without a word in mode %s",
    async (mode) => {
      const [same, third] = [new ProgramStack(cluster.name), new ProgramStack(cluster.name, "o/t/third")];
      for (const each of [stack, third, same]) {
        expect(await each.up({ mappings: { dev: mode === "API" ? admin : dev }, mode })).toEqual([]);
      }
      expect(await same.destroy({ mode })).toEqual([]);
      expect(told.join()).toMatch(
        /another claim on the entry for .* under the name of this resource, "o\/t\/s dev", was removed/,
      );
    },
  );

  it("goes on under its new name where another resource has kept its old one from going", async () => {
    const mode = "CONFIG_MAP";
    const renamed = { ...dev, groups: ["ops"] };
    expect(await stack.up({ mappings: { old: dev }, mode })).toEqual([]);
    expect(await stack.up({ mappings: { renamed, bad: { arn: "nobody" } }, mode })).not.toEqual([]);
    expect(await stack.up({ mappings: { renamed }, mode })).toEqual([]);
    expect(map().match(/rolearn/g)).toHaveLength(1);
    expect(map()).toContain("ops");
  });

  it("does not go from one stack that adopts it to the other for ever", async () => {
    const other = new ProgramStack(cluster.name, "o/t/other");
    const mode = "CONFIG_MAP";
    const [one, two] = [
      { ...dev, ...lax, adopt: true },
      { ...dev, ...lax, adopt: true, groups: ["ops"] },
    ];
    expect(await stack.up({ mappings: { dev: one }, mode })).toEqual([]);
    expect(await other.up({ mappings: { dev: two }, mode })).toEqual([]);
    expect(await stack.up({ mappings: { dev: one }, mode })).toEqual([expect.stringContaining("was taken over by")]);
  });

  it.each(["an up", "a destroy"])(
    "whose own authenticationMode says where it is kept leaves nothing behind %s",
    async (what) => {
      const [inMap, inEntry] = [
        { ...dev, authenticationMode: "CONFIG_MAP" },
        { ...dev, authenticationMode: "API" },
      ];
      expect(await stack.up({ mappings: { dev: inMap }, mode: undefined })).toEqual([]);
      await failToMove(inEntry, undefined);
      expect(entries()).toEqual(["dev"]);
      if (what === "an up") {
        expect(await stack.preview({ mappings: { dev: inMap }, mode: undefined })).toEqual([]);
        expect(told.join()).toContain("that a run which did not finish has left");
        expect(await stack.up({ mappings: { dev: inMap }, mode: undefined })).toEqual([]);
        expect(map()).toContain("role/dev");
      } else {
        expect(await stack.destroy({ mode: undefined })).toEqual([]);
      }
      expect(entries()).toEqual([]);
    },
  );

  it.each<[AuthenticationMode, AuthenticationMode, string]>([
    ["CONFIG_MAP", "API", "entry"],
    ["API", "CONFIG_MAP", "accessEntry"],
  ])("is told to be gone from where it was before it moves from %s to %s", async (from, to, what) => {
    expect(await stack.up({ mappings: { admin }, mode: from })).toEqual([]);
    cluster.api.data = { mapRoles: "[]\n" };
    world.aws.cluster(cluster.name).entries.delete(admin.arn);
    expect(await stack.preview({ mappings: { admin }, mode: to })).toEqual([]);
    expect(told.join()).toMatch(new RegExp(`drift of arn ".*role/admin": ${what}: removed outside Pulumi`));
  });

  it("does not move from a key that nobody can read", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    cluster.api.data = { mapRoles: "- rolearn: [\n" };
    expect(await stack.preview({ mappings: { dev }, mode: "API" })).toEqual([expect.stringContaining("mapRoles")]);
    expect(entries()).toEqual([]);
  });

  it("is told what to do where an access entry says what no mapping can, on the way back too", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
    Object.assign(world.aws.entry(cluster.name, dev.arn) ?? {}, {
      policies: [{ policyArn, accessScope: { type: "cluster", namespaces: [] } }],
    });
    const says = expect.stringMatching(/was changed outside Pulumi.*no mapping says that, so "pulumi refresh" cannot/);
    expect(await stack.preview({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([says]);
    expect(await stack.destroy({ mode: "API" })).toEqual([says]);
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect(entries()).toEqual([]);
  });

  it.each<AuthenticationMode>(["CONFIG_MAP", "API"])("changes under a new name in one run in mode %s", async (mode) => {
    expect(await stack.up({ mappings: { old: dev }, mode })).toEqual([]);
    expect(await stack.up({ mappings: { renamed: { ...dev, groups: ["ops"] } }, mode })).toEqual([]);
    expect(map().match(/rolearn/g) ?? []).toHaveLength(mode === "API" ? 0 : 1);
    expect(entries()).toEqual(mode === "API" ? ["dev"] : []);
    expect(mode === "API" ? world.aws.entry(cluster.name, dev.arn)?.kubernetesGroups : map()).toContain(
      mode === "API" ? "ops" : "- ops",
    );
    expect(await stack.preview({ mappings: { renamed: { ...dev, groups: ["ops"] } }, mode })).toEqual([]);
    expect(await stack.destroy({ mode })).toEqual([]);
    expect([entries(), map()]).toEqual([[], "[]\n"]);
  });

  it("is not held by another resource of its program, whichever of the two changes or goes", async () => {
    const mode = "CONFIG_MAP";
    const [one, other] = [
      { ...dev, ...lax },
      { ...dev, ...lax, groups: ["ops"] },
    ];
    expect(await stack.up({ mappings: { a: one, b: one }, mode })).toEqual([]);
    expect(map().match(/rolearn/g)).toHaveLength(1);
    expect(await stack.up({ mappings: { a: other, b: one }, mode })).toEqual([]);
    expect(map().match(/rolearn/g)).toHaveLength(2);
    expect(await stack.up({ mappings: { a: one, b: one }, mode })).toEqual([]);
    expect(await stack.up({ mappings: { a: other }, mode })).toEqual([]);
    expect(map().match(/rolearn/g)).toHaveLength(1);
    expect(map()).toContain("ops");
    expect(await stack.destroy({ mode })).toEqual([]);
    expect(map()).toBe("[]\n");
  });

  it("does not take over what another resource of its program says", async () => {
    const mappings = { a: { ...dev, ...lax, adopt: true }, b: { ...dev, ...lax, groups: ["ops"] } };
    expect(await stack.preview({ mappings, mode: "CONFIG_MAP" })).toEqual([
      expect.stringContaining("adopt: true takes over every other entry of the identity"),
    ]);
  });

  it("is known to have been there before by the last of those who shared it", async () => {
    cluster.api.data = { mapRoles: roleItem("dev", "dev", "viewers") };
    const other = new ProgramStack(cluster.name, "o/t/other");
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await stack.destroy({ mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).not.toContain("existed before this resource");
    expect(await other.destroy({ mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).toContain("existed before this resource was created, and was removed with it");
  });

  it("takes no access entry of a stack of its name, and says what there is to do", async () => {
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    const same = new ProgramStack(cluster.name);
    const inMap = { mappings: { dev }, mode: "CONFIG_MAP" } as const;
    expect(await same.up(inMap)).toEqual([
      expect.stringMatching(
        /is to be kept in aws-auth, and has an access entry.*delete that access entry, or set adopt/,
      ),
    ]);
    expect([entries(), map()]).toEqual([["dev"], "[]\n"]);
    expect(await same.up({ ...inMap, mappings: { dev: { ...dev, adopt: true } } })).toEqual([]);
    expect([entries(), map().match(/rolearn/g)]).toEqual([[], ["rolearn"]]);
  });
});
