import { beforeEach, describe, expect, it, vi } from "vitest";
import { reviewClusters } from "../../../provider/review/reviewClusters.ts";
import { ProgramStack } from "../../faults/programStack.ts";
import { hear } from "../../support/hear.ts";
import { startProxy } from "../../upgrade/proxy.ts";
import { type FakeApiServer, startApiServer } from "../cluster/apiServer.ts";
import { settingsOf } from "../cluster/support.ts";

const admin = { arn: "arn:aws:iam::111122223333:role/admin", username: "admin", groups: ["system:masters"] };
const url = "http://kubernetes.internal";

/** A cluster of a kubeconfig by its context's name. */
type Clusters = Readonly<Record<string, object>>;

function kubeconfigOf(clusters: Clusters, current = Object.keys(clusters)[0]): string {
  const names = Object.keys(clusters);
  return JSON.stringify({
    clusters: names.map((name) => ({ name, cluster: clusters[name] })),
    users: [{ name: "u", user: { token: "t0p-secret" } }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: "u" } })),
    "current-context": current,
  });
}

const config = (clusters: Clusters, context = "", current?: string) => ({
  "aws-auth:cluster": "",
  "aws-auth:kubeconfig": kubeconfigOf(clusters, current),
  "aws-auth:context": context,
});

/** The cluster of the mapping "admin", as a version that stored nothing but the URL of its API server has it. */
function makeOld(stack: ProgramStack): void {
  for (const [name, { id, inputs, outs }] of stack.states) {
    const old = ({ cluster, ...rest }: Record<string, unknown>) => {
      const stored = Object(cluster);
      return { ...rest, cluster: { ...stored, server: stored.server.slice(0, 12) } };
    };
    stack.states.set(name, { id: id.replace(/-[0-9a-f]{12}/, ""), inputs: old(inputs), outs: old(outs) });
  }
}

const stored = (stack: ProgramStack) => Object(stack.states.get("admin")?.outs["cluster"]).server;
const maps = (server: FakeApiServer) => server.data?.["mapRoles"]?.includes(admin.arn) === true;

const told: string[] = [];
beforeEach(() => {
  hear(told);
  return () => void vi.unstubAllEnvs();
});

