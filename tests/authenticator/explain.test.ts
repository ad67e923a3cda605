import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDocument } from "../../provider/document/index.ts";
import { anyMap, askedArns, type MapData } from "../support/authenticator/maps.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { historicData } from "../support/cli/historicMap.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import { disagreements, type Tally } from "./agreement.ts";

/** The same maps at every run, so that a change is to blame for a failure; FUZZ_SEED asks for others, FUZZ_RUNS for more. */
const seed = Number(process.env["FUZZ_SEED"] ?? 20261124);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(500, 1_000));

let oracle: Oracle;
// Building the authenticator takes minutes, once.
beforeAll(async () => {
  oracle = await Oracle.start();
}, 900_000);
afterAll(() => oracle.stop());

async function findDisagreements(data: MapData, arns: readonly string[], tally: Tally): Promise<string[]> {
  return disagreements(parseDocument(data), arns, await oracle.ask(data, arns), tally);
}

it.each([
  ["historic", historicData],
  ["seasoned", seasonedData],
])("explain says of everybody in the %s map what the authenticator says", async (_name, data) => {
  const tally = { mapped: 0, refused: 0, random: 0 };
  const written = Object.values(data).flatMap((text) => text.match(/arn:[^\s"',}]+/g) ?? []);
  const sessions = written.map((arn) =>
    arn.replace(/^arn:([^:]+):iam::(\d+):role\/.*?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/s"),
  );
  expect(await findDisagreements(data, [...new Set(sessions)], tally)).toEqual([]);
  expect(tally.mapped).toBeGreaterThan(3);
});

it("explain agrees with the authenticator for every identity, whatever the map contains", async () => {
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const tally = { mapped: 0, refused: 0, random: 0 };
  await fc.assert(
    fc.asyncProperty(anyMap, async (data) => {
      expect(await findDisagreements(data, askedArns, tally)).toEqual([]);
    }),
    { seed, numRuns },
  );
  console.log(`agreed on ${numRuns} maps: ${JSON.stringify(tally)}`);
  expect(tally.mapped).toBeGreaterThan(numRuns);
  expect(tally.random).toBeGreaterThan(0);
}, 600_000);
