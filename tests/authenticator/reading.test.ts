import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type AwsAuthMap,
  dataKeys,
  entriesOf,
  parseMap,
  problemsOf,
  renderKey,
} from "../../provider/awsAuthMap/index.ts";
import { askedArns, type MapData } from "../support/authenticator/maps.ts";
import { changedMap } from "../support/authenticator/mutations.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { toolMaps } from "../support/authenticator/toolMaps.ts";
import { cases } from "../support/nightly.ts";
import { disagreements } from "./agreement.ts";

/** The same maps at every run, so that a change is to blame for a failure; FUZZ_SEED asks for others, FUZZ_RUNS for more. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261130);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(2_000, 20_000));

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());

/** Some that every map is asked about, and all that the map names. */
function arnsIn(map: AwsAuthMap): string[] {
  const named = entriesOf(map).flatMap(({ arn = "" }) => {
    const session = arn.replace(/^arn:aws:iam::(\d+):role\/.*?([^/]+)$/, "arn:aws:sts::$1:assumed-role/$2/s");
    return /^arn:aws:(?:iam::\d{12}:user\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/s)$/.test(session)
      ? [session]
      : [];
  });
  return [...new Set([...askedArns.slice(0, 12), ...named])];
}

const tally = { mapped: 0, refused: 0, random: 0 };

async function disagreementsOn(data: MapData): Promise<string[]> {
  const map = parseMap(data);
  const arns = arnsIn(map);
  return disagreements(map, arns, await oracle.ask(data, arns), tally);
}

it.each(Object.entries(toolMaps))("reads a map as %s writes it as the authenticator does", async (_, data) => {
  expect(problemsOf(parseMap(data))).toEqual([]);
  expect(await disagreementsOn(data)).toEqual([]);
});

it("refuses a map, or reads it as the authenticator does", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  let agreed = 0;
  const refused: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(changedMap, async (data) => {
      const map = parseMap(data);
      expect(dataKeys.map((key) => renderKey(map, key))).toEqual(dataKeys.map((key) => data[key] ?? ""));
      const [problem] = problemsOf(map);
      if (problem !== undefined) {
        const reason = problem.text.replace(/^.*?column \d+: /, "").replace(/ [A-Z]\S+|field \S+/, " …");
        refused[reason] = (refused[reason] ?? 0) + 1;
        return;
      }
      agreed++;
      expect(await disagreementsOn(data)).toEqual([]);
    }),
    { seed, numRuns },
  );
  console.log(`agreed on ${agreed} of ${numRuns} maps: ${JSON.stringify({ tally, refused })}`);
  expect(agreed).toBeGreaterThan(numRuns / 5);
  expect(tally.mapped).toBeGreaterThan(numRuns);
}, 3_600_000);
