import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clusterAccess } from "../../provider/access/clusterAccess.ts";
import { callerIdentity, type PlacedEntry, placedEntries } from "../../provider/authenticator/index.ts";
import { type AwsAuthDocument, parseDocument, removeEntry, renderKey } from "../../provider/document/index.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { type Finding, lintMap } from "../../provider/lint.ts";
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
  readonly findings: readonly Finding[];
}

function linted(data: MapData, document: AwsAuthDocument): Linted[] {
  const findings = lintMap({ data, access: clusterAccess(document) });
  return placedEntries(document).map((placed) => ({
    ...placed,
    findings: findings.filter(({ key, position }) => key === placed.key && position === placed.position),
  }));
}

it("an entry without an error has the effect that it declares", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(anyMap, async (data) => {
      const entries = linted(data, parseDocument(data));
      const random = entries.filter(({ findings }) => findings.some(({ rule }) => rule === "undecided"));
      for (const { entry, key, findings } of entries) {
        const isSound = !findings.some(({ rule, severity }) => severity === "error" || rule === "shadowed");
        const isRandom = random.some((other) => other.entry.principal === entry.principal);
        // The authenticator at hand keeps an entry with rolearn and sso, which newer ones drop.
        const isMixed = entries.some(
          (other) => other.entry.principal === entry.principal && other.entry.sso !== undefined,
        );
        const identity = entry.arn === undefined ? undefined : callerIdentity(entry.arn);
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
      const document = parseDocument(data);
      const before = await oracle.ask(data, askedArns);
      for (const { entry, key, findings } of linted(data, document)) {
        // The authenticator at hand keeps an entry with rolearn and sso, which newer ones drop.
        if (entry.sso !== undefined || !findings.some(({ rule }) => vain.includes(rule))) {
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
function removed(document: AwsAuthDocument, entry: PlacedEntry["entry"]): AwsAuthDocument | undefined {
  try {
    return removeEntry(document, entry);
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "unsupportedEntry") {
      return undefined;
    }
    throw error;
  }
}
