import fc from "fast-check";
import type { PlaceName } from "../../provider/lifecycle/types.ts";
import { cases } from "../support/nightly.ts";
import { it, modes } from "../support/lifecycle/fixture.ts";
import type { Hand } from "../support/lifecycle/player.ts";
import { Story } from "../support/lifecycle/story.ts";

const contents = ["dev: viewers", "dev: editors", "ops: viewers"];
const stack = fc.nat({ max: 1 });
const fault = fc.record({ at: fc.integer({ min: 1, max: 14 }), kind: fc.constantFrom("kill", "killAfter") });
const hand: fc.Arbitrary<Hand> = fc.record({
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

/** A step of a story, with arguments for it. */
function step<Arguments extends unknown[]>(
  weight: number,
  title: string,
  given: fc.Arbitrary<Arguments>,
  run: (story: Story, ...given: Arguments) => Promise<void> | void,
) {
  const arbitrary = given.map((values) => ({
    check: () => true,
    run: async (_model: object, story: Story) => run(story, ...values),
    toString: () => `${title} ${JSON.stringify(values)}`,
  }));
  return { weight, arbitrary };
}

const killed = fc.option(fault, { nil: undefined, freq: 2 });
const steps = fc.oneof(
  step(10, "up", fc.tuple(stack, killed), (story, index, fault) => story.play(index, { name: "up", fault })),
  step(2, "up --replace", fc.tuple(stack, killed), (story, index, fault) =>
    story.play(index, { name: "up", fault, isReplaced: true }),
  ),
  step(1, "up beside", fc.tuple(stack, hand), (story, index, hand) => story.play(index, { name: "up", hand })),
  step(1, "preview or refresh", fc.tuple(stack, fc.constantFrom("preview", "refresh")), (story, index, name) =>
    story.play(index, { name }),
  ),
  step(2, "destroy", fc.tuple(stack, killed), (story, index, fault) => story.play(index, { name: "destroy", fault })),
  step(5, "declare", fc.tuple(stack, change), (story, ...given) => story.declare(...given)),
  step(1, "undeclare", fc.tuple(stack), (story, index) => story.declare(index, undefined)),
  step(1, "rename", fc.tuple(stack, fc.boolean()), (story, ...given) => story.rename(...given)),
  step(3, "hand", fc.tuple(hand), (story, by) => story.touch(by)),
);

it("keeps its promises in random stories of two stacks", async () => {
  const stories = fc.asyncProperty(fc.commands<object, Story>([steps], { maxCommands: 16 }), async (commands) => {
    const real = new Story();
    await fc.asyncModelRun(() => ({ model: {}, real }), commands);
    await real.end();
  });
  await fc.assert(stories, { numRuns: cases(300, 3_000), includeErrorInReport: true });
});
