import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as locate from "../../../provider/cluster/kubeconfig/locate.ts";
import { caData } from "../../support/cluster/apiServer.ts";
import {
  expectFailure,
  type Given,
  kubeconfigOf,
  settingsOf,
  temporaryDirectory,
} from "../../support/cluster/kubeconfigs.ts";

const server = "https://api.example:6443";
const dev = kubeconfigOf({ dev: server });
const secret = { token: "t0p-secret" };

/** A kubeconfig whose only context has this cluster and this user. */
function kubeconfig(cluster: object = {}, user: object = secret, more: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    ...more,
  });
}

interface Own {
  readonly kubeconfig?: string;
  readonly context?: string;
}

// Failures become rejections, which expectFailure requires.
const locateNamed = async ({ kubeconfig, context }: Own, given: Given = {}) =>
  locate.locateNamed({ kubeconfig, context }, settingsOf(given));
const locateStored = async (server: string | undefined, { kubeconfig, context }: Own, given: Given = {}) =>
  locate.locateStored({ server, kubeconfig, context }, settingsOf(given));
const named = (content: string, context?: string) =>
  locateNamed({ kubeconfig: content, ...(context !== undefined && { context }) });

const fromVariable = "set KUBECONFIG to one file";

describe("a kubeconfig", () => {
  it("resolves to its only context, regardless of the current context", async () => {
    const { target } = await named(
      kubeconfig({ "tls-server-name": "inner", "insecure-skip-tls-verify": false }, undefined, {
        "current-context": "other",
      }),
    );
    expect(target).toMatchObject({
      context: "x",
      cluster: { server, tlsServerName: "inner" },
      user: { token: "t0p-secret" },
    });
  });

  it("requires a name if it has several contexts, and the error lists them", async () => {
    const two = kubeconfigOf({ a: server, b: server });
    await expectFailure(
      named(two),
      "invalidKubeconfig",
      /has 2 contexts; set aws-auth:context, cluster.context or --context to one of its contexts: "a", "b"$/,
    );
    expect((await named(two, "b")).target.context).toBe("b");
    await expectFailure(
      named(two, "c"),
      "invalidKubeconfig",
      /has no context "c"; set .* to one of its contexts: "a", "b"$/,
    );
    await expectFailure(
      named(kubeconfigOf({})),
      "invalidKubeconfig",
      /has no contexts; specify a kubeconfig that has a context$/,
    );
  });

  it("is validated only in the parts that the context in use needs", async () => {
    const parsed = JSON.parse(kubeconfigOf({ a: server, b: server }));
    parsed.users[1].user = { "auth-provider": { name: "oidc" } };
    expect((await named(JSON.stringify(parsed), "a")).target.context).toBe("a");
    const message = /user "b-user" .* has the unsupported field "auth-provider"; remove/;
    await expectFailure(named(JSON.stringify(parsed), "b"), "invalidKubeconfig", message);
  });

  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "aws", interactiveMode: "Never" };
  const impersonating = kubeconfig().replace('"user":"u"', '"user":"u","as":"root"');
  const users = ["u", "u"].map((name) => ({ name, user: {} }));
  const password = { username: "me", password: secret.token };

  it.each([
    ["broken YAML", "clusters: [\n", /is not valid YAML \(line 2, column 1\); correct it$/],
    ["another kind", "kind: Pod\n", /is not a kubeconfig; it must contain apiVersion: v1/],
    ["an unknown field", kubeconfig({}, secret, { wontBeIgnored: 1 }), /has the unsupported field "wontBeIgnored"; /],
    ["an unknown field of a cluster", kubeconfig({ sni: "x" }), /cluster "c" .* has the unsupported field "sni"; /],
    [
      "an unknown field of a user",
      kubeconfig({}, { ...secret, mfa: 1 }),
      /user "u" .* has the unsupported field "mfa"; /,
    ],
    ["an unknown field of a context", impersonating, /context "x" .* has the unsupported field "as"; /],
    ["an http server", kubeconfig({ server: "http://api.example" }), /has a server that is not an https URL; correct/],
    ["a number as a token", kubeconfig({}, { token: 83 }), /has token, which must be a string, in quotes; correct it$/],
    [
      "text as a flag",
      kubeconfig({ "insecure-skip-tls-verify": "true" }),
      /insecure-skip-tls-verify, which must be true or/,
    ],
    [
      "a server that is not verified",
      kubeconfig({ "insecure-skip-tls-verify": true }),
      /cluster "c" .* has insecure-skip-tls-verify; remove it, and set certificate-authority-data$/,
    ],
    ["data that is not base64", kubeconfig({ "certificate-authority-data": "%%" }), /y-data, which must be base64/],
    [
      "a proxy of another kind",
      kubeconfig({ "proxy-url": "ftp://proxy" }),
      /has a proxy-url that is not the URL of an /,
    ],
    ["a proxy's password", kubeconfig({ "proxy-url": "http://u:t0p-secret#1@p:3128" }), /percent-encoded \(# as %23, /],
    ["a password", kubeconfig({}, password), /has the unsupported field "username"; /],
    ["impersonation", kubeconfig({}, { ...secret, as: "root" }), /has the unsupported field "as"; /],
    [
      "two kinds of credentials",
      kubeconfig({}, { ...secret, exec }),
      /has more than one credential \(token, client certi/,
    ],
    ["a missing key", kubeconfig({}, { "client-certificate-data": caData }), /without its key; add client-/],
    ["a plugin without a version", kubeconfig({}, { exec: { command: "aws" } }), /needs a command and apiVersion cl/],
    [
      "an interactive plugin",
      kubeconfig({}, { exec: { ...exec, interactiveMode: "Always" } }),
      /interactiveMode Always, which are not supported; use a context with another user$/,
    ],
    [
      "a plugin that requests the cluster",
      kubeconfig({}, { exec: { ...exec, provideClusterInfo: true } }),
      /sets provideClusterInfo or/,
    ],
    ["a repeated name", kubeconfig({}, secret, { users }), /has user "u" twice/],
    [
      "a missing cluster",
      kubeconfig({}, secret, { clusters: [] }),
      /refers to cluster "c", which does not exist; correct it$/,
    ],
    ["a missing user", kubeconfig({}, secret, { users: [] }), /refers to user "u", which does not exist; correct it$/],
  ])("with %s is refused, and the error contains no secret", async (_title, content, message) => {
    const failure = named(content);
    await expectFailure(failure, "invalidKubeconfig", message);
    await expect(failure).rejects.not.toThrow(/t0p-secret/);
  });

  it("resolves paths from its own directory", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "kube"));
    await writeFile(join(cwd, "kube", "config"), kubeconfig({ "certificate-authority": "ca.pem" }));
    const located = () => locateNamed({ kubeconfig: "kube/config" }, { cwd });
    await expectFailure(
      located(),
      "invalidKubeconfig",
      /refers to file ".*ca\.pem", which cannot be read \(there is no such file\); correct the path$/,
    );
    await writeFile(join(cwd, "kube", "ca.pem"), "PEM");
    expect((await located()).target.cluster.ca?.toString()).toBe("PEM");
  });

  it.each<[title: string, Own, Given, subject: string, remedy: string]>([
    ["the default", {}, { cwd: "/none" }, '"/none/.kube/config" (the default)', fromVariable],
    ["a path in the program", { kubeconfig: "/none" }, {}, '"/none"', "specify the path to one file"],
  ])("that cannot be read causes an error with one remedy: %s", async (_title, own, given, subject, remedy) => {
    const message = `kubeconfig ${subject} cannot be read (there is no such file); ${remedy}`;
    await expectFailure(locateNamed(own, given), "invalidKubeconfig", message);
  });

  it("is used from KUBECONFIG if that specifies one file, also with a context in the program, and for a mapping in the state", async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, "one"), dev);
    const env = { KUBECONFIG: join(cwd, "one") };
    const own = { context: "dev" };
    const { server } = await locateNamed(own, { env });
    expect((await locateStored(server, own, { env })).target.context).toBe("dev");
  });

  it("of a mapping in the state that cannot be read can be replaced by AWS_AUTH_KUBECONFIG", async () => {
    const { server } = await named(dev);
    const message =
      /cannot be read \(there is no such file\); correct the path, or set AWS_AUTH_KUBECONFIG to one file$/;
    await expectFailure(locateStored(server, { kubeconfig: "/gone" }), "invalidKubeconfig", message);
    await locateStored(server, { kubeconfig: "/gone" }, { env: { AWS_AUTH_KUBECONFIG: dev } });
  });
});

