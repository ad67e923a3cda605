import fc from "fast-check";
import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import type { Content, PlaceName } from "../../../provider/lifecycle/types.ts";
import type { Program } from "./resource.ts";
import type { Kill } from "./world.ts";

/** One event of a story. `stack` says who runs it. */
export type Event =
  | { readonly event: "up"; readonly stack: number; readonly kill?: Kill | undefined; readonly isReplaced?: boolean }
  | { readonly event: "upBeside"; readonly stack: number; readonly hand: Hand }
  | { readonly event: "preview" | "refresh" | "undeclare"; readonly stack: number }
  | { readonly event: "destroy"; readonly stack: number; readonly kill?: Kill }
  | { readonly event: "rename"; readonly stack: number; readonly hasAlias: boolean }
  | { readonly event: "declare"; readonly stack: number; readonly change: Partial<Program> }
  | { readonly event: "hand"; readonly hand: Hand };

/** What a stack does, or its program. */
export type StackEvent = Extract<Event, { readonly stack: number }>;

/** A change that somebody makes by hand, or with another tool. */
export interface Hand {
  readonly act: "edit" | "add" | "remove" | "dropClaims";
  readonly place: PlaceName;
  readonly content: number;
}

/** What programs and hands write. */
export const contents: readonly Content[] = [
  { username: "dev", groups: ["viewers"] },
  { username: "dev", groups: ["editors"] },
  { username: "ops", groups: ["viewers"] },
];

const modes: readonly AuthenticationMode[] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];

const stack = fc.nat({ max: 1 });
const kill = fc.record({ call: fc.integer({ min: 1, max: 4 }), isAfter: fc.boolean() });
const hand: fc.Arbitrary<Hand> = fc.record({
  act: fc.constantFrom("edit", "add", "remove", "dropClaims"),
  place: fc.constantFrom("map", "entries"),
  content: fc.nat({ max: 2 }),
});
const change: fc.Arbitrary<Partial<Program>> = fc.oneof(
  fc.record({ content: fc.constantFrom(...contents) }),
  fc.record({ mode: fc.constantFrom(...modes) }),
  fc.record({ adopt: fc.boolean() }),
  fc.record({ ignored: fc.constantFrom<readonly string[]>([], ["username"], ["groups"]) }),
);

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ event: fc.constant("up"), stack }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant("up"), stack, kill }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("up"), stack, isReplaced: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("up"), stack, kill, isReplaced: fc.constant(true) }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("upBeside"), stack, hand }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constantFrom("preview", "refresh", "undeclare"), stack }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("destroy"), stack }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("destroy"), stack, kill }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant("rename"), stack, hasAlias: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ event: fc.constant("declare"), stack, change }) },
  { weight: 3, arbitrary: fc.record({ event: fc.constant("hand"), hand }) },
);

/** Random stories of two stacks that map one principal. */
export const stories = fc.array(event, { minLength: 1, maxLength: 16 });