describe.each(["both behind a proxy", "one of them behind a proxy"])(
  "two API servers of one URL, %s, are two clusters",
  (which) => {
    let a: FakeApiServer;
    let b: FakeApiServer;
    let clusters: { readonly a: object; readonly b: object };
    let stack: ProgramStack;
    beforeEach(async () => {
      [a, b] = [await startApiServer({}), await startApiServer({})];
      const [toA, toB] = [await startProxy(a.url), await startProxy(b.url)];
      clusters =
        which === "both behind a proxy"
          ? { a: { server: url, "proxy-url": toA }, b: { server: url, "proxy-url": toB } }
          : { a: { server: a.url }, b: { server: a.url, "proxy-url": toB } };
      stack = new ProgramStack("");
    });
    const on = (context: string, current?: string) => ({
      mappings: { admin },
      mode: undefined,
      config: config(clusters, context, current),
    });
    const servers = () => ({ a: maps(a), b: maps(b) });

    it.each([
      ["a", "b"],
      ["b", "a"],
    ])("so that a context of another one replaces a mapping: from %s to %s", async (from, to) => {
      expect(await stack.up(on(from))).toEqual([]);
      expect(servers()).toMatchObject({ [from]: true, [to]: false });
      expect(await stack.plan(on(from))).toEqual({});
      expect(await stack.plan(on(to))).toEqual({ admin: "replace" });
      // A delete alone is made with the configuration that names the next cluster.
      expect(await stack.refresh(on(to))).toEqual([
        expect.stringMatching(
          new RegExp(`^context "${to}" of .*, named by aws-auth:context, leads to http.*, and not to the cluster`),
        ),
      ]);
      expect(await stack.up(on(to))).toEqual([]);
      expect(servers()).toMatchObject({ [from]: false, [to]: true });
      expect(told.join()).toMatch(
        new RegExp(
          `context "${from}" of .* is used for .*, since context "${to}", named by aws-auth:context, leads to http`,
        ),
      );
      expect(await stack.refresh(on(to))).toEqual([]);
      expect(await stack.destroy(on(to))).toEqual([]);
      expect([...stack.states, ...stack.replaced]).toEqual([]);
      expect(servers()).toEqual({ a: false, b: false });
    });

    it("so that one program has one role on both", async () => {
      const { mode, config: settings } = on("");
      const mappings = { a: { ...admin, cluster: { context: "a" } }, b: { ...admin, cluster: { context: "b" } } };
      expect(await stack.up({ mappings, mode, config: settings })).toEqual([]);
      expect(servers()).toEqual({ a: true, b: true });
      expect(await stack.up({ mappings: { b: mappings.b }, mode, config: settings })).toEqual([]);
      expect(servers()).toEqual({ a: false, b: true });
    });

    it.each(["a", "b"] as const)(
      "so that nothing is read or removed on the other where the context %s is gone",
      async (gone) => {
        const [own, other] = gone === "a" ? [a, b] : [b, a];
        expect(await stack.up(on(gone))).toEqual([]);
        // As if somebody had copied it.
        Object.assign(other, { data: own.data, annotations: own.annotations });
        other.requests.length = 0;
        const { [gone]: _, ...left } = clusters;
        const without = { mode: undefined, config: config(left) };
        const message = [expect.stringMatching(/no longer leads to the cluster that this mapping was made on/)];
        expect(await stack.refresh(without)).toEqual(message);
        expect(await stack.destroy(without)).toEqual(message);
        expect(other.requests).toEqual([]);
        expect([...stack.states.keys()]).toEqual(["admin"]);
      },
    );

    it("so that a state of an earlier version is that of the context in use, and is not changed for that", async () => {
      expect(await stack.up(on("b"))).toEqual([]);
      const exact = stored(stack);
      makeOld(stack);
      const writes = b.version;
      expect(await stack.preview(on("b"))).toEqual([]);
      expect(await stack.plan(on("b"))).toEqual({});
      expect(await stack.up(on("b"))).toEqual([]);
      expect(await stack.refresh(on("b"))).toEqual([]);
      expect(b.version).toBe(writes);
      // The next update stores it as this version does.
      expect(
        await stack.up({ ...on("b"), mappings: { admin: { ...admin, groups: ["system:masters", "x"] } } }),
      ).toEqual([]);
      expect(stored(stack)).toBe(exact);
      makeOld(stack);
      expect(await stack.destroy(on("", "b"))).toEqual([]);
      expect([servers(), a.version]).toEqual([{ a: false, b: false }, 1]);
    });

    it("so that a state of an earlier version is on the only one that a kubeconfig knows", async () => {
      expect(await stack.up(on("b"))).toEqual([]);
      makeOld(stack);
      const alone = { mode: undefined, config: config({ else: { server: "http://else" }, b: clusters.b }) };
      expect(await stack.destroy(alone)).toEqual([]);
      expect(servers()).toEqual({ a: false, b: false });
    });

    it("so that a state of an earlier version needs a context where none in use has the URL", async () => {
      expect(await stack.up(on("b"))).toEqual([]);
      makeOld(stack);
      const elsewhere = { else: { server: "http://else" }, ...clusters };
      const unsure = { mode: undefined, config: config(elsewhere) };
      const message = [
        expect.stringMatching(
          /^the state of this mapping is of an earlier version, .* lead to several clusters under this URL: "a" \(.*\), "b" \(http.* through the proxy http:.*\); set AWS_AUTH_CONTEXT to the one of this mapping, or make it the current context$/,
        ),
      ];
      expect(await stack.destroy(unsure)).toEqual(message);
      expect(await stack.refresh(unsure)).toEqual(message);
      expect(await stack.preview({ ...unsure, mappings: { admin } })).toEqual(message);
      vi.stubEnv("AWS_AUTH_CONTEXT", "b");
      expect(await stack.destroy(unsure)).toEqual([]);
      expect(servers()).toEqual({ a: false, b: false });
    });

    it("so that AWS_AUTH_CONTEXT for the other one is an error in every operation", async () => {
      const { mode, config: settings } = on("a");
      expect(await stack.up(on("a"))).toEqual([]);
      b.requests.length = 0;
      vi.stubEnv("AWS_AUTH_CONTEXT", "b");
      const message = [
        expect.stringMatching(
          /^context "b" of the kubeconfig content in aws-auth:kubeconfig, named by AWS_AUTH_CONTEXT, leads to http:.* through the proxy http:\/\/127.*, and not to the cluster that this mapping was made on; unset AWS_AUTH_CONTEXT, or set it to a context that leads there: "a" \(http:.*\)$/,
        ),
      ];
      expect(await stack.refresh({ mode, config: settings })).toEqual(message);
      expect(await stack.destroy({ mode, config: settings })).toEqual(message);
      expect(await stack.preview(on("a"))).toEqual([
        expect.stringMatching(/from AWS_AUTH_CONTEXT, leads to another API server than context "a"/),
      ]);
      // On a machine that has not the kubeconfig of the stack, the variables alone say how to reach the cluster, but not which it is.
      vi.stubEnv("AWS_AUTH_KUBECONFIG", kubeconfigOf(clusters));
      const elsewhere = { ...on("a"), config: { ...settings, "aws-auth:kubeconfig": "/gone" } };
      expect(await stack.preview(elsewhere)).toEqual([
        expect.stringMatching(
          /from AWS_AUTH_KUBECONFIG and AWS_AUTH_CONTEXT, leads to .*, and not to the cluster that this mapping was made on/,
        ),
      ]);
      expect([...stack.states.keys(), ...b.requests]).toEqual(["admin"]);
      vi.stubEnv("AWS_AUTH_CONTEXT", "a");
      expect(await stack.preview(elsewhere)).toEqual([]);
    });

    it("so that a review of both has the administrators of both", async () => {
      for (const server of [a, b]) {
        const mapRoles = `- rolearn: ${admin.arn}-${server === a ? "a" : "b"}\n  groups: [system:masters]\n`;
        server.data = { mapRoles };
      }
      const settings = settingsOf({ config: config(clusters) });
      const targets = ["a", "b", "a"].map((context) => ({ name: context, cluster: { context }, settings }));
      const review = await reviewClusters(targets, { createdAt: new Date(0) });
      expect(review.unread).toEqual([]);
      expect(review.clusters.map(({ identities }) => identities.map(({ identity }) => identity.slice(-1)))).toEqual([
        ["a"],
        ["b"],
      ]);
    });
  },
);