describe("the fingerprint of an API server", () => {
  const print = async (cluster: object) => (await named(kubeconfig(cluster))).server;

  it("does not depend on the spelling of the URL or on credentials", async () => {
    const [first, ...others] = await Promise.all([{}, { server: "https://API.example:6443/" }].map(print));
    expect(others).toEqual([first]);
    expect((await named(kubeconfig({}, { token: "other" }))).server).toBe(first);
  });

  it.each([
    ["the URL", { server: "https://api.example:6444" }],
    ["the authority", { "certificate-authority-data": caData }],
    ["the proxy", { "proxy-url": "http://proxy.example:3128" }],
    ["the TLS server name", { "tls-server-name": "inner" }],
  ])("changes with %s", async (_title, cluster) => {
    expect(await print(cluster)).not.toBe(await print({}));
  });
});

describe("a mapping in the state", () => {
  const elsewhere = "https://other.example";

  it("is reached only through a context of its API server", async () => {
    const { server } = await named(dev);
    const located = (kubeconfig: string) => locateStored(server, { kubeconfig, context: "dev" });
    expect((await located(dev)).target.context).toBe("dev");
    const message = /^context "dev" of .* connects to https:\/\/other\.example, not to the cluster of this mapping/;
    await expectFailure(located(kubeconfigOf({ dev: elsewhere })), "clusterChanged", message);
  });

  it("is reached through the kubeconfig and context of the environment if they are of its API server", async () => {
    const { server: stored } = await named(dev);
    const located = (url: string) => {
      const env = { AWS_AUTH_KUBECONFIG: kubeconfigOf({ renamed: url }), AWS_AUTH_CONTEXT: "renamed" };
      return locateStored(stored, { kubeconfig: "/gone", context: "dev" }, { env });
    };
    expect((await located(server)).target.context).toBe("renamed");
    await expectFailure(located(elsewhere), "clusterChanged");
  });
});

it("a new mapping is refused if both AWS_AUTH_KUBECONFIG and the program or the stack specify a kubeconfig or context", async () => {
  const env = { AWS_AUTH_KUBECONFIG: dev };
  const message = /^AWS_AUTH_KUBECONFIG is set, but .* specifies the kubeconfig or context of new mappings; unset/;
  for (const named of [
    locateNamed({ context: "dev" }, { env }),
    locateNamed({}, { env, config: { "aws-auth:context": "dev" } }),
  ]) {
    await expect(named).rejects.toThrow(message);
  }
  expect((await locateNamed({}, { env })).target.context).toBe("dev");
});
