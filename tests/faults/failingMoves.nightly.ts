import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamicDoor, pluginDoor } from "../support/doors/door.ts";
import { eksError } from "../support/eks/awsError.ts";
import type { AwsCall, Verdict } from "../support/eks/disturbance.ts";
import { roleOf } from "../support/eks/entryCluster.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { unfolded } from "../support/unfolded.ts";
import { type AwsFault, awsFaults } from "./awsFaults.ts";
import { MovesOnEngine } from "./movesOnEngine.ts";

/** A refusal, and what passes, in turn: moves.test.ts has each fault at each call. The waits for what stays are as long as they are. */
const faults = awsFaults
  .filter(({ times }) => Number.isFinite(times))
  .flatMap((passing) => [...awsFaults.filter(({ title }) => title === "denied"), passing]);

describe.each([
  { door: pluginDoor, from: "CONFIG_MAP", to: "API" },
  { door: dynamicDoor, from: "API", to: "CONFIG_MAP" },
] as const)("a move on the engine from $from to $to, through the $door.name", ({ door, from, to }) => {
  let moves: MovesOnEngine;

  beforeAll(async () => {
    moves = await MovesOnEngine.start(door);
  }, 900_000);
  afterAll(() => moves?.stop());

  it("whose calls are throttled, and one denied, says so, leaves everybody in, and is finished by the next run", async () => {
    const { world, project } = moves;
    const { aws } = world;
    await moves.inMode("CONFIG_MAP");
    expect(await project.up()).toMatchObject({ code: 0 });
    await moves.inMode("API_AND_CONFIG_MAP");
    aws.throttle({ every: 3 });
    aws.before = ({ operation }) =>
      operation === "AssociateAccessPolicy"
        ? eksError("AccessDeniedException", "not authorized to perform: eks:AssociateAccessPolicy")
        : undefined;
    const denied = await project.up();
    aws.before = undefined;
    expect(denied.code).not.toBe(0);
    expect(unfolded(denied.output)).toContain("may not do eks:AssociateAccessPolicy");
    expect(denied.output).not.toMatch(/^\s+at /m);
    expect(await moves.lossesAtTheDoor()).toEqual([]);
    expect(aws.entry("prod", roleOf("admin"))).toBeUndefined();
    expect(await project.up()).toMatchObject({ code: 0 });
    aws.throttle();
    await moves.expectMoved("API_AND_CONFIG_MAP");
    expect(await moves.lossesAtTheDoor()).toEqual([]);
  });

  it("of which one call fails, leaves everybody in, and is finished by the next run", async () => {
    const operations = await operationsOf();
    expect(operations.length).toBeGreaterThan(5);
    for (const [index, operation] of operations.entries()) {
      // Both ways read alike: each takes every other read.
      if (/^(Describe|Get|List)/.test(operation) && index % 2 === (to === "API" ? 0 : 1)) {
        continue;
      }
      // What one way meets refused, the other meets passing.
      const fault = faults[(index + (to === "API" ? 0 : 1)) % faults.length];
      if (fault === undefined) {
        throw new Error("there is no fault");
      }
      const title = `${operation} ${fault.title}`;
      const { code, output, met, lost } = await failing(fault, operation);
      expect({ title, lost, isMet: met > 0 }).toEqual({ title, lost: [], isMet: true });
      expect(output, title).not.toMatch(/^\s+at /m);
      expect({ title, out: await moves.lossesAtTheDoor() }).toEqual({ title, out: [] });
      if (code !== 0) {
        // STS is asked by the cluster, which then knows nobody, whether or not the fault passes.
        const isOfCluster = operation === "GetCallerIdentity";
        expect(isOfCluster || fault.says !== undefined, `${title}\n${output}`).toBe(true);
        expect(unfolded(output)).toMatch(isOfCluster ? /does not accept the AWS credentials/ : /may not do \w+:\w+ /);
      }
      await moves.inMode(to);
      expect(await moves.project.up(), title).toMatchObject({ code: 0 });
      await moves.expectMoved(to);
      expect(await moves.project.pulumi("preview", "--expect-no-changes"), title).toMatchObject({ code: 0 });
    }
  }, 3_600_000);

  /** What a move calls. */
  async function operationsOf(): Promise<readonly string[]> {
    const { aws } = moves.world;
    await comeTo(from);
    await moves.inMode(to);
    aws.forgetCalls();
    expect(await moves.project.up()).toMatchObject({ code: 0 });
    await moves.expectMoved(to);
    return [...new Set(aws.calls.map(({ operation }) => operation))];
  }

  /** Moves while the calls of an operation fail, and looks at the end of each call who has access. */
  async function failing(fault: AwsFault, operation: string) {
    const { aws } = moves.world;
    await comeTo(from);
    await moves.inMode(to);
    let met = 0;
    const strike = (at: AwsFault["at"], call: AwsCall): Verdict => {
      const isHit = fault.at === at && call.operation === operation && met < fault.times;
      met += isHit ? 1 : 0;
      return isHit ? fault.verdict(call) : undefined;
    };
    const lost = new Set<string>();
    aws.before = (call) => strike("before", call);
    aws.after = async (call) => {
      for (const name of await moves.unprotected()) {
        lost.add(`${name} after ${call.operation}`);
      }
      return strike("after", call);
    };
    try {
      const { code, output } = await moves.project.up();
      return { code, output, met, lost: [...lost] };
    } finally {
      aws.before = undefined;
      aws.after = undefined;
    }
  }

  async function comeTo(mode: AuthenticationMode): Promise<void> {
    await moves.inMode(mode);
    expect(await moves.project.up()).toMatchObject({ code: 0 });
    await moves.expectMoved(mode);
  }
});
