import fc from "fast-check";
import { anyMap, anyName, flowMap, type MapData, styledMap } from "./maps.ts";

/** The inputs of an IdentityMapping. */
export type MappingArgs = {
  readonly arn?: string;
  readonly account?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly adopt?: boolean;
};

/** One change to a program; `which` is an index into the resources, modulo their number. */
export type Edit =
  /** `existing` is an index, modulo their number, into the ARNs of the map; that ARN replaces the one in `args`. */
  | { readonly kind: "create"; readonly args: MappingArgs; readonly existing: number | undefined }
  | { readonly kind: "update"; readonly which: number; readonly content: Content; readonly inCapitals: boolean }
  | { readonly kind: "remove"; readonly which: number };

type Content = Pick<MappingArgs, "username" | "groups">;

const name = anyName.filter((text) => text.trim() === text && !/\{\{|[\p{Cc}\u2028\u2029\ufeff]/u.test(text));

const content: fc.Arbitrary<Content> = fc
  .tuple(fc.option(name, { nil: undefined }), fc.uniqueArray(name, { maxLength: 3 }))
  .filter(([username, groups]) => username !== undefined || groups.length > 0)
  .map(([username, groups]) => ({ ...(username !== undefined && { username }), ...(groups.length > 0 && { groups }) }));

/** The ARNs of roles and users in a map. */
export function existingArns({ mapRoles = "", mapUsers = "" }: MapData): readonly string[] {
  return `${mapRoles}\n${mapUsers}`.match(/(?<![\w:])arn:aws:iam::\d{12}:(?:role|user)\/[\w+=.@/-]*[\w+=.@-]/g) ?? [];
}

const arn = fc
  .tuple(fc.constantFrom("role/", "role/", "role/team/", "user/", "user/team/"), fc.nat({ max: 20 }))
  .map(([kind, index]) => `arn:aws:iam::111122223333:${kind}Fresh-${index}`);
const adopt = fc.constantFrom<MappingArgs>({}, {}, { adopt: true });
const ofPrincipal = fc.tuple(arn, content, adopt).map(([arn, given, more]) => ({ arn, ...given, ...more }));
const ofAccount = fc
  .tuple(fc.constantFrom("111122223333", "012345678901", "444455556666"), adopt)
  .map(([account, more]) => ({ account, ...more }));

const which = fc.nat({ max: 20 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("create"),
      args: fc.oneof({ weight: 9, arbitrary: ofPrincipal }, { weight: 1, arbitrary: ofAccount }),
      existing: fc.option(which, { nil: undefined, freq: 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("update"), which, content, inCapitals: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), which }) },
);

/** Sequences of changes to a program. */
export const anyEdits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 20, size: "+1" });

const mapRoles = fc.oneof(
  { weight: 5, arbitrary: styledMap(0).map(({ text }) => text) },
  { weight: 3, arbitrary: flowMap(1).map(({ text }) => text) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "[]", "[] # none\n", '""', "# nobody yet\n", "---\n[]\n", "null\n", "``"),
  },
);

/** Maps in many styles that the authenticator can read. */
export const validMap: fc.Arbitrary<MapData> = fc.record(
  {
    mapRoles,
    mapUsers: mapRoles.map((text) => text.replaceAll(/rolearn/gi, "userarn").replaceAll(":role/", ":user/")),
    mapAccounts: fc.constantFrom(
      '- "012345678901"\n',
      "- 111122223333 # all\n- '222233334444'",
      "[]\n",
      "['111122223333']",
      '["012345678901","111122223333"]',
      "[\n  '111122223333',\n  012345678901\n]\n",
    ),
    notOurs: fc.constantFrom("", "text\n"),
  },
  { requiredKeys: [] },
);

// The authenticator under test reads entries with both rolearn and sso differently from newer versions.
const withoutSso = anyMap.map(
  (data): MapData =>
    Object.fromEntries(Object.entries(data).map(([key, text]) => [key, text.replace(/\bsso\b/gi, "x")])),
);

/** Maps to edit: two of three are valid, and the others have defects of any kind. */
export const anyEditedMap: fc.Arbitrary<MapData> = fc.oneof(
  { weight: 2, arbitrary: validMap },
  { weight: 1, arbitrary: withoutSso },
);
