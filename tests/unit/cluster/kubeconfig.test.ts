import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as locate from "../../../provider/cluster/kubeconfig/locate.ts";
import { caData } from "./apiServer.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "./support.ts";

const server = "https://api.example:6443";
const dev = kubeconfigOf({ dev: server });

/** A kubeconfig whose only context has this cluster and this user. */
function kubeconfig(cluster: object = {}, user: object = { token: "t0p-secret" }, more: object = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    ...more,
  });
}

// Failures as rejections, so that one form of assertion is enough.
const locateNamed = async (...given: Parameters<typeof locate.locateNamed>) => locate.locateNamed(...given);
const locateStored = async (...given: Parameters<typeof locate.locateStored>) => locate.locateStored(...given);
const named = (content: string, context?: string) => locateNamed({ kubeconfig: content, context }, settingsOf({}));

const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "aws", interactiveMode: "Never" };

describe("a kubeconfig", () => {
  it("gives the cluster and the user of its only context, whatever is current", async () => {
    const { target } = await named(
      kubeconfig({ "tls-server-name": "inner" }, undefined, { "current-context": "other" }),
    );
    expect(target).toMatchObject({
      context: "x",
      cluster: { server, tlsServerName: "inner", insecureSkipTlsVerify: false },
      user: { token: "t0p-secret" },
    });
  });

  it("with several contexts needs a name, and the error lists them", async () => {
    const two = kubeconfigOf({ a: server, b: server });
    await expect(named(two)).rejects.toMatchObject({
      code: "invalidKubeconfig",
      message: expect.stringMatching(
        /has several contexts, or none; name one by aws-auth:context, cluster.context or --context; it has: "a", "b"$/,
      ),
    });
    expect((await named(two, "b")).target.context).toBe("b");
    await expect(named(two, "c")).rejects.toThrow(/has no context "c"; name one .* it has: "a", "b"$/);
  });

  it("is refused only for what the context in use needs", async () => {
    const parsed = JSON.parse(kubeconfigOf({ a: server, b: server }));
    parsed.users[1].user = { "auth-provider": { name: "oidc" } };
    expect((await named(JSON.stringify(parsed), "a")).target.context).toBe("a");
    await expect(named(JSON.stringify(parsed), "b")).rejects.toThrow(
      /user "b-user" .* has the field "auth-provider", which is not/,
    );
  });

  const refused: readonly (readonly [title: string, content: string, message: RegExp])[] = [
    ["broken YAML", "clusters: [\n", /is not valid YAML \(line 2, column 1\); correct it$/],
    ["another kind", "kind: Pod\n", /is not a kubeconfig; it must contain apiVersion: v1/],
    [
      "an unknown field",
      kubeconfig({}, undefined, { wontBeIgnored: 1 }),
      /has the field "wontBeIgnored", which is not supp/,
    ],
    [
      "an unknown field of a cluster",
      kubeconfig({ sni: "x" }),
      /cluster "c" .* has the field "sni", which is not supported/,
    ],
    [
      "an unknown field of a user",
      kubeconfig({}, { token: "x", mfa: true }),
      /user "u" .* has the field "mfa", which is/,
    ],
    [
      "an unknown field of a context",
      kubeconfig().replace('"user":"u"', '"user":"u","as":"root"'),
      /context "x" .* has the field "as", which is not supported/,
    ],
    [
      "an http server",
      kubeconfig({ server: "http://api.example" }),
      /has a server that is not an https URL; correct it$/,
    ],
    ["a number as a token", kubeconfig({}, { token: 83 }), /has token that is not a string, in quotes; correct it$/],
    [
      "text as a flag",
      kubeconfig({ "insecure-skip-tls-verify": "true" }),
      /insecure-skip-tls-verify that is not true or/,
    ],
    [
      "data that is not base64",
      kubeconfig({ "certificate-authority-data": "%%" }),
      /certificate-authority-data that is not base64/,
    ],
    [
      "a proxy of another kind",
      kubeconfig({ "proxy-url": "ftp://proxy" }),
      /has a proxy-url that is not an http, https or/,
    ],
    [
      "a password",
      kubeconfig({}, { username: "me", password: "x" }),
      /has the field "username", which is not supported; remove it/,
    ],
    ["impersonation", kubeconfig({}, { token: "x", as: "root" }), /has the field "as", which is not supported/],
    [
      "two kinds of credentials",
      kubeconfig({}, { token: "x", exec }),
      /has more than one of a token, a client certificate/,
    ],
    [
      "a certificate without its key",
      kubeconfig({}, { "client-certificate-data": caData }),
      /without its key; add client-/,
    ],
    [
      "a plugin without a version",
      kubeconfig({}, { exec: { command: "aws" } }),
      /needs a command and apiVersion client\./,
    ],
    [
      "a plugin that needs a terminal",
      kubeconfig({}, { exec: { ...exec, interactiveMode: "Always" } }),
      /needs a terminal/,
    ],
    [
      "a plugin that asks for the cluster",
      kubeconfig({}, { exec: { ...exec, provideClusterInfo: true } }),
      /or data about/,
    ],
    [
      "a name twice",
      kubeconfig({}, undefined, {
        users: [
          { name: "u", user: {} },
          { name: "u", user: {} },
        ],
      }),
      /has user "u" twice/,
    ],
    [
      "a missing cluster",
      kubeconfig({}, undefined, { clusters: [] }),
      /names cluster "c", which is not there; correct it$/,
    ],
    ["a missing user", kubeconfig({}, undefined, { users: [] }), /names user "u", which is not there; correct it$/],
  ];
  it.each(refused)("with %s is refused, without its content", async (_title, content, message) => {
    const failure = named(content);
    await expect(failure).rejects.toMatchObject({ code: "invalidKubeconfig", message: expect.stringMatching(message) });
    await expect(failure).rejects.not.toThrow(/t0p-secret/);
  });

  it("takes paths from its own directory", async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, "kube"));
    await writeFile(join(cwd, "kube", "config"), kubeconfig({ "certificate-authority": "ca.pem" }));
    const own = { kubeconfig: "kube/config", context: undefined };
    await expect(locateNamed(own, settingsOf({ cwd }))).rejects.toThrow(
      /names file ".*ca\.pem", which cannot be read \(there is no such file\); correct the path$/,
    );
    await writeFile(join(cwd, "kube", "ca.pem"), "PEM");
    expect((await locateNamed(own, settingsOf({ cwd }))).target.cluster.ca?.toString()).toBe("PEM");
  });

  it("that is missing, or a list of files, is an error that names the path", async () => {
    const own = { kubeconfig: undefined, context: undefined };
    const settings = settingsOf({ env: { KUBECONFIG: "/one:/two" } });
    await expect(locateNamed(own, settings)).rejects.toMatchObject({
      code: "invalidKubeconfig",
      message:
        'kubeconfig "/one:/two" (named by KUBECONFIG) cannot be read (there is no such file); correct the path, or set AWS_AUTH_KUBECONFIG to one file',
    });
  });
});

