import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AwsAuthMap, parseMap, problemsOf, removeEntry, renderKey } from "../../provider/awsAuthMap/index.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { clusterAccess } from "../../provider/identity/clusterAccess.ts";
import { parseIdentity } from "../../provider/identity/identity.ts";
import { type PlacedEntry, placedEntries } from "../../provider/identity/placedEntry.ts";
import { type LintProblem, lintMap } from "../../provider/lint.ts";
import { anyMap, askedArns, type MapData } from "../support/authenticator/maps.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { cases } from "../support/nightly.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 20261124);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(250, 500));

/** Rules by which an entry has no effect at all. */
const vain: readonly string[] = ["never-matches", "shadowed"];

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());

interface Linted extends PlacedEntry {
  readonly problems: readonly LintProblem[];
}

function linted(data: MapData, document: AwsAuthMap): Linted[] {
  const problems = lintMap({ data, access: clusterAccess(document) });
  return placedEntries(document).map((placed) => ({
    ...placed,
    problems: problems.filter(({ place }) => place.key === placed.key && place.position === placed.position),
  }));
}

it("an entry without an error has the effect that it declares", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(anyMap, async (data) => {
      const map = parseMap(data);
      // Whom a refused key maps is unknown.
      const entries = problemsOf(map).length > 0 ? [] : linted(data, map);
      const random = entries.filter(({ problems }) => problems.some(({ code }) => code === "undecided"));
      for (const { entry, key, problems } of entries) {
        const isSound = !problems.some(({ code, severity }) => severity === "error" || code === "shadowed");
        const isRandom = random.some((other) => other.entry.principal === entry.principal);
        // The authenticator at hand keeps an entry with rolearn and sso, which newer ones drop.
        const isMixed = entries.some(
          (other) => other.entry.principal === entry.principal && other.entry.sso !== undefined,
        );
        const identity = entry.arn === undefined ? undefined : parseIdentity(entry.arn);
        if (!isSound || isRandom || isMixed || identity === undefined || key === "mapAccounts") {
          continue;
        }
        const answer = await oracle.ask(data, [identity.arn]);
        checked++;
        expect(answer.identities[0]?.outcomes).toEqual([{ username: entry.username, groups: entry.groups }]);
      }
    }),
    { seed, numRuns },
  );
  console.log(`${checked} entries do what they say`);
  expect(checked).toBeGreaterThan(numRuns / 4);
}, 600_000);

it("removing an entry that lint calls ineffective changes no identity", async () => {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(anyMap, async (data) => {
      const document = parseMap(data);
      const before = await oracle.ask(data, askedArns);
      for (const { entry, key, problems } of linted(data, document)) {
        // The authenticator at hand keeps an entry with rolearn and sso, which newer ones drop.
        if (entry.sso !== undefined || !problems.some(({ code }) => vain.includes(code))) {
          continue;
        }
        const without = removed(document, entry);
        if (without === undefined) {
          continue;
        }
        const after = await oracle.ask({ ...data, [key]: renderKey(without, key) }, askedArns);
        checked++;
        expect(after.identities).toEqual(before.identities);
      }
    }),
    { seed, numRuns },
  );
  console.log(`${checked} entries were in vain`);
  expect(checked).toBeGreaterThan(numRuns / 4);
}, 600_000);

/** The document without an entry; undefined where it is laid out too oddly to be edited. */
function removed(document: AwsAuthMap, entry: PlacedEntry["entry"]): AwsAuthMap | undefined {
  try {
    return removeEntry(document, entry);
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "unsupportedEntry") {
      return undefined;
    }
    throw error;
  }
}
