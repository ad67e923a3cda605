import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type AwsAuthMap,
  dataKeys,
  entriesOf,
  type MapEntry,
  parseMap,
  problemsOf,
  removeEntry,
  renderKey,
} from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { parseIdentity } from "../../../provider/identity/identity.ts";
import { placedEntries } from "../../../provider/identity/placedEntry.ts";
import { whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
import { lintMap } from "../../../provider/reports/lintCluster.ts";
import { anyMap, askedArns, type MapData } from "../../support/authenticator/maps.ts";
import { Oracle, type Outcome } from "../../support/authenticator/oracle.ts";
import { changedMap, toolMaps } from "../../support/authenticator/toolMaps.ts";
import { historicData } from "../../support/cli/historicMap.ts";
import { seasonedData } from "../../support/engine/manifest.ts";
import { cases } from "../../support/nightly.ts";

/** FUZZ_RUNS sets the number of maps. */
const runs = (everyRun: number, nightly: number) => Number(process.env["FUZZ_RUNS"] ?? cases(everyRun, nightly));

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());

/** How many identities were compared, by the result. */
const tally = { mapped: 0, refused: 0, random: 0 };

/** Compares this package with the authenticator. Returns one sentence for each difference. */
async function disagreementsOn(data: MapData): Promise<string[]> {
  const map = parseMap(data);
  const arns = [...new Set([...askedArns, ...entriesOf(map).flatMap(reportedArn)])];
  const { identities } = await oracle.ask(data, arns);
  const access = clusterAccess(map);
  return arns.flatMap((arn, index) => {
    const identity = parseIdentity(arn);
    const reference = identities[index];
    if (identity === undefined || reference === undefined || identity.arn !== reference.canonical) {
      return [`${arn}: ${identity?.arn} here, ${reference?.canonical} there`];
    }
    if (isInSsoEntryWithArn(map, identity.arn)) {
      return [];
    }
    // The tested authenticator does not support sso entries.
    const entries = whoLogsIn(access, identity).logins.flatMap(({ entry }) =>
      entry === undefined || entry.sso !== undefined ? [] : [entry],
    );
    const possible = entries.map((entry) => JSON.stringify(outcomeOf(entry, identity.arn)));
    tally[possible.length === 0 ? "refused" : possible.length === 1 ? "mapped" : "random"]++;
    const outcomes = reference.outcomes.map(({ username, groups }) => JSON.stringify({ username, groups }));
    const isAgreed =
      (outcomes.length === 0) === (possible.length === 0) && outcomes.every((one) => possible.includes(one));
    return isAgreed ? [] : [`${arn}: ${possible} here, ${outcomes} there`];
  });
}

/** The tested authenticator accepts an entry with both rolearn and sso; newer versions ignore it. */
function isInSsoEntryWithArn(map: AwsAuthMap, arn: string): boolean {
  return entriesOf(map).some((entry) => entry.sso !== undefined && entry.arn?.toLowerCase() === arn.toLowerCase());
}

/** The authenticator's result before it expands templates. */
function outcomeOf({ key, username, groups }: MapEntry, arn: string): Outcome {
  return key === "mapAccounts" ? { username: arn, groups: [] } : { username, groups };
}

/** The identity of an entry as AWS reports it; empty if AWS has no such ARN. */
function reportedArn({ arn = "" }: MapEntry): string[] {
  const session = arn.replace(/^arn:aws:iam::(\d+):role\/.*?([^/]+)$/, "arn:aws:sts::$1:assumed-role/$2/s");
  return /^arn:aws:(?:iam::\d{12}:user\/[\w+=,.@/-]*[\w+=,.@-]|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/s)$/.test(session)
    ? [session]
    : [];
}

const maps = { ...toolMaps, "several tools over ten years": historicData, "several authors": seasonedData };
it.each(Object.entries(maps))(
  "resolves identities in a map of %s in the same way as the authenticator",
  async (_, data) => {
    const { mapped } = tally;
    expect(problemsOf(parseMap(data))).toEqual([]);
    expect(await disagreementsOn(data)).toEqual([]);
    expect(tally.mapped).toBeGreaterThan(mapped);
  },
);

