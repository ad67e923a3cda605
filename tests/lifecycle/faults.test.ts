import { beforeEach, describe, expect, it } from "vitest";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { type Program, Stack } from "../support/lifecycle/stack.ts";
import { type Fault, roleArn, World } from "../support/lifecycle/world.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

type Mode = "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API";

const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };
const admin = { arn: roleArn("admin"), username: "admin", groups: ["system:masters"] };
const inMode = (authenticationMode: Mode, groups = ["viewers"]): Program => ({
  mappings: { dev: { ...dev, groups, authenticationMode }, admin: { ...admin, authenticationMode } },
});
const nothing: Program = { mappings: {} };

interface Story {
  readonly title: string;
  /** The programs before the one that is disturbed. */
  readonly before: readonly Program[];
  readonly program: Program;
}

const modes: readonly Mode[] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];
const steps: readonly (readonly [Mode, Mode])[] = [
  ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "API"],
  ["API", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
];

const stories: readonly Story[] = [
  ...modes.map((mode) => ({ title: `create in ${mode}`, before: [], program: inMode(mode) })),
  ...modes.map((mode) => ({ title: `update in ${mode}`, before: [inMode(mode)], program: inMode(mode, ["ops"]) })),
  ...modes.map((mode) => ({ title: `delete in ${mode}`, before: [inMode(mode)], program: nothing })),
  ...steps.map(([from, to]) => ({ title: `step from ${from} to ${to}`, before: [inMode(from)], program: inMode(to) })),
];

/** A world in which others are administrators, so that no lock-out stands in the way, and a stack that ran the programs before. */
async function started({ before }: Story) {
  const world = new World();
  world.put("keeper", { policies: [adminPolicy] });
  const stack = new Stack(world);
  for (const program of before) {
    expect(await stack.up(program)).toEqual([]);
  }
  return { world, stack };
}

const adminPolicy = {
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  scope: { type: "cluster" },
} as const;

/** What the cluster has, apart from the random parts of IDs. */
function found(world: World) {
  const [devMap, devEntry] = [world.mapped("dev"), world.entered("dev")];
  const [adminMap, adminEntry] = [world.mapped("admin"), world.entered("admin")];
  return {
    devMap,
    devEntry,
    adminMap,
    adminEntry,
    claims: world.left.map((line) => line.replace(/\.\w{6}/, "")).sort(),
  };
}

/** Runs the program once without a fault, to see how many calls it makes and where it ends. */
async function undisturbed(story: Story) {
  const { world, stack } = await started(story);
  expect(await stack.up(story.program)).toEqual([]);
  return { calls: world.calls.length, end: found(world) };
}

describe.each(stories)("$title", (story) => {
  it.each(["refuse", "kill", "killAfter"] as const)(
    "ends as described after %s at any call and another up",
    async (kind) => {
      const { calls, end } = await undisturbed(story);
      for (let at = 1; at <= calls; at++) {
        const { world, stack } = await started(story);
        const fault: Fault = { at, kind };
        const gone: string[] = [];
        const stays = Object.keys(story.program.mappings).filter(() => story.before.length > 0);
        world.watch = () => void gone.push(...stays.filter((name) => !world.letsIn(name)));
        await stack.up(story.program, fault);
        const again = await stack.up(story.program);
        expect({ fault, again, gone }).toEqual({ fault, again: [], gone: [] });
        expect({ fault, ...found(world) }).toEqual({ fault, ...end });
        const preview = await stack.preview(story.program);
        expect(Object.values(preview.steps).filter((step) => step !== "same")).toEqual([]);
      }
    },
  );

  it.each(["refuse", "kill", "killAfter"] as const)(
    "leaves nothing after %s at any call, another up and a destroy",
    async (kind) => {
      const { calls } = await undisturbed(story);
      for (let at = 1; at <= calls; at++) {
        const { world, stack } = await started(story);
        await stack.up(story.program, { at, kind });
        await stack.up(story.program);
        expect({ at, errors: await stack.destroy() }).toEqual({ at, errors: [] });
        expect({ at, ...found(world) }).toMatchObject({ at, devMap: [], adminMap: [], claims: [] });
      }
    },
  );
});

it.each(modes)("destroys in mode %s after any interruption of a destroy", async (mode) => {
  const story: Story = { title: "", before: [inMode(mode)], program: nothing };
  const { calls } = await undisturbed(story);
  for (let at = 1; at <= calls; at++) {
    for (const kind of ["refuse", "kill", "killAfter"] as const) {
      const { world, stack } = await started(story);
      await stack.destroy({}, { at, kind });
      expect({ at, kind, errors: await stack.destroy() }).toEqual({ at, kind, errors: [] });
      expect(found(world)).toMatchObject({ devMap: [], adminMap: [], claims: [] });
    }
  }
});
