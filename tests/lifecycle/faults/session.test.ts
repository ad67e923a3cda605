import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendEntry, findEntries, removeEntry } from "../../../provider/awsAuthMap/index.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { type Mapping, principalOf } from "../../../provider/mapping/index.ts";
import type { Mutation } from "../../../provider/session/commit.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { AwsAuthMap, grant, writerRules } from "../../support/cluster/awsAuth.ts";
import { openCluster } from "../../support/cluster/kubeconfigs.ts";
import { startCluster, type TestCluster } from "../../support/cluster/startCluster.ts";
import { seasonedData } from "../../support/engine/manifest.ts";
import { cases } from "../../support/nightly.ts";
import { type Fault, planOf, reads, writes } from "../../support/proxy/fault.ts";
import { FaultProxy } from "../../support/proxy/faultProxy.ts";
import { seededFaults, seededRandom } from "../../support/proxy/seededFaults.ts";
import { seed } from "../../support/seed.ts";
import { expectEntries, ForeignWriter } from "./entries.ts";

/** Longer for one request than a busy API server needs. */
const timeouts = { read: 12_000, readTry: 1_500, write: 1_500 };

const faults: [string, Fault][] = [
  ["a delay beyond the timeout", { kind: "delay", milliseconds: 2_000 }],
  ["a disconnect before the server sees the request", { kind: "cutBefore" }],
  ["a disconnect after the request took effect", { kind: "cutAfter" }],
  ["a truncated response and a disconnect", { kind: "truncate" }],
  ["a truncated response that looks complete", { kind: "shorten" }],
  ["a 409", { kind: "respond", status: 409 }],
  ["a 429", { kind: "respond", status: 429 }],
  ["a 500", { kind: "respond", status: 500 }],
  ["a 503", { kind: "respond", status: 503 }],
  ["a 504", { kind: "respond", status: 504 }],
  ["a 500 after the request took effect", { kind: "respondAfter", status: 500 }],
  ["a 504 after the request took effect", { kind: "respondAfter", status: 504 }],
];
const always = Number.POSITIVE_INFINITY;

function isConflict(fault: Fault): boolean {
  return "status" in fault && fault.status === 409;
}

let cluster: TestCluster;
let proxy: FaultProxy;
let map: AwsAuthMap;
let foreign: ForeignWriter;
const meanwhile = () => foreign.write();

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "deployer" }] });
  map = new AwsAuthMap(cluster);
  await grant(cluster, "deployer", writerRules);
  proxy = await FaultProxy.start(cluster);
});
afterAll(async () => {
  proxy?.stop();
  await cluster?.stop();
});
beforeEach(startOver);

async function startOver(): Promise<void> {
  await map.reset(seasonedData, { labels: { team: "platform" } });
  foreign = new ForeignWriter(cluster);
  proxy.reset();
}

/** The session of one run, with an empty cache. */
async function open(): Promise<ClusterSession> {
  const store = await openCluster({ kubeconfig: proxy.kubeconfig("deployer") }, {}, timeouts);
  return new ClusterSession(store, "prod");
}

