import { beforeEach, describe, expect, it, vi } from "vitest";
import { denied } from "../../faults/awsFaults.ts";
import { ProgramStack } from "../../faults/programStack.ts";
import { hear } from "../../support/hear.ts";
import { account, type EntriesWorld } from "../cluster/eks/entriesWorld.ts";
import { programWorld } from "./programWorld.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const dev = { arn: arnOf("team"), username: "dev", groups: ["viewers"] };

let world: EntriesWorld;
let stack: ProgramStack;
const told: string[] = [];

beforeEach(async () => {
  hear(told);
  ({ world, stack } = await programWorld(dev.arn));
  return () => vi.restoreAllMocks();
});

const map = () => world.kubernetes.data?.["mapRoles"] ?? "";
const entry = () => world.aws.entry("prod", dev.arn);

/** What a run saves is lost, as if it had been killed. */
async function unsaved(run: () => Promise<unknown>): Promise<void> {
  const before = new Map(stack.states);
  await run();
  stack.states.clear();
  for (const [name, state] of before) {
    stack.states.set(name, state);
  }
}

/** The move to an access entry fails once that is made, with all calls after it. */
async function failToMove(mapping: object, mode: "API" | undefined): Promise<void> {
  let isCut = false;
  world.aws.after = async ({ operation }) => {
    isCut ||= operation === "CreateAccessEntry";
    return isCut ? "cut" : undefined;
  };
  expect(await stack.up({ mappings: { dev: { ...mapping } }, mode })).toHaveLength(1);
  world.aws.after = undefined;
  expect(entry()).toBeDefined();
}

const refuseDelete = () => {
  world.aws.before = (call) => (call.operation === "DeleteAccessEntry" ? denied(call) : undefined);
};

