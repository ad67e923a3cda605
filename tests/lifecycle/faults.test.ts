import { beforeEach, describe, expect, it } from "vitest";
import { adminPolicy } from "../support/accessEntries.ts";
import { modes, skipWaits } from "../support/lifecycle/fixture.ts";
import { type Program, Stack } from "../support/lifecycle/stack.ts";
import { roleOf, World } from "../support/lifecycle/world.ts";

beforeEach(skipWaits);

type Mode = (typeof modes)[number];

const inMode = (authenticationMode: Mode, group = "viewers"): Program => ({
  mappings: {
    dev: { ...roleOf("dev", `dev: ${group}`), authenticationMode },
    admin: { ...roleOf("admin", "admin: system:masters"), authenticationMode },
  },
});
const nothing: Program = { mappings: {} };

interface Story {
  readonly title: string;
  /** The program before the one that is disturbed. */
  readonly before?: Program;
  readonly program: Program;
}

const steps: readonly (readonly [Mode, Mode])[] = [
  ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "API"],
  ["API", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
];

const stories: readonly Story[] = [
  ...modes.map((mode) => ({ title: `create in ${mode}`, program: inMode(mode) })),
  ...modes.map((mode) => ({ title: `update in ${mode}`, before: inMode(mode), program: inMode(mode, "ops") })),
  ...modes.map((mode) => ({ title: `delete in ${mode}`, before: inMode(mode), program: nothing })),
  ...steps.map(([from, to]) => ({ title: `step from ${from} to ${to}`, before: inMode(from), program: inMode(to) })),
];

const kinds = ["refuse", "kill", "killAfter"] as const;

/** A world in which others are administrators, so that no lock-out stands in the way, and a stack that ran the program before. */
async function started({ before }: Story) {
  const world = new World();
  world.put("keeper", { policies: [adminPolicy] });
  const stack = new Stack(world);
  expect(await stack.up(before ?? nothing)).toEqual([]);
  return { world, stack };
}

/** What the cluster has, apart from the random parts of IDs. */
function found(world: World) {
  const contents = ["dev", "admin"].map((name) => ({ map: world.mapContents(name), entry: world.entryContent(name) }));
  return { contents, claims: world.remainingClaims.map((line) => line.replace(/\.\w{6}/, "")).toSorted() };
}

/** Runs the program once without a fault, to see how many calls it makes and where it ends. */
async function undisturbed(story: Story) {
  const { world, stack } = await started(story);
  expect(await stack.up(story.program)).toEqual([]);
  return { calls: world.calls.length, end: found(world) };
}

/** The map has nothing of either role, and nothing is claimed. */
const empty = { contents: [{ map: [] }, { map: [] }], claims: [] };

describe.each(stories)("$title", (story) => {
  it.each(kinds)("ends as described after %s at any call and another up, and can be destroyed", async (kind) => {
    const { calls, end } = await undisturbed(story);
    for (let at = 1; at <= calls; at++) {
      const { world, stack } = await started(story);
      const gone: string[] = [];
      const stays = story.before === undefined ? [] : Object.keys(story.program.mappings);
      world.watch = () => void gone.push(...stays.filter((name) => !world.hasAccess(name)));
      await stack.up(story.program, { at, kind });
      const again = await stack.up(story.program);
      expect({ at, again, gone, ...found(world) }).toEqual({ at, again: [], gone: [], ...end });
      const preview = await stack.preview(story.program);
      expect(Object.values(preview.steps).filter((step) => step !== "same")).toEqual([]);
      expect({ at, errors: await stack.destroy(), ...found(world) }).toMatchObject({ at, errors: [], ...empty });
    }
  });
});

it.each(modes)("destroys in mode %s after any interruption of a destroy", async (mode) => {
  const story: Story = { title: "", before: inMode(mode), program: nothing };
  const { calls } = await undisturbed(story);
  for (let at = 1; at <= calls; at++) {
    for (const kind of kinds) {
      const { world, stack } = await started(story);
      await stack.destroy({}, { at, kind });
      const errors = await stack.destroy();
      expect({ at, kind, errors, ...found(world) }).toMatchObject({ at, kind, errors: [], ...empty });
    }
  }
});
