import fc from "fast-check";
import { flowMap } from "./flowStyles.ts";
import { anyMap, type MapData } from "./maps.ts";
import type { MappingArgs } from "./simulatedProgram.ts";
import { anyName, styledMap } from "./styles.ts";

/** One change of a program. */
export type Edit =
  /** `existing` is an index, modulo their number, into the ARNs of the map, and replaces the ARN. */
  | { readonly kind: "create"; readonly args: MappingArgs; readonly existing: number | undefined }
  /** `which` counts the resources that there are round and round. */
  | { readonly kind: "update"; readonly which: number; readonly content: Content; readonly inCapitals: boolean }
  | { readonly kind: "remove"; readonly which: number };

/** What a mapping gives. */
type Content = Pick<MappingArgs, "username" | "groups">;

const name = anyName.filter((text) => text.trim() === text && !/\{\{|[\p{Cc}\u2028\u2029\ufeff]/u.test(text));

const content: fc.Arbitrary<Content> = fc
  .tuple(fc.option(name, { nil: undefined }), fc.uniqueArray(name, { maxLength: 3 }))
  .filter(([username, groups]) => username !== undefined || groups.length > 0)
  .map(([username, groups]) => ({ ...(username !== undefined && { username }), ...(groups.length > 0 && { groups }) }));

/** The ARNs of roles and users in a map. */
export function existingArns(data: MapData): string[] {
  const texts = [data["mapRoles"], data["mapUsers"]];
  return texts.flatMap(
    (text) => text?.match(/(?<![\w:])arn:aws:iam::\d{12}:(?:role|user)\/[\w+=.@/-]*[\w+=.@-]/g) ?? [],
  );
}

const arn = fc
  .tuple(fc.constantFrom("role/", "role/", "role/team/", "user/", "user/team/"), fc.nat({ max: 20 }))
  .map(([kind, index]) => `arn:aws:iam::111122223333:${kind}Fresh-${index}`);

const flags: fc.Arbitrary<Pick<MappingArgs, "adopt">> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constant({ adopt: true }) },
);

const args: fc.Arbitrary<MappingArgs> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.tuple(arn, content, flags).map(([arn, content, flags]) => ({ arn, ...content, ...flags })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("111122223333", "012345678901", "444455556666"), flags)
      .map(([account, flags]) => ({ account, ...flags })),
  },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(args, fc.option(fc.nat({ max: 20 }), { nil: undefined, freq: 2 }))
      .map(([args, existing]) => ({ kind: "create", args, existing }) as const),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat({ max: 20 }), content, fc.boolean())
      .map(([which, content, inCapitals]) => ({ kind: "update", which, content, inCapitals }) as const),
  },
  { weight: 2, arbitrary: fc.nat({ max: 20 }).map((which) => ({ kind: "remove", which }) as const) },
);

/** Rows of changes to a program. */
export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 20, size: "+1" });

/** A few changes. */
export const fewEdits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 2, maxLength: 3 });

const mapRoles = fc.oneof(
  { weight: 5, arbitrary: styledMap(0).map(({ text }) => text) },
  { weight: 3, arbitrary: flowMap(1).map(({ text }) => text) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "[]", "[] # none\n", '""', "# nobody yet\n", "---\n[]\n", "null\n", "``"),
  },
);

/** Maps in many styles, all of which the authenticator can read. */
export const soundMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles,
    mapUsers: mapRoles.map((text) => text.replaceAll(/rolearn/gi, "userarn").replaceAll(":role/", ":user/")),
    mapAccounts: fc.constantFrom(
      '- "012345678901"\n',
      "- 111122223333 # all\n- '222233334444'",
      "[]\n",
      "['111122223333']\n",
      '["012345678901","111122223333"]',
      "[\n  '111122223333',\n  012345678901\n]\n",
    ),
    notOurs: fc.constantFrom("", "text\n"),
  },
  { requiredKeys: [] },
);

/** Without final line breaks, or as they are. */
const open = (map: fc.Arbitrary<MapData>) =>
  fc.tuple(map, fc.boolean()).map(([data, isOpen]): MapData => {
    const change = (text: string) => (isOpen ? text.replace(/\r?\n$/, "") : text);
    return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, change(text)]));
  });

/** Maps to edit: two of three are sound, and the others in every state of disrepair. */
export const anyEditedMap: fc.Arbitrary<MapData> = fc.oneof(
  { weight: 2, arbitrary: open(soundMap) },
  { weight: 1, arbitrary: anyMap },
);

/** Maps of thousands of entries, in two styles and with comments between them; the last entry shadows an earlier one. */
export function largeMap(least: number, most: number): fc.Arbitrary<MapData> {
  return fc.tuple(fc.integer({ min: least, max: most }), fc.constantFrom("\n", "\r\n")).map(([size, lineBreak]) => {
    const entries = Array.from({ length: size }, (_, index) => {
      const arn = `arn:aws:iam::111122223333:role/team-${index % (size - 1)}`;
      if (index % 3 > 0) {
        return `- rolearn: ${arn}\n  username: team-${index}\n  groups: [a, "y"]\n`;
      }
      return `# team ${index}\n- groups:\n  - developers\n  rolearn: ${arn}\n`;
    });
    return { mapRoles: entries.join("").replaceAll("\n", lineBreak) };
  });
}