function mappingOf(name: string): Mapping {
  return { kind: "role", arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
}

/** The change of a create. */
const ensure = (name: string): Mutation<void> => {
  const mapping = mappingOf(name);
  return (document) => {
    const isThere = findEntries(document, principalOf(mapping)).length > 0;
    return { document: isThere ? document : appendEntry(document, mapping), result: undefined };
  };
};

/** The change of a delete. */
const drop = (name: string): Mutation<void> => {
  return (document) => {
    const entries = findEntries(document, principalOf(mappingOf(name)));
    return { document: entries.reduce((before, entry) => removeEntry(before, entry), document), result: undefined };
  };
};

/** A run of two changes in two consecutive writes. */
async function both(change: (name: string) => Mutation<void>): Promise<void> {
  const session = await open();
  await session.document();
  await session.commit(change("a"));
  await session.commit(change("b"));
}

async function faultOf(run: Promise<void>): Promise<unknown> {
  return run.catch((error: unknown) => error);
}

async function expectMap(names: readonly string[]): Promise<void> {
  await proxy.settled();
  await expectEntries(map, { names, foreign: foreign.added });
  expect((await map.read())?.metadata.labels).toEqual({ team: "platform" });
}

/** Asserts that a second run of the same changes converges. */
async function expectConverged(): Promise<void> {
  await proxy.settled();
  proxy.reset();
  await both(ensure);
  await expectMap(["a", "b"]);
}

/** Matches an error of one line with one of the codes. */
function oneClearError(...codes: readonly AwsAuthError["code"][]): unknown {
  return expect.toSatisfy(
    (error: unknown) => error instanceof AwsAuthError && codes.includes(error.code) && !error.message.includes("\n"),
    `an AwsAuthError ${codes.join(" or ")} of one line`,
  );
}

describe.each(faults)("a session with %s", (_title, fault) => {
  it("at the read writes everything once, or nothing and reports one clear error", async () => {
    proxy.reset(planOf({ on: reads, fault }));
    const outcome = await faultOf(both(ensure));
    // A conflict or a truncated map in response to a read is unexpected, and never a reason to write.
    const refused = isConflict(fault) ? "rejected" : fault.kind === "shorten" ? "clusterUnreachable" : undefined;
    expect(outcome).toEqual(refused && oneClearError(refused));
    expect(proxy.faults).toBe(1);
    await expectMap(outcome === undefined ? ["a", "b"] : []);
    await expectConverged();
    expect(proxy.requests.filter(writes)).toHaveLength(outcome === undefined ? 0 : 2);
  });

  it.each([
    ["the first write", { skip: 0 }, false],
    ["the second write", { skip: 1 }, false],
    ["two writes, while another writer writes", { times: 2 }, true],
  ])("at %s adds and removes everything once", async (_which, times, isBeside) => {
    const rule = { on: writes, ...times, fault: isBeside ? { ...fault, meanwhile } : fault };
    proxy.reset(planOf(rule));
    await both(ensure);
    expect(foreign.added).toHaveLength(isBeside ? 2 : 0);
    await expectMap(["a", "b"]);
    await expectConverged();
    expect(proxy.requests.some(writes)).toBe(false);

    proxy.reset(planOf(rule));
    await both(drop);
    expect(foreign.added).toHaveLength(isBeside ? 4 : 0);
    await expectMap([]);
    expect(proxy.faults).toBe(isBeside ? 2 : 1);
  });

  it("at the write creates a missing ConfigMap once", async () => {
    await map.reset(undefined);
    await both(ensure);
    const wanted = await map.data();
    await map.reset(undefined);
    proxy.reset(planOf({ on: writes, fault }));
    await both(ensure);
    await proxy.settled();
    expect(await map.data()).toEqual(wanted);
  });
});

// A session waits between ten conflicts, which its unit tests cover without the waits.
it.each(faults.filter(([, fault]) => fault.kind !== "delay" && !isConflict(fault)))(
  "a session with %s at every write succeeds or reports one clear error, and the next run converges",
  async (_title, fault) => {
    proxy.reset(planOf({ on: writes, times: always, fault }));
    // The next read returns a write that took effect, even if the response to the write was an error.
    const takesEffect = ["cutAfter", "truncate", "shorten", "respondAfter"].includes(fault.kind);
    expect(await faultOf(both(ensure))).toEqual(takesEffect ? undefined : oneClearError("clusterUnreachable"));
    expect(proxy.requests.filter(writes).length).toBeLessThanOrEqual(takesEffect ? 2 : 3);
    await expectMap(takesEffect ? ["a", "b"] : []);
    await expectConverged();
  },
);

it("a late write of a killed run removes nothing that the next run has written", async () => {
  const [onItsWay, nextRun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const hold = () => {
    onItsWay.resolve();
    return nextRun.promise;
  };
  proxy.reset(planOf({ on: writes, fault: { kind: "delay", milliseconds: 0, meanwhile: hold } }));
  const orphan = open().then((session) => session.commit(ensure("a")));
  await onItsWay.promise;
  await both(ensure);
  nextRun.resolve();
  await orphan;
  await expectMap(["a", "b"]);
});

it("a session succeeds or reports one clear error under random faults and with another writer", {
  timeout: 1_800_000,
}, async () => {
  for (let number = 0; number < cases(3, 80); number++) {
    await startOver();
    for (const [change, from] of [
      [ensure, seed + number],
      [drop, seed - number],
    ] as const) {
      proxy.reset(seededFaults(seededRandom(from), 0.5, meanwhile));
      expect(await faultOf(both(change))).toBeOneOf([undefined, oneClearError("clusterUnreachable", "conflict")]);
      await proxy.settled();
      proxy.reset();
      await both(change);
      await expectMap(change === ensure ? ["a", "b"] : []);
    }
  }
});
