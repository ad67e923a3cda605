import { beforeEach, describe, expect, it, vi } from "vitest";
import { defaultLimits } from "../../../provider/cluster/request.ts";
import { forgetReported } from "../../../provider/engine/diagnostics.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { denied } from "../../faults/awsFaults.ts";
import { ProgramStack } from "../../faults/programStack.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { statusBody } from "../cluster/apiServer.ts";
import { account, type EntriesWorld } from "../cluster/eks/entriesWorld.ts";
import { programWorld } from "./programWorld.ts";

const dev = { arn: `arn:aws:iam::${account}:role/team`, username: "dev", groups: ["viewers"] };
const changed = { ...dev, groups: ["ops"] };

let world: EntriesWorld;
let stack: ProgramStack;

beforeEach(async () => {
  Object.assign(defaultLimits, { firstPause: 5 });
  vi.spyOn(console, "error").mockReturnValue();
  ({ world, stack } = await programWorld(dev.arn));
  return () => vi.restoreAllMocks();
});

const entry = () => world.aws.entry("prod", dev.arn);

describe("a run that fails tells of an access entry that is changed by then", () => {
  it.each<AuthenticationMode>(["API_AND_CONFIG_MAP", "API"])(
    "where aws-auth refuses the change, from both to %s",
    async (mode) => {
      expect(await stack.up({ mappings: { dev }, mode: "API_AND_CONFIG_MAP" })).toEqual([]);
      world.kubernetes.disturb = () =>
        world.kubernetes.requests.at(-1)?.line.startsWith("PATCH") === true
          ? { status: 403, body: statusBody(403, "Forbidden", "no") }
          : undefined;
      const [error = "", ...more] = await stack.up({ mappings: { dev: changed }, mode });
      expect([more, entry()?.kubernetesGroups]).toEqual([[], ["ops"]]);
      expect(error).toMatch(/the access entry of arn ".*role\/team" says .*ops.* now, and takes precedence/);
    },
  );

  it("where EKS refuses the second of its calls, and nothing where it refuses the first", async () => {
    const boss = { ...dev, groups: ["system:masters"] };
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    const upRefusing = async (refused: string) => {
      world.aws.before = (call) => (call.operation === refused ? denied(call) : undefined);
      const [error = "", ...more] = await stack.up({ mappings: { dev: boss }, mode: "API" });
      expect(more).toEqual([]);
      return [entry()?.policies.length, error];
    };
    expect(await upRefusing("AssociateAccessPolicy")).toEqual([0, expect.not.stringContaining("in part")]);
    expect(await upRefusing("UpdateAccessEntry")).toEqual([1, expect.stringContaining("may be changed in part")]);
  });

  it.each([undefined, "CONFIG_MAP"] as const)(
    "where EKS has made it without an answer, and shows it late, after mode %s",
    async (before) => {
      if (before !== undefined) {
        expect(await stack.up({ mappings: { dev }, mode: before })).toEqual([]);
      }
      world.aws.behaviour.lag = { milliseconds: 1_000 };
      world.aws.after = async ({ operation }) => (operation === "CreateAccessEntry" ? "cut" : undefined);
      const [error = "", ...more] = await stack.up({ mappings: { dev }, mode: "API" });
      expect(more).toEqual([]);
      expect([entry() !== undefined, error]).not.toEqual([true, expect.not.stringContaining("access entry of")]);
    },
  );
});

it("a mapping in both places whose change under a new name fails half-way leaves nothing in aws-auth after a refresh", async () => {
  const mode = "API_AND_CONFIG_MAP";
  expect(await stack.up({ mappings: { old: dev }, mode })).toEqual([]);
  world.kubernetes.disturb = () =>
    world.kubernetes.requests.at(-1)?.line.startsWith("PATCH") === true
      ? { status: 403, body: statusBody(403, "Forbidden", "no") }
      : undefined;
  const [error = "", ...more] = await stack.up({ mappings: { renamed: changed }, mode });
  // Which would keep the access entry from going if no run asked for the new name any more.
  expect([more, error]).toEqual([
    [],
    expect.stringMatching(/was changed already, and has the tag of the claim \w+ now;/),
  ]);
  world.kubernetes.disturb = undefined;
  // The access entry is changed by then, and counts.
  expect(await stack.refresh({ mode })).toEqual([]);
  expect(await stack.up({ mappings: { renamed: changed }, mode })).toEqual([]);
  expect(world.kubernetes.data?.["mapRoles"]?.match(/rolearn/g)).toHaveLength(1);
  expect(await stack.preview({ mappings: { renamed: changed }, mode })).toEqual([]);
});

it("the run's own administrator whom a kill leaves without its policy gets in again without its access entry", async () => {
  const boss = { ...dev, groups: ["system:masters"] };
  expect(await stack.up({ mappings: { dev: boss }, mode: "CONFIG_MAP" })).toEqual([]);
  vi.spyOn(ClusterSession.prototype, "caller").mockResolvedValue({ arn: boss.arn, username: "dev" });
  vi.spyOn(ClusterSession.prototype, "isLetIn").mockResolvedValue(true);
  world.aws.before = () => (entry() === undefined ? undefined : "cut");
  expect(await stack.up({ mappings: { dev: boss }, mode: "API" })).toHaveLength(1);
  world.aws.before = undefined;
  world.kubernetes.disturb = () =>
    entry()?.policies.length === 0 ? { status: 403, body: statusBody(403, "Forbidden", "no") } : undefined;
  // As the limits say.
  expect(await stack.up({ mappings: { dev: boss }, mode: "API" })).toEqual([expect.stringContaining("refuses to get")]);
  world.aws.cluster("prod").entries.delete(boss.arn);
  expect(await stack.up({ mappings: { dev: boss }, mode: "API" })).toEqual([]);
  expect([entry()?.policies.length, world.kubernetes.data]).toEqual([1, { mapRoles: "[]\n" }]);
});

describe("a move that adopts tells over whose entry in aws-auth its access entry takes precedence", () => {
  const adopting = { ...dev, adopt: true };
  const told = async (mapping: object) => {
    const say = vi.spyOn(console, "error").mockReturnValue();
    say.mockClear();
    forgetReported();
    expect(await stack.preview({ mappings: { dev: { ...mapping } }, mode: "API" })).toEqual([]);
    return say.mock.calls.join("\n").replace(/\s+/g, " ");
  };

  it("where somebody has added another one", async () => {
    expect(await stack.up({ mappings: { dev: adopting }, mode: "CONFIG_MAP" })).toEqual([]);
    const theirs = `- rolearn: ${dev.arn}\n  username: theirs\n  groups: [editors]\n`;
    world.kubernetes.data = { mapRoles: (world.kubernetes.data?.["mapRoles"] ?? "") + theirs };
    expect(await told(adopting)).toMatch(/editors.* takes precedence over that/);
  });

  it("where others share it, or have taken it over", async () => {
    const other = new ProgramStack("prod", "o/t/other");
    expect(await stack.up({ mappings: { dev: adopting }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    const says = /claimed by "o\/t\/other dev".* takes precedence over that/;
    expect(await told({ ...changed, adopt: true })).toMatch(says);
    expect(await told(adopting)).not.toMatch(says);
    expect(await other.up({ mappings: { dev: { ...changed, adopt: true } }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await told(adopting)).toMatch(says);
  });
});
