import { EKSClient, TagResourceCommand } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import type { AwsCall, Verdict } from "../support/eks/disturbance.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { isNightly, sample } from "../support/nightly.ts";
import { type AwsFault, awsFaults, denied } from "./awsFaults.ts";
import { type MovingCluster, MovingWorld, mappings } from "./movingWorld.ts";

const ways: readonly (readonly [AuthenticationMode, AuthenticationMode])[] = [
  ["CONFIG_MAP", "API"],
  ["API", "CONFIG_MAP"],
  ["CONFIG_MAP", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "API"],
  ["API", "API_AND_CONFIG_MAP"],
  ["API_AND_CONFIG_MAP", "CONFIG_MAP"],
];

describe("a move whose calls of AWS fail", () => {
  let world: MovingWorld;
  beforeAll(async () => {
    world = await MovingWorld.start();
  }, 900_000);
  afterAll(() => world?.stop());
  beforeEach(() => {
    vi.spyOn(console, "error").mockReturnValue();
  });

  /** Moves with a fault at the calls of one operation, and then without. */
  async function attempt(fault: AwsFault | undefined, operation: string, [from, to]: Way) {
    const { aws } = world;
    const cluster = await world.cluster();
    const start = await cluster.stack.up(from);
    expect(start.errors, "before the move").toEqual([]);
    await vi.waitFor(async () => expect(await lossesNow(cluster)).toEqual([]));
    const lost = new Set<string>();
    const operations = new Set<string>();
    let met = 0;
    const strike = (at: AwsFault["at"], call: AwsCall): Verdict => {
      const isHit = fault?.at === at && call.operation === operation && met < fault.times;
      met += isHit ? 1 : 0;
      return isHit ? fault?.verdict(call) : undefined;
    };
    aws.before = (call) => strike("before", call);
    aws.after = async (call) => {
      operations.add(call.operation);
      for (const name of await lossesNow(cluster)) {
        lost.add(`${name} after ${call.operation}`);
      }
      return strike("after", call);
    };
    const { errors } = await cluster.stack.up(to);
    aws.before = undefined;
    aws.after = undefined;
    const { out, less } = await world.losses(cluster);
    const next = await cluster.stack.up(to);
    const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    // Of whom somebody else's access entry says something else, until it is taken over.
    const lostAtTheEnd = [...out, ...less.filter((name) => name !== "took")];
    return { cluster, operations, messages, met, lost: [...lost], lostAtTheEnd, next };
  }

  /** Who lacks access that the order of the calls protects: all but that of an administrator whose entry has no policy yet. */
  async function lossesNow(cluster: MovingCluster): Promise<readonly string[]> {
    const admin = world.aws
      .entriesInForce(cluster.name)
      .find(({ principalArn }) => principalArn === mappings["admin"]?.arn);
    const isUnfinished = admin?.policies.length === 0;
    const { out, less } = await world.losses(cluster);
    return [...out, ...less.filter((name) => name !== "took" && !(name === "admin" && isUnfinished))];
  }

  /** What the cluster has when the move is over. */
  function expectMoved({ name, api }: MovingCluster, to: AuthenticationMode): void {
    const entries = world.aws.entries(name).map(({ principalArn }) => principalArn.replace(/.*\//, ""));
    // The one that was found stays, and so does the creator's.
    const own = to === "CONFIG_MAP" ? [] : ["admin", "dev", "ops", "took"];
    expect(entries.toSorted()).toEqual(["ann", "creator", ...own].toSorted());
    expect(api.data?.["mapRoles"]?.match(/rolearn/g) ?? []).toHaveLength(to === "API" ? 0 : 4);
  }

  it.each(sample(ways))(
    "from %s to %s leaves nobody without access, says what is wrong, and is finished by the next run",
    async (from, to) => {
      const quiet = await attempt(undefined, "", [from, to]);
      expect(quiet).toMatchObject({ messages: [], lost: [], lostAtTheEnd: [], next: { errors: [], changed: 0 } });
      expectMoved(quiet.cluster, to);
      // A call of one way meets the faults that the same call of another does not.
      const [part, of] = isNightly ? [ways.findIndex((way) => way[0] === from && way[1] === to), 3] : [0, 6];
      const rows = [...quiet.operations].flatMap((operation, index) =>
        awsFaults.filter((_, which) => (which + index + part) % of === 0).map((fault) => ({ operation, fault })),
      );
      for (const { operation, fault } of rows) {
        const title = `${operation} ${fault.title}`;
        const { cluster, messages, met, lost, lostAtTheEnd, next } = await attempt(fault, operation, [from, to]);
        expect({ title, lost, lostAtTheEnd, next: next.errors }).toEqual({
          title,
          lost: [],
          lostAtTheEnd: [],
          next: [],
        });
        expect({ title, isMet: met > 0 }).toEqual({ title, isMet: true });
        expect({ title, messages }).toEqual({ title, messages: expectedMessages(fault, operation, from) });
        expectMoved(cluster, to);
        expect({ title, ...(await cluster.stack.up(to)) }).toEqual({ title, errors: [], changed: 0 });
      }
      console.log(`${from} to ${to}: ${rows.length} faults`);
    },
    3_600_000,
  );

  it("is as safe where EKS shows changes late, and the cluster knows of them later still", async () => {
    const { aws } = world;
    const { inForce } = entryLimits;
    entryLimits.inForce = 500;
    aws.behaviour.lag = { milliseconds: 100 };
    aws.behaviour.authenticatorLag = { milliseconds: 400 };
    try {
      for (const way of ways.slice(0, 2)) {
        expect(await attempt(undefined, "", way)).toMatchObject({
          messages: [],
          lost: [],
          lostAtTheEnd: [],
          next: { errors: [], changed: 0 },
        });
      }
    } finally {
      aws.behaviour.lag = {};
      aws.behaviour.authenticatorLag = {};
      entryLimits.inForce = inForce;
    }
  });

  it("gives an administrator's entry its policy by the next call, which is repeated until EKS knows the entry", async () => {
    const { aws } = world;
    const arn = mappings["admin"]?.arn;
    for (const lag of [0, 60]) {
      const cluster = await world.cluster();
      await cluster.stack.up("CONFIG_MAP");
      aws.behaviour.lag = { milliseconds: lag };
      aws.forgetCalls();
      expect(await cluster.stack.up("API_AND_CONFIG_MAP")).toMatchObject({ errors: [] });
      aws.behaviour.lag = {};
      const operations = aws.calls.filter(({ principalArn }) => principalArn === arn).map(({ operation }) => operation);
      const [, ...next] = operations.slice(operations.indexOf("CreateAccessEntry"));
      const associated = next.findIndex((operation) => operation !== "AssociateAccessPolicy");
      expect(associated).toBeGreaterThanOrEqual(lag === 0 ? 1 : 2);
    }
  });

  it("leaves the entry of an administrator that gets no policy where another stack wants it meanwhile", async () => {
    const { aws } = world;
    const cluster = await world.cluster();
    await cluster.stack.up("CONFIG_MAP");
    const client = new EKSClient({ region: "eu-central-1", endpoint: aws.url });
    aws.before = async (call) => {
      if (call.operation !== "AssociateAccessPolicy") {
        return undefined;
      }
      const entry = aws.entry(cluster.name, mappings["admin"]?.arn ?? "");
      const tags = { "pulumi-aws-auth/claims/c0ffee": "o/other/s admin" };
      await client.send(new TagResourceCommand({ resourceArn: entry?.accessEntryArn, tags }));
      return denied(call);
    };
    const { errors } = await cluster.stack.up("API");
    aws.before = undefined;
    client.destroy();
    expect(String(errors[0])).toMatch(/run again, or delete it \("o\/other\/s admin" wants it as well\)$/);
    expect(aws.entry(cluster.name, mappings["admin"]?.arn ?? "")?.tags).toHaveProperty([
      "pulumi-aws-auth/claims/c0ffee",
    ]);
  });

  it("tells of an administrator's entry that neither gets its policy nor can be taken back", async () => {
    const { aws } = world;
    const cluster = await world.cluster();
    await cluster.stack.up("CONFIG_MAP");
    aws.before = (call) => (/^(Associate|DeleteAccess)/.test(call.operation) ? denied(call) : undefined);
    const { errors } = await cluster.stack.up("API");
    aws.before = undefined;
    expect(String(errors[0])).toMatch(
      /may not do eks:AssociateAccessPolicy .*; there may be an access entry of "[^"]*role\/admin" without its access policies now, which takes precedence over aws-auth and makes nobody an administrator; run again, or delete it \(.*eks:DeleteAccessEntry/,
    );
    expect((await world.losses(cluster)).less).toContain("admin");
    expect(await cluster.stack.up("API")).toMatchObject({ errors: [] });
    expect((await world.losses(cluster)).less).toEqual([]);
  });
});

/** A fault that passes is no error; of one that stays, each resource that needs the call says what is wrong and whose call it is. */
function expectedMessages({ says, title }: AwsFault, operation: string, from: AuthenticationMode): unknown {
  // IAM may refuse to tell, or not answer. Only it knows the path of a role that has no access entry yet.
  const isUntold = operation.startsWith("Get") && (title === "denied" || / for ever/.test(title));
  if (operation === "GetRole" && isUntold && from === "CONFIG_MAP") {
    return [expect.stringMatching(/has to be the ARN with the role's path; .*since IAM does not tell it: .*IAM/)];
  }
  if (says === undefined || isUntold || (operation.startsWith("Get") && from === "API")) {
    return [];
  }
  const isNamed = (message: string) => /cannot be reached/.test(message) || message.includes(operation);
  return expect.toSatisfy(
    (messages: readonly string[]) =>
      // IAM is asked ahead of need, and again where that failed once.
      (messages.length > 0 || operation.startsWith("Get")) &&
      messages.every((message) => says.test(message) && isNamed(message) && !/[\n]/.test(message)),
    `messages that say ${says}, and name ${operation}`,
  );
}

/** From one mode to another. */
type Way = (typeof ways)[number];