it("refuses a generated map, or resolves its identities in the same way as the authenticator", async () => {
  const numRuns = runs(2_000, 20_000);
  let agreed = 0;
  const disagreements: string[] = [];
  const refused: Record<string, number> = {};
  await fc
    .assert(
      fc.asyncProperty(changedMap, async (data) => {
        const map = parseMap(data);
        expect(dataKeys.map((key) => renderKey(map, key))).toEqual(dataKeys.map((key) => data[key] ?? ""));
        const [problem] = problemsOf(map);
        if (problem !== undefined) {
          const reason = problem.text.replace(/^.*?column \d+: /, "").replace(/ [A-Z]\S+|field \S+/, " …");
          refused[reason] = (refused[reason] ?? 0) + 1;
          return;
        }
        const found = await disagreementsOn(data);
        disagreements.push(...found);
        expect(found).toEqual([]);
        agreed++;
      }),
      { numRuns },
    )
    .finally(() => {
      const all = Object.values(refused).reduce((sum, count) => sum + count, 0);
      const counts = `agreed on ${agreed}, refused ${all}, ${disagreements.length} disagreements`;
      console.log(`${numRuns} maps: ${counts}: ${JSON.stringify({ tally, refused })}`);
    });
  expect(agreed).toBeGreaterThan(numRuns / 5);
  expect(tally.mapped).toBeGreaterThan(numRuns);
  expect(tally.random).toBeGreaterThan(0);
}, 3_600_000);

it("lint accepts entries that take effect and reports entries that do not", async () => {
  const numRuns = runs(250, 500);
  let [sound, ineffective] = [0, 0];
  await fc.assert(
    fc.asyncProperty(anyMap, async (data) => {
      const map = parseMap(data);
      const problems = lintMap({ data, access: clusterAccess(map) });
      const linted = placedEntries(map).map(({ entry, key, position }) => {
        const own = problems.filter(({ place }) => place.key === key && place.position === position);
        return { entry, key, own, codes: own.map(({ code }) => code) };
      });
      const named = linted.map(({ entry }) => parseIdentity(entry.arn ?? "")?.arn ?? "");
      const before = await oracle.ask(data, [...named, ...askedArns]);
      for (const [index, { entry, key, own, codes }] of linted.entries()) {
        // The mappings of a refused key are unknown, and the tested authenticator accepts an entry with rolearn and sso.
        const rivals = linted.filter((other) => other.entry.principal === entry.principal);
        const isUnclear =
          problemsOf(map).length > 0 ||
          rivals.some((rival) => rival.codes.includes("undecided") || rival.entry.sso !== undefined);
        const isSound = !own.some(({ code, severity }) => severity === "error" || code === "shadowed");
        if (isSound && !isUnclear && named[index] !== "" && key !== "mapAccounts") {
          sound++;
          const { username, groups } = entry;
          expect(before.identities[index]?.outcomes).toEqual([{ username, groups }]);
        }
        // The oracle counts an entry as matched even if its node template makes the login fail.
        const isForNodes = [entry.username, ...entry.groups].some((text) => text.includes("{{EC2PrivateDNSName"));
        const isIneffective = codes.includes("never-matches") || codes.includes("shadowed");
        if (isIneffective && entry.sso === undefined && !isForNodes) {
          ineffective++;
          const text = renderKey(removeEntry(map, entry), key);
          const after = await oracle.ask({ ...data, [key]: text }, askedArns);
          expect(after.identities).toEqual(before.identities.slice(named.length));
        }
      }
    }),
    { numRuns },
  );
  console.log(`${sound} entries do what they declare, and ${ineffective} are ineffective, in ${numRuns} maps`);
  expect(Math.min(sound, ineffective)).toBeGreaterThan(numRuns / 4);
}, 600_000);
