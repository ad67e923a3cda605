import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendEntry } from "../../provider/awsAuthMap/index.ts";
import { addClaim, claimsAnnotation } from "../../provider/claims.ts";
import { openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { principalKey } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/commit.ts";
import { ClusterSession, Declarations } from "../../provider/session/session.ts";
import { enforce, enforceByWebhook, type PolicyRule } from "../support/cluster/admissionPolicy.ts";
import { AwsAuthMap, grant, readerRules, writerRules } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";
import { rolesNamed } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { isNightly } from "../support/nightly.ts";
import { writes } from "../support/proxy/fault.ts";
import { FaultProxy } from "../support/proxy/faultProxy.ts";

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** As a user would write it: an object without mapRoles makes it fail, and so is refused as well. */
const noRoot = {
  expression: "!object.data.mapRoles.contains('root')",
  message: "nobody maps root",
} satisfies PolicyRule;
const aRoot = { metadata: { name: "probe" }, data: { mapRoles: "root" } };

let cluster: TestCluster;
let proxy: FaultProxy;
let map: AwsAuthMap;
let lift: () => Promise<void> = async () => {};

beforeAll(async () => {
  cluster = await startCluster({ users: [{ name: "deployer" }, { name: "reader" }] });
  map = new AwsAuthMap(cluster);
  await grant(cluster, "deployer", writerRules);
  await grant(cluster, "reader", readerRules);
  proxy = await FaultProxy.start(cluster);
});
afterAll(async () => {
  proxy?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  await lift();
  lift = async () => {};
  await map.reset({ mapRoles: "[]\n" });
  proxy.reset();
});

async function open(user = "deployer"): Promise<ClusterSession> {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  const ref = await resolveClusterRef({ kubeconfig: proxy.kubeconfig(user) }, settings);
  return new ClusterSession(await openStore(ref, settings), new Declarations());
}

/** Adds an entry, and claims it. */
const add =
  (name: string, { isClaimed = false } = {}): Mutation<void> =>
  (document) => {
    const made = appendEntry(document, { kind: "role", arn: arn(name), username: name, groups: [] });
    const claim = { principal: principalKey(arn(name)), id: "aaaaaaaa.000001", owner: name };
    const { claims } = made;
    return { document: { ...made, claims: isClaimed ? addClaim(claims, claim) : claims }, result: undefined };
  };

/** Commits all changes at once; what became of each. */
async function commitAll(session: ClusterSession, changes: readonly Mutation<void>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(changes.map((change) => session.commit(change)));
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? "stored" : outcome.reason));
}

const names = (count: number) => Array.from({ length: count }, (_, number) => `role-${number}`);

/** How many writes the API server got. */
const asked = (): number => proxy.requests.filter(writes).length;

async function storedNames(): Promise<string[]> {
  return Array.from((await map.data())["mapRoles"]?.matchAll(/role\/([\w-]+)/g) ?? [], ([, name = ""]) => name);
}

describe("an admission policy that refuses one change of a group", () => {
  it.each([
    ["422", "Invalid" as const, "rejected"],
    ["403", "Forbidden" as const, "accessDenied"],
  ])("with %s: it fails alone, with the policy's message", async (status, reason, code) => {
    lift = await enforce(cluster, { ...noRoot, reason }, aRoot);
    const wanted = names(16).with(11, "root");
    const outcomes = await commitAll(
      await open(),
      wanted.map((name) => add(name, { isClaimed: true })),
    );
    expect(outcomes.filter((outcome) => outcome === "stored")).toHaveLength(15);
    expect(outcomes[11]).toMatchObject({
      code,
      message: expect.stringMatching(`\\(${status}: .*nobody maps root\\)`),
    });
    expect(await storedNames()).toEqual(wanted.filter((name) => name !== "root"));
    const record = (await map.read())?.metadata.annotations?.[claimsAnnotation] ?? "";
    expect(record.split("\n")).toHaveLength(15);
    expect(record).not.toContain("root");
    expect(asked()).toBe(1 + 16);
  });

  it("as a webhook, with 400: it fails alone, with the webhook's message", async () => {
    lift = await enforceByWebhook(cluster, { text: "root", message: "ask security" }, aRoot);
    const outcomes = await commitAll(
      await open(),
      ["a", "root", "b"].map((name) => add(name)),
    );
    expect(outcomes).toEqual([
      "stored",
      refusedAs("rejected", '(400: admission webhook "guard.example.test" denied the request: ask security)'),
      "stored",
    ]);
    expect(await storedNames()).toEqual(["a", "b"]);
  });

  it("does not keep the others from making the ConfigMap", async () => {
    lift = await enforce(cluster, noRoot, aRoot);
    await map.reset(undefined);
    const outcomes = await commitAll(
      await open(),
      ["root", ...names(5)].map((name) => add(name)),
    );
    expect(outcomes.slice(1)).toEqual(Array(5).fill("stored"));
    expect(outcomes[0]).toMatchObject({ code: "rejected", message: expect.stringContaining("nobody maps root") });
    expect(await storedNames()).toEqual(names(5));
  });

  it("does not slow later groups", async () => {
    lift = await enforce(cluster, noRoot, aRoot);
    const session = await open();
    await commitAll(
      session,
      ["root", "a"].map((name) => add(name)),
    );
    proxy.reset();
    await commitAll(
      session,
      names(20).map((name) => add(name)),
    );
    expect(asked()).toBe(1);
  });
});

