import { describe, expect, it } from "vitest";
import { entriesOf, parseDocument, renderKey } from "../../../provider/document/index.ts";
import { applyPlan } from "../../../provider/lifecycle/places/mapEdit.ts";
import { type Intent, planEntry, planRemoval } from "../../../provider/lifecycle/places/mapPlan.ts";
import type { ArnMapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::111122223333:role/x";
const pathed = arn.replace("role/", "role/eng/");
const says = (username: string, spelt = arn): ArnMapping => ({ kind: "role", arn: spelt, username, groups: [] });
const line = (username: string, spelt = arn) => `- rolearn: ${spelt}\n  username: ${username}\n`;
const mapOf = (...lines: string[]) => parseDocument({ mapRoles: lines.join("") || "[]\n" });

const claimant = { id: undefined };
const defaults = { previous: undefined, noDuplicateARNs: true, adopt: false, ignored: [], declared: [], claimant };

/** What becomes of mapRoles: its text, or the code of the error. */
function result(before: readonly string[], intent: Partial<Intent> & Pick<Intent, "desired">): string {
  const document = mapOf(...before);
  const whole: Intent = { ...defaults, ...intent };
  try {
    return renderKey(applyPlan(document, planEntry(document, whole), whole, undefined).document, "mapRoles");
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

describe("what a resource does to the map", () => {
  const foreign = line("node", "arn:aws:iam::111122223333:role/node");
  it.each<[string, string[], Partial<Intent> & Pick<Intent, "desired">, string]>([
    ["is added where nobody maps its identity", [foreign], { desired: says("a") }, foreign + line("a")],
    ["is left alone where it says the same", [line("a"), foreign], { desired: says("a") }, line("a") + foreign],
    ["is refused where somebody else maps the identity otherwise", [line("b")], { desired: says("a") }, "duplicateArn"],
    [
      "is refused where the same is said of the role with a path, which nobody ever matches",
      [line("a", pathed)],
      { desired: says("a") },
      "duplicateArn",
    ],
    ["loses a path in the map when it is adopted", [line("a", pathed)], { desired: says("a"), adopt: true }, line("a")],
    [
      "is left alone beside one with a path that says the same, where that is allowed",
      [line("a"), line("a", pathed)],
      { desired: says("a"), previous: says("a"), noDuplicateARNs: false },
      line("a") + line("a", pathed),
    ],
    ["loses a path that somebody gave it", [line("a", pathed)], { desired: says("a"), previous: says("a") }, line("a")],
    [
      "is respelt when its resource is",
      [line("a", arn.replace("/x", "/X"))],
      { desired: says("a"), previous: says("a", arn.replace("/x", "/X")) },
      line("a"),
    ],
    [
      "keeps the spelling of somebody else's entry that says the same",
      [line("a", arn.replace("/x", "/X"))],
      { desired: says("a") },
      line("a", arn.replace("/x", "/X")),
    ],
    [
      "is refused in another letter case too",
      [line("b", arn.toUpperCase().replace("ARN:AWS:IAM", "arn:aws:iam"))],
      { desired: says("a") },
      "duplicateArn",
    ],
    [
      "is refused with a path in the map too",
      [line("b", arn.replace("role/", "role/eng/"))],
      { desired: says("a") },
      "duplicateArn",
    ],
    [
      "shadows where that is allowed",
      [line("b")],
      { desired: says("a"), noDuplicateARNs: false },
      line("b") + line("a"),
    ],
    [
      "takes the entry in force over and removes the shadowed ones",
      [line("old"), foreign, line("b")],
      { desired: says("a"), adopt: true },
      foreign + line("a"),
    ],
    [
      "keeps an entry that says the same when it adopts",
      [line("a"), line("b")],
      { desired: says("a"), adopt: true },
      line("a"),
    ],
    [
      "edits its own entry in its place",
      [line("a"), foreign],
      { desired: says("c"), previous: says("a") },
      line("c") + foreign,
    ],
    [
      "corrects its own entry after a hand edit",
      [line("hacked"), foreign],
      { desired: says("a"), previous: says("a") },
      line("a") + foreign,
    ],
    [
      "is added again beside a foreign one that is left, where duplicates are allowed",
      [line("b")],
      { desired: says("a"), previous: says("a"), noDuplicateARNs: false },
      line("b") + line("a"),
    ],
    [
      "is told from a permission set's, which keeps its own",
      [`${line("a")}  sso: { permissionSetName: A, accountID: "111122223333" }\n`],
      { desired: says("a") },
      `${line("a")}  sso: { permissionSetName: A, accountID: "111122223333" }\n${line("a")}`,
    ],
    ["is added again after a removal", [foreign], { desired: says("a"), previous: says("a") }, foreign + line("a")],
    [
      "does nothing where somebody has done what is wanted",
      [line("c")],
      { desired: says("c"), previous: says("a") },
      line("c"),
    ],
    [
      "is refused when a foreign entry came to shadow its own",
      [line("a"), line("b")],
      { desired: says("a"), previous: says("a") },
      "duplicateArn",
    ],
    [
      "does not touch an entry of another resource of the run",
      [line("b")],
      { desired: says("a"), noDuplicateARNs: false, declared: [says("b")] },
      line("b") + line("a"),
    ],
    [
      "does not take another resource's entry for its own, edited one",
      [line("b")],
      { desired: says("a"), previous: says("a"), noDuplicateARNs: false, declared: [says("b")] },
      line("b") + line("a"),
    ],
    [
      "leaves ignored properties of its own entry to others",
      [line("by-hand")],
      { desired: says("a"), previous: says("a"), ignored: ["username"] },
      line("by-hand"),
    ],
    ["writes ignored properties of a new entry", [], { desired: says("a"), ignored: ["username"] }, line("a")],
    [
      "respells its own ARN",
      [line("a", arn.replace("/x", "/X"))],
      { desired: says("b"), previous: says("a", arn.replace("/x", "/X")) },
      line("b"),
    ],
  ])("an entry %s", (_title, before, intent, after) => {
    expect(result(before, intent)).toBe(after);
  });
});

describe("which entry goes with a resource", () => {
  it.each<[string, string[], Partial<Intent>, string, number | undefined]>([
    ["the one that says what it last wrote", [line("b"), line("a"), line("c")], {}, "remove", 2],
    ["the last of several that do", [line("a"), line("a")], {}, "remove", 2],
    ["none where the only one was edited by hand", [line("b")], {}, "changed", 1],
    ["none of several that say something else", [line("b"), line("c")], {}, "gone", undefined],
    ["none, when it is gone", [], {}, "gone", undefined],
    ["none, when another resource says the same", [line("a")], { declared: [says("a")] }, "keep", undefined],
    ["none of another resource's", [line("b")], { declared: [says("b")] }, "gone", undefined],
    ["the one that differs in what is ignored alone", [line("b")], { ignored: ["username"] }, "remove", 1],
  ])("%s", (_title, before, intent, kind, position) => {
    const document = mapOf(...before);
    const removal = planRemoval(document, { ...defaults, ...intent, previous: says("a") });
    expect(removal.kind).toBe(kind);
    const entry = removal.kind === "remove" || removal.kind === "changed" ? removal.entry : undefined;
    expect(entry && entriesOf(document).indexOf(entry) + 1).toBe(position);
  });
});