describe("a mapping on the API server that its URL alone leads to", () => {
  let direct: FakeApiServer;
  let other: FakeApiServer;
  let stack: ProgramStack;
  let clusters: Clusters;
  const of = (...names: string[]) => ({
    mappings: { admin },
    mode: undefined,
    config: config(Object.fromEntries(names.map((name) => [name, Object(clusters)[name]]))),
  });
  beforeEach(async () => {
    [direct, other] = [await startApiServer({}), await startApiServer({})];
    clusters = {
      direct: { server: direct.url },
      proxied: { server: direct.url, "proxy-url": await startProxy(other.url) },
    };
    stack = new ProgramStack("");
    expect(await stack.up(of("direct"))).toEqual([]);
  });

  it("stays its own if a context behind a proxy is added later and is current", async () => {
    const { mappings: _, ...later } = of("proxied", "direct");
    expect(await stack.plan(of("proxied", "direct"))).toEqual({ admin: "replace" });
    other.requests.length = 0;
    expect(await stack.refresh(later)).toEqual([]);
    expect(await stack.destroy(later)).toEqual([]);
    expect([maps(direct), other.requests]).toEqual([false, []]);
  });

  it("is what its ID imports, unless only a context behind a proxy has its URL, as an ID of an earlier version may mean", async () => {
    const { id = "" } = stack.states.get("admin") ?? {};
    // As if somebody had copied it.
    Object.assign(other, { data: direct.data, annotations: direct.annotations });
    other.requests.length = 0;
    const found = await stack.find(of("proxied", "direct"), id);
    expect([found?.id, found?.props?.["cluster"], other.requests]).toEqual([id, { server: stored(stack) }, []]);
    expect((await stack.find(of("proxied"), id))?.id).toMatch(/^server:[0-9a-f]{12}-[0-9a-f]{12}\/arn/);
  });

  it("is another one in a review than the one behind a proxy", async () => {
    const settings = settingsOf({ config: config(clusters) });
    const review = (context: string) =>
      reviewClusters([{ name: context, cluster: { context }, settings }], { createdAt: new Date(0) });
    Object.assign(other, { data: direct.data, annotations: direct.annotations });
    const [first, second] = [await review("direct"), await review("proxied")].map(({ clusters }) => clusters[0]?.id);
    expect(first).not.toBe(second);
  });

  it("is not looked for behind a proxy if its own context is gone", async () => {
    const { mappings: _, ...left } = of("proxied");
    const message = [expect.stringMatching(/no longer leads to the cluster that this mapping was made on/)];
    expect(await stack.refresh(left)).toEqual(message);
    expect(await stack.destroy(left)).toEqual(message);
    expect(other.requests).toEqual([]);
  });

  it("is known as such with the next update of a state of an earlier version, which is no change in a preview", async () => {
    makeOld(stack);
    const writes = direct.version;
    expect(await stack.plan(of("direct"))).toEqual({});
    expect(await stack.up(of("direct"))).toEqual([]);
    expect(await stack.refresh(of("direct"))).toEqual([]);
    expect([stored(stack), direct.version]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), writes]);
    const changed = { ...of("direct"), mappings: { admin: { ...admin, groups: ["system:masters", "x"] } } };
    expect(await stack.up(changed)).toEqual([]);
    expect([...stack.states.values()].map(({ id }) => id)).toEqual([
      expect.stringMatching(/^server:[0-9a-f]{12}\/arn/),
    ]);
    expect(stored(stack)).toMatch(/^[0-9a-f]{12}-$/);
  });
});
