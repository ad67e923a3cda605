import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { entriesOf } from "../../provider/document/index.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { Declarations } from "../../provider/session/declarations.ts";
import { ClusterSession } from "../../provider/session/session.ts";
import { AwsAuthMap, grant, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import { type Fault, planOf, reads, writes } from "../support/proxy/fault.ts";
import { FaultProxy } from "../support/proxy/faultProxy.ts";
import { seededFaults } from "../support/proxy/seededFaults.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { drop, ensure } from "./edits.ts";
import { expectEntries } from "./entries.ts";
import { ForeignWriter } from "./foreignWriter.ts";
import { seed } from "./seed.ts";

/** More for one request than a busy API server needs. */
const impatient = { read: 12_000, readTry: 1_500, write: 1_500 };

const faults: [string, Fault][] = [
  ["a delay that is longer than anybody waits", { kind: "delay", milliseconds: 2_000 }],
  ["a cut before the server sees the request", { kind: "cutBefore" }],
  ["a cut after the request took effect", { kind: "cutAfter" }],
  ["half a response, and a cut", { kind: "truncate" }],
  ["half a response that looks like a whole one", { kind: "shorten" }],
  ["a 409", { kind: "respond", status: 409 }],
  ["a 429", { kind: "respond", status: 429 }],
  ["a 500", { kind: "respond", status: 500 }],
  ["a 503", { kind: "respond", status: 503 }],
  ["a 504", { kind: "respond", status: 504 }],
  ["a 500 after the request took effect", { kind: "respondAfter", status: 500 }],
  ["a 504 after the request took effect", { kind: "respondAfter", status: 504 }],
];

function isConflict(fault: Fault): boolean {
  return "status" in fault && fault.status === 409;
}

let cluster: TestCluster;
let proxy: FaultProxy;
let map: AwsAuthMap;
let injected = 0;

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "deployer" }] });
  map = new AwsAuthMap(cluster);
  await grant(cluster, "deployer", writerRules);
  proxy = await FaultProxy.start(cluster);
});
afterAll(async () => {
  proxy?.stop();
  await cluster?.stop();
  console.log(`${injected} faults injected between a session and the API server`);
});
beforeEach(() => map.reset(seasonedData, { labels: { team: "platform" } }));

/** What one run does; the next one begins with nothing. */
async function open(): Promise<ClusterSession> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  const ref = await resolveClusterRef({ kubeconfig: proxy.kubeconfig("deployer") }, settings);
  return new ClusterSession(await openStore(ref, settings, impatient), new Declarations());
}

/** A run that makes two entries, one write after the other. */
async function addBoth(): Promise<void> {
  const session = await open();
  await session.document();
  await session.commit(ensure("a"));
  await session.commit(ensure("b"));
}

async function dropBoth(): Promise<void> {
  const session = await open();
  await session.document();
  await session.commit(drop("a"));
  await session.commit(drop("b"));
}