describe("the fingerprint of an API server", () => {
  const print = async (cluster: object) => (await named(kubeconfig(cluster))).fingerprint;

  it("does not depend on how the URL is written, nor on credentials", async () => {
    const [first, ...others] = await Promise.all([{}, { server: "https://API.example:6443/" }].map(print));
    expect(others).toEqual([first]);
    expect((await named(kubeconfig({}, { token: "other" }))).fingerprint).toBe(first);
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
  it("is reached only by a context that leads to its API server", async () => {
    const { fingerprint } = await named(dev);
    const own = { kubeconfig: dev, context: "dev" };
    expect((await locateStored(fingerprint, own, settingsOf({}))).target.context).toBe("dev");
    const elsewhere = { kubeconfig: kubeconfigOf({ dev: "https://other.example" }), context: "dev" };
    await expect(locateStored(fingerprint, elsewhere, settingsOf({}))).rejects.toMatchObject({
      code: "clusterChanged",
      message: expect.stringMatching(
        /^context "dev" of .* leads to https:\/\/other\.example, which is not the cluster of/,
      ),
    });
  });

  it("is reached by the environment's kubeconfig and context, if these lead there", async () => {
    const { fingerprint } = await named(dev);
    const env = { AWS_AUTH_KUBECONFIG: kubeconfigOf({ renamed: server }), AWS_AUTH_CONTEXT: "renamed" };
    const own = { kubeconfig: "/gone", context: "dev" };
    expect((await locateStored(fingerprint, own, settingsOf({ env }))).target.context).toBe("renamed");
    const other = { ...env, AWS_AUTH_KUBECONFIG: kubeconfigOf({ renamed: "https://other.example" }) };
    await expect(locateStored(fingerprint, own, settingsOf({ env: other }))).rejects.toMatchObject({
      code: "clusterChanged",
    });
  });
});

describe("a new mapping beside AWS_AUTH_KUBECONFIG", () => {
  const env = { AWS_AUTH_KUBECONFIG: dev };

  it("is refused if the program or the stack names a kubeconfig or a context as well", async () => {
    const message =
      /^AWS_AUTH_KUBECONFIG is set, and .* names a kubeconfig or context for a new mapping as well; unset/;
    await expect(locateNamed({ kubeconfig: undefined, context: "dev" }, settingsOf({ env }))).rejects.toThrow(message);
    const config = { "aws-auth:context": "dev" };
    const own = { kubeconfig: undefined, context: undefined };
    await expect(locateNamed(own, settingsOf({ env, config }))).rejects.toThrow(message);
    expect((await locateNamed(own, settingsOf({ env }))).target.context).toBe("dev");
  });
});