describe("a refusal of every change is reported for each, after one write of the group and one of each alone", () => {
  const twenty = names(20).map((name) => add(name));

  it("where the permission is missing", async () => {
    const outcomes = await commitAll(await open("reader"), twenty);
    expect(outcomes).toEqual(Array(20).fill(refusedAs("accessDenied", 'allows patch on configmaps "aws-auth"')));
    expect(asked()).toBe(1 + 20);
  });

  it("where there is no ConfigMap, and the permission to make it is missing", async () => {
    await map.reset(undefined);
    const outcomes = await commitAll(await open("reader"), twenty);
    expect(outcomes).toEqual(Array(20).fill(refusedAs("accessDenied", "allows create on configmaps")));
    expect(asked()).toBe(1 + 20);
  });

  it("where a policy lets only others write", async () => {
    const onlyOthers = { expression: "request.userInfo.username != 'deployer' && object.metadata.name != 'probe'" };
    lift = await enforce(cluster, { ...onlyOthers, message: "not you" }, { metadata: { name: "probe" } });
    const outcomes = await commitAll(await open(), twenty);
    expect(outcomes).toEqual(Array(20).fill(refusedAs("rejected", "not you")));
    expect(asked()).toBe(1 + 20);
  });

  it("where the ConfigMap is immutable", async () => {
    await map.reset(undefined);
    await cluster.request("POST", "/api/v1/namespaces/kube-system/configmaps", {
      metadata: { name: "aws-auth" },
      data: { mapRoles: "[]\n" },
      immutable: true,
    });
    const outcomes = await commitAll(await open(), twenty);
    expect(outcomes).toEqual(Array(20).fill(refusedAs("rejected", "field is immutable")));
    expect(asked()).toBe(1 + 20);
  });
});

// The long form; the sessions above do what the engine asks of them.
if (isNightly) {
  describe("on the engine, through the resource plugin", () => {
    let project: TestProject;

    beforeAll(async () => {
      project = await TestProject.create(pluginDoor.options);
      await project.write("kubeconfig", cluster.kubeconfig("deployer"));
    });
    beforeEach(() => project.configure({ "aws-auth:kubeconfig": "kubeconfig" }));
    afterAll(() => project?.remove());

    const mapAll = (wanted: readonly string[]) => project.program(pluginDoor.program(rolesNamed(wanted)));

    it("one of six mappings that a policy refuses fails with its message, the others are made, and the next run is clean", async () => {
      lift = await enforce(cluster, noRoot, aRoot);
      const five = names(5);
      await mapAll([...five.slice(0, 2), "root", ...five.slice(2)]);
      // The engine begins nothing more once something has failed, unless it is told to.
      const { code, output } = await project.up("--continue-on-error");
      expect(code).not.toBe(0);
      expect(output).toContain("nobody maps root");
      expect((await storedNames()).toSorted()).toEqual(five);
      await mapAll(five);
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual({ mapRoles: "[]\n" });
    });
  });
}

/** An error for the user that says this. */
function refusedAs(code: AwsAuthError["code"], text: string): unknown {
  return expect.toSatisfy(
    (error: unknown) => error instanceof AwsAuthError && error.code === code && error.message.includes(text),
    `${code}: ${text}`,
  );
}