async function faultOf(run: () => Promise<void>): Promise<unknown> {
  return run().then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function expectMap(names: readonly string[], foreign: readonly string[] = []): Promise<void> {
  await proxy.settled();
  injected += proxy.faults;
  await expectEntries(map, { names, foreign });
  expect((await map.read())?.metadata.labels).toEqual({ team: "platform" });
}

/** A second run of the same finds nothing to do. */
async function expectConverged(names: readonly string[], foreign: readonly string[] = []): Promise<void> {
  proxy.reset();
  await addBoth();
  await expectMap(names, foreign);
}

describe.each(faults)("%s", (_title, fault) => {
  it("at the read: everything is written once, or nothing and there is one clear error", async () => {
    proxy.reset(planOf({ on: reads, fault }));
    const outcome = await faultOf(addBoth);
    // No server responds to a read with a conflict or with half a map; whatever it means, it is no reason to write.
    const refused = isConflict(fault) ? "rejected" : fault.kind === "shorten" ? "clusterUnreachable" : undefined;
    expect(outcome).toEqual(refused && oneClearError(refused));
    expect(proxy.faults).toBe(1);
    await expectMap(outcome === undefined ? ["a", "b"] : []);
    await expectConverged(["a", "b"]);
    expect(proxy.requests.filter(writes)).toHaveLength(outcome === undefined ? 0 : 2);
  });

  it.each([
    ["first", 0],
    ["second", 1],
  ])("at the %s write: everything is written once, and taken away once", async (_which, skip) => {
    proxy.reset(planOf({ on: writes, skip, fault }));
    await addBoth();
    expect(proxy.faults).toBe(1);
    await expectMap(["a", "b"]);
    await expectConverged(["a", "b"]);
    expect(proxy.requests.some(writes)).toBe(false);

    proxy.reset(planOf({ on: writes, skip, fault }));
    await dropBoth();
    expect(proxy.faults).toBe(1);
    await expectMap([]);
  });

  it("at a write, while another writer writes: no change is lost", async () => {
    const foreign = new ForeignWriter(cluster);
    const meanwhile = () => foreign.write();
    proxy.reset(planOf({ on: writes, times: 2, fault: { ...fault, meanwhile } }));
    await addBoth();
    await expectMap(["a", "b"], foreign.added);
    expect(foreign.added).toHaveLength(2);
    await expectConverged(["a", "b"], foreign.added);

    proxy.reset(planOf({ on: writes, times: 2, fault: { ...fault, meanwhile } }));
    await dropBoth();
    await expectMap([], foreign.added);
    expect(foreign.added).toHaveLength(4);
  });

  it("where there is no ConfigMap yet: it is made once", async () => {
    await map.reset(undefined);
    proxy.reset();
    await addBoth();
    const wanted = await map.data();
    await map.reset(undefined);
    proxy.reset(planOf({ on: writes, fault }));
    await addBoth();
    await proxy.settled();
    injected += proxy.faults;
    expect(await map.data()).toEqual(wanted);
  });
});

describe("a fault that does not go away", () => {
  // A session waits out ten conflicts, and its own tests do without the wait.
  it.each(faults.filter(([, fault]) => fault.kind !== "delay" && !isConflict(fault)))(
    "%s at every write: ends right or with one clear error, and the next run puts it right",
    async (_title, fault) => {
      proxy.reset(planOf({ on: writes, times: Number.POSITIVE_INFINITY, fault }));
      // What took effect is seen by the read that follows, whatever was said of the write.
      const takesEffect = ["cutAfter", "truncate", "shorten", "respondAfter"].includes(fault.kind);
      expect(await faultOf(addBoth)).toEqual(takesEffect ? undefined : oneClearError("clusterUnreachable"));
      expect(proxy.requests.filter(writes).length).toBeLessThanOrEqual(takesEffect ? 2 : 3);
      await expectMap(takesEffect ? ["a", "b"] : []);
      await expectConverged(["a", "b"]);
    },
  );
});

it.each([
  ["before the map is read", 0],
  ["after the map was read, and just before the next try", 1],
])("tells a change once that it is stored, though its write was given up and arrives %s", async (_when, late) => {
  const arrives = Promise.withResolvers<void>();
  const wait = { kind: "delay", milliseconds: 0, meanwhile: () => arrives.promise } satisfies Fault;
  const release = { kind: "delay", milliseconds: 100, meanwhile: () => arrives.resolve() } satisfies Fault;
  proxy.reset(
    planOf(
      { on: writes, fault: wait },
      late === 0 ? { on: reads, skip: 1, fault: release } : { on: writes, skip: 1, fault: release },
    ),
  );
  const seen: boolean[] = [];
  const session = await open();
  await session.commit((document) => {
    seen.push(entriesOf(document).some(({ username }) => username === "a"));
    return ensure("a")(document);
  });
  expect(seen).toEqual(Array(1 + late).fill(false));
  await expectMap(["a"]);
  expect(proxy.requests.filter(writes)).toHaveLength(1 + late);
});

it("takes nothing away by the write of a killed run's provider that arrives after the next run's", async () => {
  const onItsWay = Promise.withResolvers<void>();
  const nextRun = Promise.withResolvers<void>();
  const meanwhile = () => {
    onItsWay.resolve();
    return nextRun.promise;
  };
  proxy.reset(planOf({ on: writes, fault: { kind: "delay", milliseconds: 0, meanwhile } }));
  const orphan = open().then((session) => session.commit(ensure("a")));
  await onItsWay.promise;
  await addBoth();
  nextRun.resolve();
  await orphan;
  await expectMap(["a", "b"]);
});

it("ends right or with one clear error, whatever befalls, in plans by seed and beside a foreign writer", async () => {
  console.log(`FAULT_SEED=${seed}`);
  for (let number = 0; number < cases(3, 80); number++) {
    await map.reset(seasonedData, { labels: { team: "platform" } });
    const foreign = new ForeignWriter(cluster);
    proxy.reset(seededFaults(seededRandom(seed + number), 0.5, () => foreign.write()));
    expect(await faultOf(addBoth)).toBeOneOf([undefined, oneClearError("clusterUnreachable", "conflict")]);
    await proxy.settled();
    injected += proxy.faults;
    await expectConverged(["a", "b"], foreign.added);
    proxy.reset(seededFaults(seededRandom(seed - number), 0.5, () => foreign.write()));
    expect(await faultOf(dropBoth)).toBeOneOf([undefined, oneClearError("clusterUnreachable", "conflict")]);
    await proxy.settled();
    injected += proxy.faults;
    proxy.reset();
    await dropBoth();
    await expectMap([], foreign.added);
  }
}, 1_800_000);

/** One sentence for the user, with a code to branch on. */
function oneClearError(...codes: readonly AwsAuthError["code"][]): unknown {
  return expect.toSatisfy(
    (error: unknown) => error instanceof AwsAuthError && codes.includes(error.code) && !error.message.includes("\n"),
    `an AwsAuthError ${codes.join(" or ")} of one line`,
  );
}