describe("an access entry that a failed move has left", () => {
  it.each(["an up", "a destroy"])("goes with the second try of %s, after the first may not delete it", async (what) => {
    const mode = "CONFIG_MAP";
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([]);
    await failToMove(dev, "API");
    const again = () => (what === "an up" ? stack.up({ mappings: { dev }, mode }) : stack.destroy({ mode }));
    refuseDelete();
    expect(await again()).toEqual([expect.stringContaining("eks:DeleteAccessEntry")]);
    world.aws.before = undefined;
    expect(await again()).toEqual([]);
    expect(entry()).toBeUndefined();
  });

  it("goes with a destroy where the resource alone has said where it is kept, or the error has said how", async () => {
    expect(await stack.up({ mappings: { dev }, mode: undefined })).toEqual([]);
    world.kubernetes.disturb = () =>
      entry() === undefined ? undefined : { status: 403, body: { kind: "Status", message: "no" } };
    const moved = { ...dev, authenticationMode: "API" };
    const [error = "", ...more] = await stack.up({ mappings: { dev: moved }, mode: undefined });
    expect(more).toEqual([]);
    world.kubernetes.disturb = undefined;
    told.length = 0;
    expect(await stack.destroy({ mode: undefined })).toEqual([]);
    expect([entry() !== undefined, told.join() + error]).not.toEqual([
      true,
      expect.not.stringContaining("access entry"),
    ]);
  });

  it("of an imported mapping is told by an up", async () => {
    const mode = "CONFIG_MAP";
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([]);
    const { outs, ...rest } = stack.states.get("dev") ?? { id: "", inputs: {}, outs: {} };
    // An import has no claim.
    const { __claim: _id, ...unclaimed } = outs;
    const { __claim: _label, ...inputs } = rest.inputs;
    stack.states.set("dev", { ...rest, inputs, outs: unclaimed });
    world.kubernetes.annotations = {};
    await failToMove(dev, "API");
    told.length = 0;
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([]);
    expect(told.join()).toContain("set adopt: true to have it removed");
    expect(await stack.up({ mappings: { dev: { ...dev, adopt: true } }, mode })).toEqual([]);
    expect(entry()).toBeUndefined();
  });

  it("is told of in the preview of a new mapping that adopts", async () => {
    await unsaved(() => stack.up({ mappings: { dev }, mode: "API" }));
    told.length = 0;
    expect(await stack.preview({ mappings: { dev: { ...dev, adopt: true } }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).toContain("has an access entry");
  });

  it("does not keep an entry of aws-auth that no state knows, where a create that adopts may not delete it", async () => {
    await unsaved(() => stack.up({ mappings: { dev }, mode: "API" }));
    refuseDelete();
    const [error = ""] = await stack.up({ mappings: { dev: { ...dev, adopt: true } }, mode: "CONFIG_MAP" });
    expect(error).toContain("eks:DeleteAccessEntry");
    expect(stack.states.size).toBe(0);
    expect([map(), error]).not.toEqual([
      expect.stringContaining("role/team"),
      expect.not.stringContaining("no state knows"),
    ]);
  });
});

describe("an access entry that was there before", () => {
  beforeEach(() => {
    world.aws.addServiceEntry("prod", dev.arn, { type: "STANDARD", username: "dev", groups: ["viewers"] });
  });

  it("stays when the last of two goes, of which the other was imported", async () => {
    const other = new ProgramStack("prod", "o/t/other");
    expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    const found = await stack.find({ mode: "API" }, dev.arn);
    stack.states.set("dev", { id: found?.id ?? "", inputs: { ...found?.inputs }, outs: { ...found?.props } });
    expect(await stack.destroy({ mode: "API" })).toEqual([]);
    expect(await other.destroy({ mode: "API" })).toEqual([]);
    expect(entry()).toBeDefined();
  });
});

it("an adoption that may not change an access entry names the claim that it leaves there", async () => {
  const other = new ProgramStack("prod", "o/t/other");
  expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
  world.aws.before = (call) => (call.operation === "UpdateAccessEntry" ? denied(call) : undefined);
  const adopting = { ...dev, groups: ["ops"], adopt: true };
  const [error = ""] = await stack.up({ mappings: { dev: adopting }, mode: "API" });
  const isLeft = Object.values(entry()?.tags ?? {}).includes("o/t/s dev");
  expect([isLeft, error]).not.toEqual([true, expect.not.stringContaining("claim")]);
});

it("an access entry whose tags are lost is not deleted without a word", async () => {
  const other = new ProgramStack("prod", "o/t/other");
  expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
  expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
  Object.assign(entry() ?? {}, { tags: {} });
  told.length = 0;
  expect(await stack.destroy({ mode: "API" })).toEqual([]);
  expect([entry(), told.join()]).not.toEqual([undefined, ""]);
});

describe("a mapping in both places, of which somebody changed the one in aws-auth, after a refresh", () => {
  const mode = "API_AND_CONFIG_MAP";
  const changedTo = async (group: string) => {
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([]);
    world.kubernetes.data = { mapRoles: map().replace("viewers", group) };
    expect(await stack.refresh({ mode })).toEqual([]);
  };

  it.each(["up", "refresh", "destroy"] as const)(
    "can be used by %s, though no access entry says that",
    async (what) => {
      await changedTo("system:viewers");
      const acts = {
        up: () => stack.up({ mappings: { dev }, mode }),
        refresh: () => stack.refresh({ mode }),
        destroy: async () => [...(await stack.up({ mappings: { dev }, mode })), ...(await stack.destroy({ mode }))],
      };
      expect(await acts[what]()).toEqual([]);
    },
  );
});

describe("a mapping in aws-auth that an access entry overrides", () => {
  it("is told of where a mapping that has moved alone changes, and names those who share its entry", async () => {
    const other = new ProgramStack("prod", "o/t/other");
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: undefined })).toEqual([]);
    expect(await stack.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    told.length = 0;
    expect(await stack.preview({ mappings: { dev }, mode: "API" })).toEqual([]);
    expect(told).toEqual([]);
    expect(await stack.preview({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API" })).toEqual([]);
    expect(told.join()).toMatch(/claimed by "o\/t\/other dev" too; .*takes precedence over that/);
  });

  it("is told of when a mapping comes to its ARN, and removed when a killed run has left it there", async () => {
    const mode = "CONFIG_MAP";
    const old = { ...dev, arn: arnOf("old") };
    world.aws.principals.create(old.arn);
    const other = new ProgramStack("prod", "o/t/other");
    expect(await other.up({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API" })).toEqual([]);
    expect(await stack.up({ mappings: { dev: old }, mode })).toEqual([]);
    told.length = 0;
    expect(await stack.preview({ mappings: { dev }, mode })).toEqual([]);
    expect(told.join()).toMatch(/takes precedence.*"o\/t\/other dev"/);
    expect(await other.destroy({ mode: "API" })).toEqual([]);
    await unsaved(() => stack.up({ mappings: { dev }, mode: "API" }));
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([expect.stringContaining("set adopt: true")]);
    expect(await stack.up({ mappings: { dev: { ...dev, adopt: true } }, mode })).toEqual([]);
    expect([entry(), map().match(/rolearn/g)]).toEqual([undefined, ["rolearn"]]);
  });

  it("is told of that of a stack of its name", async () => {
    const namesake = new ProgramStack("prod");
    const mode = "CONFIG_MAP";
    expect(await stack.up({ mappings: { dev }, mode })).toEqual([]);
    expect(await namesake.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    expect(await namesake.up({ mappings: { dev: { ...dev, groups: ["ops"] } }, mode: "API" })).toEqual([]);
    told.length = 0;
    expect(await stack.plan({ mappings: { dev }, mode })).toEqual({});
    expect(told).toEqual([expect.stringMatching(/takes precedence.*claimed by "o\/t\/s dev"/)]);
  });

  it("is told of when it changes without effect", async () => {
    const other = new ProgramStack("prod", "o/t/other");
    expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
    told.length = 0;
    expect(await stack.preview({ mappings: { dev: { ...dev, groups: ["nobody"] } }, mode: "CONFIG_MAP" })).toEqual([]);
    expect(told.join()).toContain("takes precedence");
  });
});

it("a delete in aws-auth says that an access entry of another stack still lets in", async () => {
  const other = new ProgramStack("prod", "o/t/other");
  expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
  expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
  told.length = 0;
  expect(await stack.destroy({ mode: "CONFIG_MAP" })).toEqual([]);
  expect(told.join()).toMatch(
    /info: the access entry of .* stays and still gives access, claimed by "o\/t\/other dev"/,
  );
});

it.each(["API", "CONFIG_MAP"] as const)("a new name that moves to %s is not told of as what stays", async (mode) => {
  const from = mode === "API" ? "CONFIG_MAP" : "API";
  expect(await stack.up({ mappings: { dev }, mode: from })).toEqual([]);
  told.length = 0;
  expect(await stack.up({ mappings: { renamed: dev }, mode })).toEqual([]);
  expect(told.join()).not.toContain("still gives access");
});

it("a move from an access entry to both does not bring back what ignoreChanges has let go", async () => {
  const boss = { ...dev, groups: ["system:masters"] };
  const ignoreChanges = ["groups"];
  expect(await stack.up({ mappings: { dev: boss }, mode: "API", ignoreChanges })).toEqual([]);
  Object.assign(entry() ?? {}, { policies: [] });
  expect(await stack.up({ mappings: { dev: boss }, mode: "API", ignoreChanges })).toEqual([]);
  await stack.up({ mappings: { dev: boss }, mode: "API_AND_CONFIG_MAP", ignoreChanges });
  expect(map()).not.toContain("system:masters");
});

it("a shared mapping that gives the name that EKS gives by itself goes back to aws-auth", async () => {
  const named = { ...dev, username: `arn:aws:sts::${account}:assumed-role/team/{{SessionName}}` };
  const other = new ProgramStack("prod", "o/t/other");
  expect(await stack.up({ mappings: { dev: named }, mode: "API" })).toEqual([]);
  expect(await other.up({ mappings: { dev: named }, mode: "API" })).toEqual([]);
  expect(await stack.preview({ mappings: { dev: named }, mode: "CONFIG_MAP" })).toEqual([]);
});
