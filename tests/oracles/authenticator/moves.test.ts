import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessEntryContent, AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import { translate } from "../../../provider/accessEntries/translate.ts";
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
import { movesOf, type PlacedMove } from "../../../provider/reports/moves.ts";
import { anyMoveMap, principals } from "../../support/authenticator/moveMaps.ts";
import { type LoginAnswer, Logins } from "../../support/authenticator/oracle.ts";
import { cases } from "../../support/nightly.ts";
import {
  asNode,
  callers,
  cluster,
  dataOf,
  expectedOf,
  factsOf,
  fileOf,
  isMoving,
  isPredicted,
  type Moving,
  mapOutcomes,
  summaryOf,
} from "./callers.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(100, 500));
const visitors = callers.map(({ arn, userId }) => ({ arn, userId }));
const none: LoginAnswer = { outcomes: [], denials: [] };
const denied: LoginAnswer = { outcomes: [], denials: ["ARN is not mapped"] };

describe("a move to access entries and back", () => {
  let authenticator: Logins;
  beforeAll(async () => {
    authenticator = await Logins.start();
  }, 900_000);
  afterAll(() => authenticator.stop());

  it("keeps each identity's username and groups in the authenticator at every step, in generated maps", async () => {
    const tally = { moved: 0, notMoved: 0, unnamed: 0, administrators: 0, nodes: 0 };
    await fc.assert(
      fc.asyncProperty(anyMoveMap, async (data) => {
        const document = parseMap(data);
        const moves = movesOf(factsOf(document));
        const moving = moves.filter(isMoving);
        expect(await findChanges(document, moves, moving)).toEqual([]);
        tally.moved += moving.length;
        tally.notMoved += moves.length - moving.length;
        tally.unnamed += moving.filter(({ placed }) => placed.entry.username === "").length;
        tally.administrators += moving.filter(({ accessEntry }) => accessEntry.policies.length > 0).length;
        tally.nodes += moving.filter(({ accessEntry }) => accessEntry.type !== "STANDARD").length;
      }),
      { numRuns },
    );
    console.log(`${numRuns} maps: ${JSON.stringify(tally)}`);
    expect(Math.min(...Object.values(tally))).toBeGreaterThan(numRuns / 100);
  }, 3_600_000);

  /** Returns identities that change at any step, or that this package and the authenticator resolve differently. */
  async function findChanges(
    document: AwsAuthMap,
    moves: readonly PlacedMove[],
    moving: readonly Moving[],
  ): Promise<readonly string[]> {
    const contents = moving.map(({ accessEntry }) => accessEntry);
    // The authenticator picks one of several entries at random, so one login is not enough.
    const tries = moves.some(({ reason }) => reason.includes("at random")) ? 24 : 1;
    const ask = async (map: AwsAuthMap, contents: readonly AccessEntryContent[], mode: AuthenticationMode) => {
      const entries = fileOf(contents);
      const answers = await authenticator.ask({ data: mode === "API" ? {} : dataOf(map), entries, visitors, tries });
      return callers.map((caller, index) => asNode(answers[index] ?? none, caller, entries));
    };
    const before = await ask(document, [], "CONFIG_MAP");
    const moveByCaller = callers.map(({ principal }) =>
      moving.find(({ accessEntry }) => accessEntry.principalArn === principal.arn),
    );
    const after = callers.map((caller, index) => expectedOf(moveByCaller[index], caller, before[index] ?? none));
    const left = moving.reduce((rest, { placed }) => removeEntry(rest, placed.entry), document);
    // Groups added to an access entry outside Pulumi; an access entry for nodes has no custom groups.
    const more = (move: Moving | undefined) => (move?.accessEntry.type === "STANDARD" ? ["more"] : []);
    const extended = moving.map((move) => ({
      ...move.accessEntry,
      groups: [...move.accessEntry.groups, ...more(move)],
    }));
    const extendedAnswers = after.map((answer, index) =>
      mapOutcomes(answer, (username, groups) => [username, [...groups, ...more(moveByCaller[index])]]),
    );
    const onlyMoved = after.map((answer, index) => (moveByCaller[index] === undefined ? denied : answer));
    const steps: readonly Step[] = [
      ["both", document, contents, "API_AND_CONFIG_MAP", after],
      ["access entries alone", left, contents, "API_AND_CONFIG_MAP", after],
      ["a cluster of access entries alone", document, contents, "API", onlyMoved],
      ["both, access entries changed outside Pulumi", document, extended, "API_AND_CONFIG_MAP", extendedAnswers],
      ...backIn(left, moves, moving).map((map): Step => ["back in aws-auth", map, [], "CONFIG_MAP", before]),
    ];
    const found: string[] = [];
    for (const [name, map, contents, mode, wanted] of steps) {
      const answers = await ask(map, contents, mode);
      const places = { entries: entriesOf(map), accessEntries: contents, mode };
      for (const [index, caller] of callers.entries()) {
        const [answer = none, wish = none] = [answers[index], wanted[index]];
        if (summaryOf(answer) !== summaryOf(wish)) {
          found.push(`${name}: ${caller.arn} is ${summaryOf(answer)} and not ${summaryOf(wish)}`);
        }
        const identity = parseIdentity(caller.arn);
        const logins = identity === undefined ? [] : whoLogsIn(places, identity).logins;
        const isCertain = contents.length === 0 || moveByCaller[index] === undefined || logins.length === 1;
        if (!isPredicted(logins, answer) || !isCertain) {
          found.push(`${name}: ${caller.arn} is ${summaryOf(answer)} and taken for ${inspect(logins, { depth: 4 })}`);
        }
      }
    }
    return found;
  }

  it("refuses exactly the usernames that the authenticator refuses in access entries as reserved", async () => {
    const arn = principals[0]?.arn ?? "";
    for (const prefix of ["system:", "eks:", "aws:", "amazon:", "iam:", "System:", "awsx:", "systems:", "x"]) {
      for (const rest of ["dev", "{{SessionName}}", "a:{{SessionNameRaw}}"]) {
        const username = prefix + rest;
        const translation = translate({ kind: "role", arn, username, groups: [] }, arn, cluster);
        const [answer] = await authenticator.ask({
          data: {},
          entries: fileOf([{ principalArn: arn, type: "STANDARD", username, groups: [], policies: [] }]),
          visitors: visitors.slice(0, 1),
        });
        const isReserved =
          translation.kind === "refused" &&
          translation.refusals.some(({ text }) => text.includes("which EKS reserves"));
        expect({ username, isDenied: answer?.outcomes.length === 0 }).toEqual({ username, isDenied: isReserved });
      }
    }
  });
});

/** A step of the move: the map, the access entries, the authentication mode, and each caller's expected answer. */
type Step = readonly [
  name: string,
  map: AwsAuthMap,
  contents: readonly AccessEntryContent[],
  mode: AuthenticationMode,
  wanted: readonly LoginAnswer[],
];

/** The map with the moved entries appended; empty if an entry that did not move has the same principal, a conflict. */
function backIn(left: AwsAuthMap, moves: readonly PlacedMove[], moving: readonly Moving[]): readonly AwsAuthMap[] {
  const others = moves.filter(({ outcome }) => outcome !== "moves").map(({ placed }) => placed.entry.principal);
  if (moving.some(({ placed }) => others.includes(placed.entry.principal))) {
    return [];
  }
  const mappings = moving.flatMap(({ placed }) => entryMapping(placed.entry) ?? []);
  return [mappings.reduce((rest, mapping) => appendEntry(rest, mapping), left)];
}
