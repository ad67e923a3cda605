import { describe, expect, it } from "vitest";
import { serverFingerprint } from "../../../../provider/cluster/clusterRef.ts";
import { openStore, resolveClusterRef, stateOf } from "../../../../provider/cluster/index.ts";
import { settingsOf } from "../support.ts";

const url = "https://a.example";
const ca = (name: string) => ({ "certificate-authority-data": Buffer.from(name).toString("base64") });
const insecure = { "insecure-skip-tls-verify": true };

/** The clusters that contexts lead to, by the context's name. */
const clusters = {
  direct: { server: url, ...ca("one") },
  again: { server: `${url}/`, ...ca("one") },
  renewed: { server: url, ...ca("two") },
  insecure: { server: url, ...insecure },
  p: { server: url, "proxy-url": "http://me:t0p-secret@p:3128" },
  q: { server: url, "proxy-url": "http://q:3128" },
  q2: { server: url, "proxy-url": "http://q:3128", ...insecure },
  named: { server: url, "tls-server-name": "kubernetes" },
  other: { server: "https://other.example" },
  tenant: { server: url, ...ca("one") },
} as const;

type Name = keyof typeof clusters;

function kubeconfigOf(names: readonly Name[], current: string | undefined): string {
  return JSON.stringify({
    clusters: names.map((name) => ({ name, cluster: clusters[name] })),
    users: ["u", "v"].map((name) => ({ name, user: { token: "t0p-secret" } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name === "tenant" ? "v" : "u" } })),
    "current-context": current,
  });
}

const old = serverFingerprint(url).slice(0, 12);
const of = (name: Name): string => {
  const { server, ...more }: { server: string; "proxy-url"?: string; "tls-server-name"?: string } = clusters[name];
  return serverFingerprint(server, more["proxy-url"], more["tls-server-name"]);
};

/** Where a context is named; `current` is "other" if it is not given. */
interface Named {
  readonly env?: string;
  readonly own?: string;
  readonly stack?: string;
  readonly current?: string;
}

const settingsFor = (names: readonly Name[], { env, stack, current = "other" }: Named) =>
  settingsOf({
    config: {
      "aws-auth:kubeconfig": kubeconfigOf(names, current),
      ...(stack !== undefined && { "aws-auth:context": stack }),
    },
    env: { ...(env !== undefined && { AWS_AUTH_CONTEXT: env }) },
  });

/** The store of a state's cluster, as a delete or a refresh opens it. */
async function open(server: string, names: readonly Name[], named: Named) {
  const settings = settingsFor(names, named);
  const state = { server, ...(named.own !== undefined && { context: named.own }) };
  return openStore(await resolveClusterRef(state, settings), settings);
}

describe("a mapping's cluster is reached through", () => {
  it.each<[title: string, server: string, names: readonly Name[], named: Named, context: string, warning?: RegExp]>([
    [
      "AWS_AUTH_CONTEXT",
      of("direct"),
      ["direct", "again", "other"],
      { env: "again", own: "direct", stack: "direct" },
      "again",
    ],
    [
      "AWS_AUTH_CONTEXT, where the resource's is not there",
      of("direct"),
      ["direct", "again"],
      { env: "again", own: "gone" },
      "again",
      /since context "gone", named by the resource, is not there$/,
    ],
    [
      "the resource's context",
      of("direct"),
      ["direct", "again"],
      { own: "again", stack: "direct", current: "direct" },
      "again",
    ],
    ["the stack's", of("direct"), ["direct", "again"], { stack: "again", current: "direct" }, "again"],
    ["the current one", of("direct"), ["direct", "renewed"], { current: "renewed" }, "renewed"],
    [
      "the current one, though it is insecure",
      of("direct"),
      ["direct", "insecure"],
      { current: "insecure" },
      "insecure",
      /insecure-skip-tls-verify/,
    ],
    ["any other that leads there", of("direct"), ["other", "direct", "again"], {}, "direct"],
    ["the one behind its proxy", of("q"), ["other", "direct", "p", "q"], {}, "q"],
    ["the one with its TLS server name", of("named"), ["other", "direct", "named"], {}, "named"],
    ["the one without either", of("direct"), ["other", "p", "named", "direct"], {}, "direct"],
    [
      "another one than the stack's, since that is of the next cluster",
      of("direct"),
      ["direct", "other"],
      { stack: "other" },
      "direct",
      /^context "direct" of .* is used for mappings .*, since context "other", named by aws-auth:context, leads to https:\/\/other.example$/,
    ],
    [
      "another one than the resource's, which this kubeconfig has not",
      of("direct"),
      ["direct", "other"],
      { own: "gone" },
      "direct",
      /since context "gone", named by the resource, is not there$/,
    ],
    ["the only one with the URL that an earlier version stored", old, ["other", "q"], {}, "q"],
    [
      "the one in AWS_AUTH_CONTEXT with that URL",
      old,
      ["direct", "p", "q"],
      { env: "q", own: "p", stack: "p", current: "p" },
      "q",
    ],
    ["the resource's with that URL", old, ["direct", "p", "q"], { own: "q", stack: "p", current: "p" }, "q"],
    ["the stack's with that URL", old, ["direct", "p", "q"], { stack: "q", current: "p" }, "q"],
    [
      "the current one with that URL",
      old,
      ["direct", "p", "q", "other"],
      { stack: "other", current: "q" },
      "q",
      /^context "q"/,
    ],
  ])("%s", async (_title, server, names, named, context, warning = /$^/) => {
    const store = await open(server, names, named);
    expect(store.label).toBe(`the cluster of context "${context}"`);
    expect(store.warnings).toEqual(warning.source === "$^" ? [] : [expect.stringMatching(warning)]);
  });
});

