import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loginMap } from "../../provider/access/loginMap.ts";
import { type AccessEntryContent, type AuthenticationMode, translate } from "../../provider/accessEntries/index.ts";
import { callerIdentity, loginsOf } from "../../provider/authenticator/index.ts";
import {
  type AwsAuthDocument,
  appendEntry,
  entryMapping,
  parseDocument,
  removeEntry,
} from "../../provider/document/index.ts";
import { movesOf, type PlacedMove } from "../../provider/migration/moves.ts";
import { type LoginAnswer, Logins } from "../support/authenticator/logins.ts";
import { anyMoveMap, principals } from "../support/authenticator/moveMaps.ts";
import { cases } from "../support/nightly.ts";
import {
  asNode,
  dataOf,
  expectedOf,
  factsOf,
  fileOf,
  inShort,
  isForeseen,
  isMoving,
  type Moving,
  none,
  visitors,
  visits,
  where,
} from "./visits.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 20261126);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? cases(100, 500));

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
        const document = parseDocument(data);
        const moves = movesOf(factsOf(document));
        const moving = moves.filter(isMoving);
        for (const problem of await findChanges(document, moves, moving)) {
          throw new Error(problem);
        }
        tally.moved += moving.length;
        tally.stayed += moves.length - moving.length;
        tally.unnamed += moving.filter(({ placed }) => placed.entry.username === "").length;
        tally.administrators += moving.filter(({ accessEntry: content }) => content.policies.length > 0).length;
        tally.nodes += moving.filter(({ accessEntry: content }) => content.type !== "STANDARD").length;
      }),
      { seed, numRuns },
    );
    console.log(`${numRuns} maps: ${JSON.stringify(tally)}`);
    expect(Math.min(...Object.values(tally))).toBeGreaterThan(numRuns / 30);
  }, 3_600_000);

  /** Who is not who it was, or not whom this package takes it for, at any step. */
  async function findChanges(
    document: AwsAuthDocument,
    moves: readonly PlacedMove[],
    moving: readonly Moving[],
  ): Promise<readonly string[]> {
    const contents = moving.map(({ accessEntry: content }) => content);
    // Where the authenticator picks one of several entries at random, one login does not tell.
    const tries = moves.some(({ reason }) => reason.includes("at random")) ? 24 : 1;
    const ask = async (map: AwsAuthDocument, contents: readonly AccessEntryContent[], mode: AuthenticationMode) => {
      const entries = fileOf(contents);
      const answers = await authenticator.ask({ data: mode === "API" ? {} : dataOf(map), entries, visitors, tries });
      return visits.map((visit, index) => asNode(answers[index] ?? none, visit, entries));
    };
    const before = await ask(document, [], "CONFIG_MAP");
    const movers = visits.map(({ principal }) =>
      moving.find(({ accessEntry: content }) => content.principalArn === principal.arn),
    );
    const after = visits.map((visit, index) => expectedOf(movers[index], visit, before[index] ?? none));
    const left = moving.reduce((rest, { placed }) => removeEntry(rest, placed.entry), document);
    const steps: readonly Step[] = [
      { name: "both", map: document, contents, wanted: after, mode: "API_AND_CONFIG_MAP" },
      { name: "access entries alone", map: left, contents, wanted: after, mode: "API_AND_CONFIG_MAP" },
      {
        name: "a cluster of access entries alone",
        map: document,
        contents,
        wanted: after.map((answer, index) => (movers[index] === undefined ? denied : answer)),
        mode: "API",
      },
      {
        name: "both, where somebody changed the access entries",
        map: document,
        contents: contents.map((content) => ({ ...content, groups: [...content.groups, ...moreOf(content)] })),
        wanted: after.map((answer, index) => withGroup(answer, movers[index])),
        mode: "API_AND_CONFIG_MAP",
      },
      ...backIn(left, moves, moving).map(
        (map): Step => ({ name: "back in aws-auth", map, contents: [], wanted: before, mode: "CONFIG_MAP" }),
      ),
    ];
    const found: string[] = [];
    for (const { name, map, contents, wanted, mode } of steps) {
      const answers = await ask(map, contents, mode);
      const effective = loginMap({ document: map, entries: contents, mode });
      for (const [index, visit] of visits.entries()) {
        const [answer = none, wish = none] = [answers[index], wanted[index]];
        if (inShort(answer) !== inShort(wish)) {
          found.push(`${name}: ${visit.arn} is ${inShort(answer)} and not ${inShort(wish)}`);
        }
        const identity = callerIdentity(visit.arn);
        const logins = identity === undefined ? [] : loginsOf(effective, identity);
        const isCertain = contents.length === 0 || movers[index] === undefined || logins.length === 1;
        if (!isForeseen(logins, answer) || !isCertain) {
          found.push(`${name}: ${visit.arn} is ${inShort(answer)} and taken for ${inspect(logins, { depth: 4 })}`);
        }
      }
    }
    return found;
  }

  it("and what this package refuses as reserved, the authenticator refuses in an access entry, and nothing else", async () => {
    const prefixes = ["system:", "eks:", "aws:", "amazon:", "iam:", "System:", "awsx:", "systems:", "x"];
    const dev = principals[0];
    for (const prefix of prefixes) {
      for (const rest of ["dev", "{{SessionName}}", "a:{{SessionNameRaw}}"]) {
        const username = prefix + rest;
        const arn = dev?.arn ?? "";
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

/** A moment of the way there and back. */
interface Step {
  readonly name: string;
  readonly map: AwsAuthDocument;
  readonly contents: readonly AccessEntryContent[];
  readonly wanted: readonly LoginAnswer[];
  /** Of the cluster. */
  readonly mode: AuthenticationMode;
}

const denied: LoginAnswer = { outcomes: [], denials: ["ARN is not mapped"] };

/** What somebody adds to an access entry; one for nodes has no groups of one's own. */
function moreOf({ type }: Pick<AccessEntryContent, "type">): readonly string[] {
  return type === "STANDARD" ? ["more"] : [];
}

function withGroup({ outcomes, denials }: LoginAnswer, mover: Moving | undefined): LoginAnswer {
  const more = mover === undefined ? [] : moreOf(mover.accessEntry);
  return { outcomes: outcomes.map(({ username, groups }) => ({ username, groups: [...groups, ...more] })), denials };
}

/** The map with what moved at its end. Another entry of the same principal, which is of others, is a conflict. */
function backIn(
  left: AwsAuthDocument,
  moves: readonly PlacedMove[],
  moving: readonly Moving[],
): readonly AwsAuthDocument[] {
  const others = moves.filter(({ outcome }) => outcome !== "moves").map(({ placed }) => placed.entry.principal);
  if (moving.some(({ placed }) => others.includes(placed.entry.principal))) {
    return [];
  }
  const mappings = moving.flatMap(({ placed }) => entryMapping(placed.entry) ?? []);
  return [mappings.reduce((rest, mapping) => appendEntry(rest, mapping).document, left)];
}
