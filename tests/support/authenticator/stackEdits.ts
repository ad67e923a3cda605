import fc from "fast-check";
import type { MappingArgs, Subject } from "./simulatedProgram.ts";

/** One thing that happens to a map that several stacks and a colleague share. What is counted is counted round and round. */
export type StackEdit =
  | { readonly kind: "create"; readonly stack: number; readonly args: MappingArgs }
  | {
      readonly kind: "update";
      readonly stack: number;
      readonly which: number;
      readonly content: Content;
      readonly adopt: boolean;
    }
  | { readonly kind: "up" | "refresh" | "remove"; readonly stack: number; readonly which: number }
  | { readonly kind: "handAdd"; readonly args: MappingArgs }
  | { readonly kind: "handChange"; readonly subject: Subject; readonly which: number; readonly content: Content }
  | { readonly kind: "handRemove"; readonly subject: Subject; readonly which: number }
  | { readonly kind: "dropLine" | "cutLine" | "blurLine"; readonly which: number }
  | { readonly kind: "dropRecord" }
  | { readonly kind: "foreignLine"; readonly line: string };

/** What a mapping gives. */
export type Content = Pick<MappingArgs, "username" | "groups">;

/** How many stacks there are. */
export const stackCount = 3;

/** So few that the stacks keep meeting each other. */
export const subjects: readonly Subject[] = [
  { arn: "arn:aws:iam::111122223333:role/Shared-1" },
  { arn: "arn:aws:iam::111122223333:role/Shared-2" },
  { arn: "arn:aws:iam::111122223333:user/Shared-3" },
  { account: "333344445555" },
];

const contents: readonly Content[] = [
  { username: "alice" },
  { username: "alice", groups: ["viewers"] },
  { username: "bob", groups: ["viewers"] },
  { groups: ["viewers", "editors"] },
];

const subject = fc.constantFrom(...subjects);
const content = fc.constantFrom(...contents);
const count = fc.nat({ max: 20 });
const stack = fc.nat({ max: stackCount - 1 });

const mapping = fc.tuple(subject, content).map(([subject, content]): MappingArgs => withContent(subject, content));

const flags: fc.Arbitrary<Pick<MappingArgs, "adopt" | "noDuplicateARNs">> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constant({ adopt: true }) },
);

const ofStack: fc.Arbitrary<StackEdit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(stack, mapping, flags)
      .map(([stack, mapping, flags]) => ({ kind: "create", stack, args: { ...mapping, ...flags } }) as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("update" as const),
      stack,
      which: count,
      content,
      adopt: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("up" as const, "up" as const, "refresh" as const, "remove" as const, "remove" as const),
      stack,
      which: count,
    }),
  },
);

const byHand: fc.Arbitrary<StackEdit> = fc.oneof(
  { weight: 2, arbitrary: mapping.map((args) => ({ kind: "handAdd", args }) as const) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("handChange" as const), subject, which: count, content }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("handRemove" as const), subject, which: count }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("dropLine" as const, "cutLine" as const, "blurLine" as const),
      which: count,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "dropRecord" } as const) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "what is this?",
        "111122223333:role/somebody 123456 z9z9z9 organization/else/prod them",
        "111122223333:role/shared-1 000000 z8z8z8 organization/else/prod them",
      )
      .map((line) => ({ kind: "foreignLine", line }) as const),
  },
);

/** Sequences of stack operations; every third one has manual changes in between. */
export const anyStackEdits: fc.Arbitrary<readonly StackEdit[]> = fc.oneof(
  { weight: 1, arbitrary: fc.array(ofStack, { minLength: 2, maxLength: 20, size: "+1" }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: ofStack }, { weight: 1, arbitrary: byHand }), {
      minLength: 2,
      maxLength: 24,
      size: "+1",
    }),
  },
);

/** A mapping of somebody; an account's gives nothing else. */
export function withContent(subject: Subject, content: Content): MappingArgs {
  return subject.account === undefined ? { ...subject, ...content } : subject;
}