describe("a mapping's cluster is not reached", () => {
  const gone =
    /no longer leads to the cluster that this mapping was made on: none of its \d contexts has that API server/;

  it.each<[title: string, server: string, names: readonly Name[], named: Named, message: RegExp]>([
    ["through another URL", of("direct"), ["other"], {}, gone],
    ["through a proxy", of("direct"), ["p"], {}, gone],
    ["past its proxy", of("p"), ["direct"], {}, gone],
    ["through another proxy", of("p"), ["q"], {}, gone],
    ["by another TLS server name", of("named"), ["direct"], {}, gone],
    [
      "through AWS_AUTH_CONTEXT if that leads elsewhere",
      of("direct"),
      ["direct", "other"],
      { env: "other" },
      /^context "other" of .*, named by AWS_AUTH_CONTEXT, leads to https:\/\/other.example, and not to the cluster that this mapping was made on; unset AWS_AUTH_CONTEXT, or set it to a context that leads there: "direct" \(https:\/\/a.example\)$/,
    ],
    [
      "through AWS_AUTH_CONTEXT if that leads through another proxy, whose password is not told",
      of("q"),
      ["p", "q"],
      { env: "p", own: "q" },
      /^context "p" of .* leads to https:\/\/a.example through the proxy http:\/\/p:3128, and not .*: "q" \(https:\/\/a.example through the proxy http:\/\/q:3128\)$/,
    ],
    [
      "through AWS_AUTH_CONTEXT if there is no such",
      of("direct"),
      ["direct"],
      { env: "dirct" },
      /^context "dirct" \(named by AWS_AUTH_CONTEXT\) is not in/,
    ],
    [
      "through the resource's context if that leads elsewhere",
      of("direct"),
      ["direct", "other"],
      { own: "other", stack: "direct", current: "direct" },
      /^context "other" of .*, named by the resource, leads to https:\/\/other.example, .*; let it lead there again and give the other cluster a context of its own, or set AWS_AUTH_CONTEXT to one that leads there: "direct"/,
    ],
    [
      "through the resource's context if that leads elsewhere, and none leads there",
      of("direct"),
      ["other"],
      { own: "other" },
      /or set AWS_AUTH_CONTEXT to one that leads there, or, if the cluster is gone, remove its mappings with "pulumi state delete"$/,
    ],
    [
      "by a guess among certificate authorities",
      of("direct"),
      ["direct", "renewed"],
      {},
      /do not all verify the same server as the same user: "direct" \(.*\), "renewed"/,
    ],
    [
      "by a guess among users, of whom a gateway may lead each to another cluster",
      of("direct"),
      ["direct", "tenant"],
      {},
      /as the same user: "direct" \(.*\), "tenant"/,
    ],
    [
      "by a guess among insecure ones",
      of("direct"),
      ["direct", "insecure"],
      {},
      /"insecure" \(https:\/\/a.example, with insecure-skip-tls-verify\); set AWS_AUTH_CONTEXT to the one to use$/,
    ],
    [
      "through an insecure one that nothing names",
      of("q"),
      ["q2"],
      { stack: "gone" },
      /"q2" \(https:\/\/a.example through the proxy http:\/\/q:3128, with insecure-skip-tls-verify\)/,
    ],
    [
      "by a guess among the clusters of the URL that an earlier version stored",
      old,
      ["other", "p", "q"],
      { stack: "other" },
      /^the state of this mapping is of an earlier version, .*: "p" \(.*\), "q" \(.*\); set AWS_AUTH_CONTEXT to the one of this mapping, or make it the current context$/,
    ],
  ])("%s", async (_title, server, names, named, message) => {
    const failure = open(server, names, named);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(/t0p-secret/);
  });
});

describe("the state holds what leads to a server", () => {
  it.each<[context: Name, server: string]>([
    ["direct", `${old}-`],
    ["again", `${old}-`],
    ["p", of("p")],
    ["named", of("named")],
  ])("by context %s, whatever else the kubeconfig has", async (context, server) => {
    const settings = settingsFor([context], {});
    const state = stateOf(await resolveClusterRef({ context }, settings));
    expect(state).toEqual({ server, context });
    expect(stateOf(await resolveClusterRef({ context }, settingsFor([context, "q"], {})))).toEqual(state);
    // Whatever it is by then.
    expect(stateOf(await resolveClusterRef(state, settingsFor(["other"], {})))).toEqual(state);
  });
});
