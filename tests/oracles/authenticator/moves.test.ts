import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessEntryContent, type AuthenticationMode, translate } from "../../../provider/accessEntries/index.ts";
import {
  type AwsAuthMap,
  appendEntry,
  entriesOf,
  entryMapping,
  parseMap,
  removeEntry,
} from "../../../provider/awsAuthMap/index.ts";
import { parseIdentity } from "../../../provider/identity/identity.ts";
import { whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
import { movesOf, type PlacedMove } from "../../../provider/migration/moves.ts";
import { anyMoveMap, principals } from "../../support/authenticator/moveMaps.ts";
import { type LoginAnswer, Logins } from "../../support/authenticator/oracle.ts";
import { cases } from "../../support/nightly.ts";
import {
  asNode,
  changed,
  dataOf,
  expectedOf,
  factsOf,
  fileOf,
  inShort,
  isForeseen,
  isMoving,
  type Moving,
  visits,
  where,
} from "./visits.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 20261126);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(100, 500));
const visitors = visits.map(({ arn, userId }) => ({ arn, userId }));
const none: LoginAnswer = { outcomes: [], denials: [] };
const denied: LoginAnswer = { outcomes: [], denials: ["ARN is not mapped"] };

describe("each step leaves every identity its username and groups", () => {
  let authenticator: Logins;
  beforeAll(async () => {
    authenticator = await Logins.start();
  }, 900_000);
  afterAll(() => authenticator.stop());

  it("by the authenticator, in generated maps: in both, only in access entries, and back", async () => {
    console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
    const tally = { moved: 0, stayed: 0, unnamed: 0, administrators: 0, nodes: 0 };
    await fc.assert(
      fc.asyncProperty(anyMoveMap, async (data) => {
        const document = parseMap(data);
        const moves = movesOf(factsOf(document));
        const moving = moves.filter(isMoving);
        expect(await findChanges(document, moves, moving)).toEqual([]);
        tally.moved += moving.length;
        tally.stayed += moves.length - moving.length;
        tally.unnamed += moving.filter(({ placed }) => placed.entry.username === "").length;
        tally.administrators += moving.filter(({ accessEntry }) => accessEntry.policies.length > 0).length;
        tally.nodes += moving.filter(({ accessEntry }) => accessEntry.type !== "STANDARD").length;
      }),
      { seed, numRuns },
    );
    console.log(`${numRuns} maps: ${JSON.stringify(tally)}`);
    expect(Math.min(...Object.values(tally))).toBeGreaterThan(numRuns / 30);
  }, 3_600_000);

  /** Who is not who it was, or not whom this package takes it for, at any step. */
  async function findChanges(
    document: AwsAuthMap,
    moves: readonly PlacedMove[],
    moving: readonly Moving[],
  ): Promise<readonly string[]> {
    const contents = moving.map(({ accessEntry }) => accessEntry);
    // Where the authenticator picks one of several entries at random, one login does not tell.
    const tries = moves.some(({ reason }) => reason.includes("at random")) ? 24 : 1;
    const ask = async (map: AwsAuthMap, contents: readonly AccessEntryContent[], mode: AuthenticationMode) => {
      const entries = fileOf(contents);
      const answers = await authenticator.ask({ data: mode === "API" ? {} : dataOf(map), entries, visitors, tries });
      return visits.map((visit, index) => asNode(answers[index] ?? none, visit, entries));
    };
    const before = await ask(document, [], "CONFIG_MAP");
    const movers = visits.map(({ principal }) =>
      moving.find(({ accessEntry }) => accessEntry.principalArn === principal.arn),
    );
    const after = visits.map((visit, index) => expectedOf(movers[index], visit, before[index] ?? none));
    const left = moving.reduce((rest, { placed }) => removeEntry(rest, placed.entry), document);
    // The groups that somebody adds to an access entry; one for nodes has no groups of one's own.
    const more = (mover: Moving | undefined) => (mover?.accessEntry.type === "STANDARD" ? ["more"] : []);
    const grown = moving.map((mover) => ({
      ...mover.accessEntry,
      groups: [...mover.accessEntry.groups, ...more(mover)],
    }));
    const grownAnswers = after.map((answer, index) =>
      changed(answer, (username, groups) => [username, [...groups, ...more(movers[index])]]),
    );
    const onlyMovers = after.map((answer, index) => (movers[index] === undefined ? denied : answer));
    const steps: readonly Step[] = [
      ["both", document, contents, "API_AND_CONFIG_MAP", after],
      ["access entries alone", left, contents, "API_AND_CONFIG_MAP", after],
      ["a cluster of access entries alone", document, contents, "API", onlyMovers],
      ["both, where somebody changed the access entries", document, grown, "API_AND_CONFIG_MAP", grownAnswers],
      ...backIn(left, moves, moving).map((map): Step => ["back in aws-auth", map, [], "CONFIG_MAP", before]),
    ];
    const found: string[] = [];
    for (const [name, map, contents, mode, wanted] of steps) {
      const answers = await ask(map, contents, mode);
      const places = { entries: entriesOf(map), accessEntries: contents, mode };
      for (const [index, visit] of visits.entries()) {
        const [answer = none, wish = none] = [answers[index], wanted[index]];
        if (inShort(answer) !== inShort(wish)) {
          found.push(`${name}: ${visit.arn} is ${inShort(answer)} and not ${inShort(wish)}`);
        }
        const identity = parseIdentity(visit.arn);
        const logins = identity === undefined ? [] : whoLogsIn(places, identity).logins;
        const isCertain = contents.length === 0 || movers[index] === undefined || logins.length === 1;
        if (!isForeseen(logins, answer) || !isCertain) {
          found.push(`${name}: ${visit.arn} is ${inShort(answer)} and taken for ${inspect(logins, { depth: 4 })}`);
        }
      }
    }
    return found;
  }

  it("and what this package refuses as reserved, the authenticator refuses in an access entry, and nothing else", async () => {
    const arn = principals[0]?.arn ?? "";
    for (const prefix of ["system:", "eks:", "aws:", "amazon:", "iam:", "System:", "awsx:", "systems:", "x"]) {
      for (const rest of ["dev", "{{SessionName}}", "a:{{SessionNameRaw}}"]) {
        const username = prefix + rest;
        const translation = translate({ kind: "role", arn, username, groups: [] }, arn, where);
        const [answer] = await authenticator.ask({
          data: {},
          entries: fileOf([{ principalArn: arn, type: "STANDARD", username, groups: [], policies: [] }]),
          visitors: visitors.slice(0, 1),
        });
        const isReserved =
          translation.kind === "refused" &&
          translation.refusals.some(({ reason }) => reason.includes("which EKS keeps for itself"));
        expect({ username, isDenied: answer?.outcomes.length === 0 }).toEqual({ username, isDenied: isReserved });
      }
    }
  });
});

/** A moment of the way there and back: both places, the mode of the cluster, and who each visitor is to be. */
type Step = readonly [
  name: string,
  map: AwsAuthMap,
  contents: readonly AccessEntryContent[],
  mode: AuthenticationMode,
  wanted: readonly LoginAnswer[],
];

/** The map with what moved at its end. Another entry of the same principal, which is of others, is a conflict. */
function backIn(left: AwsAuthMap, moves: readonly PlacedMove[], moving: readonly Moving[]): readonly AwsAuthMap[] {
  const others = moves.filter(({ outcome }) => outcome !== "moves").map(({ placed }) => placed.entry.principal);
  if (moving.some(({ placed }) => others.includes(placed.entry.principal))) {
    return [];
  }
  const mappings = moving.flatMap(({ placed }) => entryMapping(placed.entry) ?? []);
  return [mappings.reduce((rest, mapping) => appendEntry(rest, mapping), left)];
}
