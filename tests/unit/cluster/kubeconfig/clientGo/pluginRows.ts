import { credentialOf, exec, plugin, v1beta1 } from "./plugin.ts";
import { caData, certificate, config, https, insecure, pem, type Row } from "./row.ts";

function withPlugin(
  user: object,
  { cluster = {}, credential = credentialOf({ token: "from-plugin" }), files = {} } = {},
): Row["files"] {
  return { config: config({ ...https, ...cluster }, user), plugin, credential, ...files };
}

const plugged = (
  title: string,
  user: object,
  more: Parameters<typeof withPlugin>[1],
  rest: Partial<Row> = {},
): Row => ({
  title,
  files: withPlugin(user, more),
  ...rest,
});

/** Credential plugins. */
export const pluginRows: readonly Row[] = [
  plugged("a plugin", { exec: { ...exec, args: ["a", "b"], env: [{ name: "MINE", value: "m" }] } }, {}),
  plugged(
    "a plugin of the older version",
    { exec: { ...exec, apiVersion: v1beta1, interactiveMode: undefined } },
    { credential: credentialOf({ token: "p" }, v1beta1) },
  ),
  plugged("a plugin and a token", { exec, token: "t" }, {}),
  plugged("a plugin and a token file", { exec, tokenFile: "token" }, { files: { token: "f" } }),
  plugged("a plugin and a password", { exec, username: "u", password: "p" }, {}),
  plugged("a plugin and a password alone", { exec, password: "p" }, {}),
  plugged("a plugin and a certificate", { exec, ...certificate }, {}),
  plugged("a plugin and another user", { exec, as: "jane" }, {}),
  plugged(
    "a plugin that gives a certificate",
    { exec },
    {
      credential: credentialOf({ clientCertificateData: pem("client"), clientKeyData: pem("client.key") }),
    },
  ),
  plugged(
    "a plugin that gives a certificate without its key",
    { exec },
    {
      credential: credentialOf({ token: "t", clientCertificateData: pem("client") }),
    },
    { refusal: /did not print an ExecCredential with a token, or a certificate and its key/ },
  ),
  plugged(
    "a plugin that gives nothing",
    { exec },
    { credential: credentialOf({}) },
    { refusal: /did not print an ExecCredential/ },
  ),
  plugged(
    "a plugin that answers in another version",
    { exec },
    { credential: credentialOf({ token: "p" }, v1beta1) },
    {
      meant: { reason: "the credential is the same in each", ours: { headers: { authorization: ["Bearer p"] } } },
    },
  ),
  plugged(
    "a plugin that answers without a version",
    { exec },
    { credential: '{"status":{"token":"p"}}' },
    { meant: { reason: "the credential is the same in each", ours: { headers: { authorization: ["Bearer p"] } } } },
  ),
  plugged(
    "a plugin without an apiVersion",
    { exec: { ...exec, apiVersion: undefined } },
    {},
    { refusal: /apiVersion other than/ },
  ),
  plugged(
    "a plugin of an unknown version",
    { exec: { ...exec, apiVersion: "client.authentication.k8s.io/v1alpha1" } },
    {},
    { refusal: /apiVersion other than/ },
  ),
  plugged(
    "a plugin of an unknown version beside a token",
    { token: "t", exec: { ...exec, apiVersion: "v1" } },
    {},
    { refusal: /apiVersion other than/ },
  ),
  plugged(
    "a plugin without a command",
    { token: "t", exec: { ...exec, command: "" } },
    {},
    { refusal: /exec without a command/ },
  ),
  plugged(
    "a plugin without an interactiveMode",
    { exec: { ...exec, interactiveMode: undefined } },
    {},
    { refusal: /an interactiveMode other than/ },
  ),
  plugged(
    "a plugin of an unknown interactiveMode",
    { exec: { ...exec, apiVersion: v1beta1, interactiveMode: "Sometimes" } },
    {},
    { refusal: /an interactiveMode other than/ },
  ),
  plugged(
    "a plugin that needs a terminal",
    { exec: { ...exec, interactiveMode: "Always" } },
    {},
    { refusal: /needs a terminal/ },
  ),
  plugged(
    "a plugin that needs a terminal beside a token",
    { token: "t", exec: { ...exec, interactiveMode: "Always" } },
    {},
  ),
  plugged(
    "a plugin with a nameless variable",
    { exec: { ...exec, env: [{ name: "", value: "v" }] } },
    {},
    { refusal: /variable without a name/ },
  ),
  plugged(
    "a plugin and an auth-provider",
    { exec, "auth-provider": { name: "oidc" } },
    {},
    { refusal: /exec and auth-provider/ },
  ),
  plugged(
    "a plugin that is told of the cluster",
    { exec: { ...exec, provideClusterInfo: true } },
    {
      cluster: {
        ...caData,
        "tls-server-name": "name.example",
        "proxy-url": "http://proxy.example",
        "disable-compression": true,
      },
    },
  ),
  plugged(
    "a plugin that is told of an insecure cluster",
    { exec: { ...exec, provideClusterInfo: true } },
    { cluster: insecure },
  ),
  plugged(
    "a plugin that is told of an authority in a file, and of its own settings",
    { exec: { ...exec, provideClusterInfo: true } },
    {
      cluster: {
        "certificate-authority": "ca.pem",
        extensions: [
          { name: "other", extension: { a: 1 } },
          { name: "client.authentication.k8s.io/exec", extension: { audience: "a", list: [1, { b: true }] } },
        ],
      },
      files: { "ca.pem": pem("ca") },
    },
  ),
  plugged(
    "a plugin on our PATH",
    { exec: { ...exec, command: "cat", args: ["DIR/credential"], env: [{ name: "PATH", value: "/nowhere" }] } },
    {},
  ),
  plugged(
    "a plugin on its own PATH alone",
    { exec: { ...exec, command: "plugin", env: [{ name: "PATH", value: "DIR" }] } },
    {},
    { refusal: /there is no such program on PATH/ },
  ),
  plugged("a plugin that is told nothing", { exec }, { cluster: caData }),
];
