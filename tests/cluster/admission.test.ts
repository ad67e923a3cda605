import { describe, expect, onTestFinished } from "vitest";
import { appendEntry } from "../../provider/awsAuthMap/index.ts";
import { addClaim, claimsAnnotation } from "../../provider/claims.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { principalKey } from "../../provider/mapping/index.ts";
import type { Mutation } from "../../provider/session/commit.ts";
import { ClusterSession } from "../../provider/session/session.ts";
import { enforce, enforceByWebhook, type PolicyRule } from "../support/cluster/admissionPolicy.ts";
import { type AwsAuthMap, configMaps } from "../support/cluster/awsAuth.ts";
import { storeOf, test } from "../support/cluster/deployer.ts";
import { roleArn, rolesIn } from "../support/cluster/foreignWriter.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import { isNightly } from "../support/nightly.ts";
import { writes } from "../support/proxy/fault.ts";
import type { FaultProxy } from "../support/proxy/faultProxy.ts";
import { rolesNamed } from "../support/variants/declared.ts";
import { pluginVariant } from "../support/variants/variant.ts";

/** The policy also refuses an object without mapRoles, for which the expression fails. */
const noRoot = {
  expression: "!object.data.mapRoles.contains('root')",
  message: "nobody maps root",
} satisfies PolicyRule;
const aRoot = { metadata: { name: "probe" }, data: { mapRoles: "root" } };

const names = (count: number) => Array.from({ length: count }, (_, number) => `role-${number}`);

test.beforeEach(async ({ map, proxy }) => {
  await map.reset({ mapRoles: "[]\n" });
  proxy.reset();
});

async function open(proxy: FaultProxy, user = "deployer"): Promise<ClusterSession> {
  return new ClusterSession(await storeOf(proxy.kubeconfig(user)), "prod");
}

/** Adds an entry with its claim. */
const add =
  (name: string): Mutation<void> =>
  (document) => {
    const added = appendEntry(document, { kind: "role", arn: roleArn(name), username: name, groups: [] });
    const claim = { principal: principalKey(roleArn(name)), id: "aaaaaaaa.000001", owner: name };
    return { document: { ...added, claims: addClaim(added.claims, claim) }, result: undefined };
  };

/** Adds all entries concurrently, and returns the result of each. */
async function addAll(session: ClusterSession, added: readonly string[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(added.map((name) => session.commit(add(name))));
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? "stored" : outcome.reason));
}

const storedNames = async (map: AwsAuthMap) => rolesIn((await map.data())["mapRoles"]);

/** Matches an error with this code and text. */
function refusedAs(code: AwsAuthError["code"], text: string | RegExp): unknown {
  return expect.toSatisfy(
    (error: unknown) => error instanceof AwsAuthError && error.code === code && new RegExp(text).test(error.message),
    `${code}: ${text}`,
  );
}

describe("an admission policy that refuses one change in a batch", () => {
  test.for([
    ["422", "Invalid", "rejected"],
    ["403", "Forbidden", "accessDenied"],
  ] as const)(
    "with status %s fails only this change, with its message",
    async ([status, reason, code], { cluster, map, proxy }) => {
      onTestFinished(await enforce(cluster, { ...noRoot, reason }, aRoot));
      const wanted = names(16).with(11, "root");
      const others = wanted.toSpliced(11, 1);
      const session = await open(proxy);
      const refused = refusedAs(code, `\\(${status}: .*nobody maps root\\)`);
      expect(await addAll(session, wanted)).toEqual(wanted.map((name) => (name === "root" ? refused : "stored")));
      expect(await storedNames(map)).toEqual(others.toSorted());
      const claims = (await map.read())?.metadata.annotations?.[claimsAnnotation]?.split("\n") ?? [];
      expect(claims.map((line) => line.split(" ").at(-1)).toSorted()).toEqual(others.toSorted());
      expect(proxy.requests.filter(writes)).toHaveLength(1 + 16);
      proxy.reset();
      await addAll(session, ["later", "last"]);
      expect(proxy.requests.filter(writes)).toHaveLength(1);
    },
  );

  test("as a webhook with status 400 does not prevent the others from creating the ConfigMap", async ({
    cluster,
    map,
    proxy,
  }) => {
    onTestFinished(await enforceByWebhook(cluster, { text: "root", message: "ask security" }, aRoot));
    await map.reset(undefined);
    expect(await addAll(await open(proxy), ["a", "root", "b"])).toEqual([
      "stored",
      refusedAs("rejected", /\(400: admission webhook "guard.example.test" denied the request: ask security\)/),
      "stored",
    ]);
    expect(await storedNames(map)).toEqual(["a", "b"]);
  });
});

describe("a refusal of every change", () => {
  const immutable = { metadata: { name: "aws-auth" }, data: { mapRoles: "[]\n" }, immutable: true };
  const makeImmutable = async (cluster: TestCluster, map: AwsAuthMap) => {
    await map.reset(undefined);
    await cluster.create(configMaps, immutable);
  };

  test.for([
    [
      "the permission to patch is missing",
      "reader",
      async () => {},
      "accessDenied",
      'allows patch on configmaps "aws-auth"',
    ],
    [
      "the permission to create is missing",
      "reader",
      (_: TestCluster, map: AwsAuthMap) => map.reset(undefined),
      "accessDenied",
      "allows create on configmaps",
    ],
    ["the ConfigMap is immutable", "deployer", makeImmutable, "rejected", "422: .*field is immutable"],
  ] as const)(
    "is reported for each change, after one grouped write and one write per change, if %s",
    async ([_title, user, prepare, code, text], { cluster, map, proxy }) => {
      await prepare(cluster, map);
      const before = await map.read();
      expect(await addAll(await open(proxy, user), names(20))).toEqual(Array(20).fill(refusedAs(code, text)));
      expect(proxy.requests.filter(writes)).toHaveLength(1 + 20);
      expect(await map.read()).toEqual(before);
    },
  );
});

// The same on the engine; the tests above cover the sessions that it uses.
test.runIf(isNightly)(
  "on the engine, only the mapping that a policy refuses fails, the others are created, and the next run has no changes",
  async ({ cluster, map, addProject }) => {
    onTestFinished(await enforce(cluster, noRoot, aRoot));
    const project = await addProject(pluginVariant.options);
    const mapAll = (wanted: readonly string[]) => project.program(pluginVariant.program(rolesNamed(wanted)));
    const five = names(5);
    await mapAll(five.toSpliced(2, 0, "root"));
    // Without this option, the engine starts no further operation after a failure.
    const { code, output } = await project.up("--continue-on-error");
    expect(code).not.toBe(0);
    expect(output).toContain("nobody maps root");
    expect(await storedNames(map)).toEqual(five);
    await mapAll(five);
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await map.data()).toEqual({ mapRoles: "[]\n" });
  },
);
