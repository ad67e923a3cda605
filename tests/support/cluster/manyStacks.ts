import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import { type Interruption, interrupt, recover } from "../../faults/interruption.ts";
import { plainly } from "../doors/declared.ts";
import { dynamicDoor, pluginDoor } from "../doors/door.ts";
import { seasonedData } from "../engine/manifest.ts";
import type { RunningCall, TestProject } from "../engine/testProject.ts";
import { type SeededRandom, seededRandom } from "../proxy/seededRandom.ts";
import { visitBeside } from "./foreignWriter.ts";
import { entryKey, MapHistory } from "./mapHistory.ts";
import { roleArn, type Stacks, startStacks } from "./stacks.ts";

/** How much of everything there is. */
export interface ManyStacksSize {
  readonly stacks: number;
  /** Mappings of each stack, those that it shares included. */
  readonly mappings: number;
  /** Principals that several stacks map, each in the same way. */
  readonly shared: number;
  /** How many of the stacks are of the resource plugin; the others are of the dynamic resource. */
  readonly native: number;
  /** How many stacks are killed while they are made, and how many while they are destroyed. */
  readonly killed: number;
}

/** Milliseconds between a foreign write and the next of the same writer. */
const pause = 150;

/** How long a run may take to tell us that it begins to delete a resource, in milliseconds: it does not wait for us to read it. */
const tellingTime = 2_500;

const groups = ["viewers"];

/** One of the stacks, and when it wanted what. */
interface ManyStack {
  readonly project: TestProject;
  readonly name: string;
  /** In the labels of its claims. */
  readonly stackName: string;
  readonly roles: readonly string[];
  /** When its `up` had succeeded. */
  up: number;
  /** When its `destroy` was started. */
  destroy: number;
  /** When the destroy began with each of the roles, at the latest. */
  readonly begun: Map<string, number>;
}

/**
 * Creates and destroys stacks concurrently, along with two other writers, kills some of them, and asserts of every
 * version of the map that every entry that a stack wants exists once, with its claim.
 *
 * @returns what has happened, in numbers.
 */
export async function expectManyStacks(size: ManyStacksSize, seed: number): Promise<Readonly<Record<string, number>>> {
  const random = seededRandom(seed);
  const stacks = await startStacks(seasonedData.mapRoles);
  try {
    await stacks.map.reset(seasonedData);
    const original = await stacks.map.data();
    const history = await MapHistory.start(stacks.cluster);
    const all = await addStacks(stacks, size, random);
    const kills = await visitBeside(stacks.map, pause, makeAll(all, size, random));
    await history.stop();
    expectWanted(history, all);
    const kept = expectHonestRecord(history, all);
    expect(await stacks.map.data()).toEqual(original);
    expect((await stacks.map.read())?.metadata.annotations).toBeUndefined();
    return { kills, versions: history.versions.length, kept };
  } finally {
    await stacks.stop();
  }
}

async function addStacks(stacks: Stacks, size: ManyStacksSize, random: SeededRandom): Promise<readonly ManyStack[]> {
  const names = numbered("stack-", size.stacks);
  const sharers = new Map(names.map((name): [string, string[]] => [name, []]));
  for (const role of numbered("shared-", size.shared)) {
    const count = 2 + random.below(size.stacks - 1);
    for (const name of shuffled(names, random).slice(0, count)) {
      sharers.get(name)?.push(role);
    }
  }
  return Promise.all(
    [...sharers].map(async ([name, shared], index) => {
      const own = numbered(`${name}-`, size.mappings - shared.length);
      const roles = shuffled([...shared, ...own], random);
      const door = index < size.native ? pluginDoor : dynamicDoor;
      const project = await stacks.add(name, door.options);
      const mappings = roles.map((role) => [role, { arn: roleArn(role), username: role, groups }]);
      await project.program(door.program(plainly(Object.fromEntries(mappings))));
      return { project, name, stackName: door.stackName(name), roles, up: 0, destroy: 0, begun: new Map() };
    }),
  );
}

/** @returns how many kills have hit. */
async function makeAll(all: readonly ManyStack[], size: ManyStacksSize, random: SeededRandom): Promise<number> {
  const ups = planOfKills(all, size, random).map(async ([stack, kill]) => {
    const hit = await runStack(stack, "up", kill);
    stack.up = Date.now();
    return hit;
  });
  const upHits = (await Promise.all(ups)).filter(Boolean).length;
  // In seeded order, with short delays, so that one stack has dropped its claim while the next still has one.
  const destroys = planOfKills(shuffled(all, random), size, random).map(async ([stack, kill], place) => {
    await setTimeout(place * 400);
    stack.destroy = Date.now();
    return runStack(stack, "destroy", kill);
  });
  return upHits + (await Promise.all(destroys)).filter(Boolean).length;
}

