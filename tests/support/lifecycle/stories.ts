import fc from "fast-check";
import { modes } from "./fixture.ts";
import { contents } from "./outsiders.ts";
import { Story } from "./story.ts";

const one = (...words: readonly string[]) => fc.constantFrom(...words);
const text = (...parts: readonly (fc.Arbitrary<string> | string)[]) =>
  fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((words) => words.join(""));
const number = fc.integer({ min: 1, max: 14 }).map(String);
const content = one(...Object.keys(contents));
const list = one("roles", "roles", "users");
const hand = fc.oneof(
  { weight: 5, arbitrary: text(one("append ", "prepend "), list, " ", content, one("", "", " upper")) },
  { weight: 3, arbitrary: text(one("remove ", "edit "), list, " ", content) },
  { weight: 3, arbitrary: text("entry ", content, one("", "", " tagged")) },
  { weight: 2, arbitrary: text("editEntry ", content) },
  { weight: 5, arbitrary: one("noEntry", "policy", "policy", "untag", "unclaim", "replace") },
  { weight: 3, arbitrary: one("role", "role", "role", "noRole", "moveRole", "account") },
  // After these, few previews are clean.
  { weight: 1, arbitrary: one("iam", "mode", "mode") },
);
const declared = text(
  content,
  one("", "/both", "/both", "/API"),
  one("", "", "", "+adopt"),
  one("", "", "", "", "", "+account"),
  one("", "", "", "", "+username", "+groups"),
);
const fault = text(one(" kill ", " killAfter ", " refuse "), number);
const command = fc.oneof(
  { weight: 6, arbitrary: one("up") },
  { weight: 2, arbitrary: text("up ", declared) },
  { weight: 2, arbitrary: one("up /map", "up /both", "up /both", "up /API") },
  { weight: 2, arbitrary: text("up", one("", " --replace"), fault) },
  { weight: 1, arbitrary: text("up beside ", hand) },
  { weight: 2, arbitrary: one("up --replace", "refresh", "rename", "rename alias", "up none") },
  { weight: 2, arbitrary: text("destroy", fc.oneof(fc.constant(""), fault)) },
);
const step = fc.oneof(
  { weight: 3, arbitrary: text("A ", command) },
  { weight: 1, arbitrary: text("B ", command) },
  { weight: 3, arbitrary: hand },
);

/** Stories, each as a function that plays it. */
export const stories: fc.Arbitrary<() => Promise<Story>> = fc
  .record({
    kind: fc.constantFrom("role" as const, "role" as const, "user" as const),
    mode: fc.constantFrom(modes[1], ...modes),
    first: text("A up ", declared),
    steps: fc.array(step, { maxLength: 10, size: "max" }),
  })
  .map(({ kind, mode, first, steps }) =>
    Object.assign(
      async () => {
        const story = new Story(kind, mode);
        for (const each of [first, ...steps]) {
          await story.play(each);
        }
        return story;
      },
      { toString: () => JSON.stringify({ kind, mode, steps: [first, ...steps] }) },
    ),
  );
