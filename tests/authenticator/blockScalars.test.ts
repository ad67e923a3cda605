import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type AwsAuthDocument,
  appendEntry,
  entriesOf,
  parseDocument,
  problemsOf,
  removeEntry,
  renderKey,
} from "../../provider/document/index.ts";
import type { Mapping } from "../../provider/mapping/index.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { cases } from "../support/nightly.ts";

/** The same texts at every run, so that a change is to blame for a failure; FUZZ_SEED asks for others, FUZZ_RUNS for more. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261127);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(2_000, 10_000));

const owner = "arn:aws:iam::111122223333:role/dev";
const other = "arn:aws:iam::111122223333:role/other";
const mapping: Mapping = { kind: "role", arn: other, username: "other", groups: [] };

const field = fc.constantFrom("username: ", "groups:\n  - ");
const header = fc.constantFrom(..."|,|,>,>,|+,>+,|-,>-,| # c,!!str |,|2,>1,|2+,|2-".split(","));
const line = fc.constantFrom(..."    a,    b c,      m,    ,      ,     ,,  ,    a  ,    #x,    \t,    é".split(","));
const lines = fc.array(line, { maxLength: 4 });
/** A block scalar at the end of an entry, with or without a line break behind it. */
const text = fc
  .tuple(field, header, lines, fc.constantFrom("\n", ""), fc.constantFrom("\n", "\n", "\r\n"))
  .map(([name, mark, below, end, lineBreak]) =>
    `- rolearn: ${owner}\n  ${name}${[mark, ...below].join("\n")}${end}`.replaceAll("\n", lineBreak),
  );

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());

/** Whom the authenticator takes the owner for. */
async function ownerIn(mapRoles: string) {
  const answer = await oracle.ask({ mapRoles }, [owner]);
  return answer.identities[0]?.outcomes;
}

/** The text after an edit; undefined if it is refused. */
function edited(edit: () => AwsAuthDocument): string | undefined {
  try {
    return renderKey(edit(), "mapRoles");
  } catch (error) {
    expect(error).toMatchObject({ code: "unsupportedEntry" });
    return undefined;
  }
}

it("a block scalar at the end of an entry is what the authenticator reads, and stays so in every edit", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const tally = { read: 0, refused: 0, appended: 0, notAppended: 0, removed: 0, notRemoved: 0 };
  await fc.assert(
    fc.asyncProperty(text, async (mapRoles) => {
      const document = parseDocument({ mapRoles });
      if (problemsOf(document).length > 0) {
        tally.refused++;
        return;
      }
      const was = await ownerIn(mapRoles);
      expect(entriesOf(document).map(({ username, groups }) => ({ username, groups }))).toEqual(was);
      tally.read++;

      const longer = edited(() => appendEntry(document, mapping).document);
      tally[longer === undefined ? "notAppended" : "appended"]++;
      if (longer !== undefined) {
        expect(await ownerIn(longer)).toEqual(was);
      }

      const both = parseDocument({ mapRoles: `${mapRoles.replace(/\n?$/, "\n")}- rolearn: ${other}\n  username: b` });
      const [, last] = entriesOf(both);
      const shorter = last && edited(() => removeEntry(both, last));
      tally[shorter === undefined ? "notRemoved" : "removed"]++;
      if (shorter !== undefined) {
        expect(await ownerIn(shorter)).toEqual(await ownerIn(renderKey(both, "mapRoles")));
      }
    }),
    { seed, numRuns },
  );
  console.log(JSON.stringify(tally));
  expect(tally.read).toBeGreaterThan(numRuns / 2);
  for (const count of [tally.appended, tally.notAppended, tally.removed, tally.notRemoved]) {
    expect(count).toBeGreaterThan(numRuns / 20);
  }
}, 900_000);