/** A kill of a run: who dies, and after how many of its steps. */
interface Kill {
  readonly interruption: Interruption;
  readonly after: number;
}

function planOfKills(
  all: readonly ManyStack[],
  { killed, mappings }: ManyStacksSize,
  random: SeededRandom,
): readonly (readonly [ManyStack, Kill | undefined])[] {
  const victims = shuffled(all, random).slice(0, killed);
  return all.map((stack) => [stack, victims.includes(stack) ? killOf(mappings, random) : undefined]);
}

function killOf(mappings: number, random: SeededRandom): Kill {
  const interruption = random.pick<Interruption>(["the CLI", "the provider", "the CLI and the provider"]);
  return { interruption, after: 1 + random.below(Math.ceil(mappings / 2)) };
}

/**
 * Runs a command, and once more what a user does after a kill.
 *
 * @returns whether the kill has hit.
 */
async function runStack(stack: ManyStack, command: "up" | "destroy", kill: Kill | undefined): Promise<boolean> {
  const { interruption = "the CLI", after = Number.POSITIVE_INFINITY } = kill ?? {};
  const run = await interrupt(stack, command, interruption, (strike, call) => {
    noteDeletes(stack, call);
    let steps = 0;
    call.onLine((line) => {
      if (/ (created|deleted) \(/.test(line) && line.includes("IdentityMapping") && ++steps === after) {
        // Changes that started, but were not reported any more.
        begin(stack, command === "destroy" ? stack.roles : []);
        void strike();
      }
    });
  });
  if (run.hit) {
    await recover(stack, command);
  } else {
    expect(run).toMatchObject({ code: 0 });
  }
  return run.hit;
}

function noteDeletes(stack: ManyStack, call: RunningCall): void {
  call.onLine((line) => {
    const [, role] = /IdentityMapping (\S+) deleting \(/.exec(line) ?? [];
    begin(stack, role === undefined ? [] : [role]);
  });
}

function begin({ begun }: ManyStack, roles: readonly string[]): void {
  for (const role of roles.filter((role) => !begun.has(role))) {
    begun.set(role, Date.now());
  }
}

/** From the end of its `up` until its destroy, a stack's entry exists once in each version. */
function expectWanted(history: MapHistory, all: readonly ManyStack[]): void {
  for (const { name, stackName, roles, up, destroy, begun } of all) {
    expect([...begun.keys()].toSorted()).toEqual(roles.toSorted());
    for (const role of roles) {
      const key = entryKey(roleArn(role), role, groups);
      const until = Math.max(destroy, (begun.get(role) ?? 0) - tellingTime);
      const versions = history.between(up, until);
      expect(versions.length).toBeGreaterThan(0);
      for (const { resourceVersion, entries, claims } of versions) {
        const times = entries.filter((entry) => entry === key).length;
        const isClaimed = claims.some((line) => line.endsWith(` ${stackName} ${role}`));
        expect({ name, role, resourceVersion, times, isClaimed }).toMatchObject({ times: 1, isClaimed: true });
      }
    }
  }
}

/**
 * In each version whatever there is of a claim is a claim on an entry that is there, and no entry is there twice.
 *
 * @returns how many times an entry stayed since another stack wanted it.
 */
function expectHonestRecord(history: MapHistory, all: readonly ManyStack[]): number {
  const roles = new Set(all.flatMap((stack) => stack.roles));
  let kept = 0;
  let before = new Map<string, number>();
  for (const { resourceVersion, entries, claims } of history.versions) {
    expect({ resourceVersion, entries: entries.length }).toMatchObject({ entries: new Set(entries).size });
    const counts = Map.groupBy(claims, (line) => line.slice(line.lastIndexOf(" ") + 1));
    for (const role of counts.keys()) {
      const isThere = entries.includes(entryKey(roleArn(role), role, groups));
      expect({ resourceVersion, role, isOurs: roles.has(role), isThere }).toMatchObject({
        isOurs: true,
        isThere: true,
      });
    }
    const now = new Map([...counts].map(([role, lines]) => [role, lines.length]));
    kept += [...now].filter(([role, count]) => count < (before.get(role) ?? 0)).length;
    before = now;
  }
  return kept;
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item): [number, T] => [random.next(), item])
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}
