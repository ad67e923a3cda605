import fc from "fast-check";
import type { PlaceName } from "../../provider/lifecycle/types.ts";
import { it, modes } from "../support/lifecycle/fixture.ts";
import { Scenario, type StackName } from "../support/lifecycle/scenario.ts";
import type { ManualChange } from "../support/lifecycle/stackUser.ts";
import { cases } from "../support/nightly.ts";

const contents = ["dev: viewers", "dev: editors", "ops: viewers"];
const stack = fc.constantFrom<StackName>("apps", "infra");
const fault = fc.record({ at: fc.integer({ min: 1, max: 14 }), kind: fc.constantFrom("kill", "killAfter") });
const hand: fc.Arbitrary<ManualChange> = fc.record({
  act: fc.constantFrom("edit", "add", "remove", "dropClaims"),
  place: fc.constantFrom<PlaceName>("map", "entries"),
  content: fc.constantFrom(...contents),
});
const change = fc.oneof(
  fc.record({ content: fc.constantFrom(...contents) }),
  fc.record({ mode: fc.constantFrom(...modes) }),
  fc.record({ adopt: fc.boolean() }),
  fc.record({ ignored: fc.constantFrom<readonly string[]>([], ["username"], ["groups"]) }),
);

/** A step of a story, with generated arguments. */
function step<Arguments extends unknown[]>(
  weight: number,
  title: string,
  given: fc.Arbitrary<Arguments>,
  run: (story: Scenario, ...given: Arguments) => Promise<void> | void,
) {
  const arbitrary: fc.Arbitrary<fc.AsyncCommand<object, Scenario>> = given.map((values) => ({
    check: () => true,
    run: async (_model: object, story: Scenario) => run(story, ...values),
    toString: () => `${title} ${JSON.stringify(values)}`,
  }));
  return { weight, arbitrary };
}

const killed = fc.option(fault, { nil: undefined, freq: 2 });
const steps = fc.oneof(
  step(8, "up", fc.tuple(stack), (story, name) => story.play(name, { name: "up" })),
  step(3, "up killed", fc.tuple(stack, fault), (story, name, fault) => story.play(name, { name: "up", fault })),
  step(2, "up --replace", fc.tuple(stack, killed), (story, name, fault) =>
    story.play(name, { name: "up", fault, isReplaced: true }),
  ),
  step(1, "up beside", fc.tuple(stack, hand), (story, name, hand) => story.play(name, { name: "up", change: hand })),
  step(1, "preview", fc.tuple(stack), (story, name) => story.play(name, { name: "preview" })),
  step(1, "refresh", fc.tuple(stack), (story, name) => story.play(name, { name: "refresh" })),
  step(2, "destroy", fc.tuple(stack, killed), (story, name, fault) => story.play(name, { name: "destroy", fault })),
  step(5, "declare", fc.tuple(stack, change), (story, ...given) => story.declare(...given)),
  step(1, "undeclare", fc.tuple(stack), (story, name) => story.declare(name, undefined)),
  step(1, "rename", fc.tuple(stack, fc.boolean()), (story, ...given) => story.rename(...given)),
  step(3, "hand", fc.tuple(hand), (story, by) => story.touch(by)),
);

it("keeps its invariants in randomized operations of two stacks", async () => {
  const stories = fc.asyncProperty(fc.commands([steps], { maxCommands: 16 }), async (commands) => {
    const real = new Scenario();
    await fc.asyncModelRun(() => ({ model: {}, real }), commands);
    await real.end();
  });
  await fc.assert(stories, { numRuns: cases(1_000, 20_000), includeErrorInReport: true });
});
