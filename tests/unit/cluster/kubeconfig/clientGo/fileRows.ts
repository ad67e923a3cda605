import { credentialOf, exec, plugin } from "./plugin.ts";
import { caData, config, https, named, one, pem, type Row, yaml } from "./row.ts";

/** Two files: the first wins. */
const first = config({ ...https, ...caData }, { token: "first" });

/** Which files are read, and how they are merged. */
export const fileRows: readonly Row[] = [
  {
    title: "the first file that has a name wins, whole",
    files: { a: first, b: config({ server: "https://b.example", "tls-server-name": "b" }, { token: "b", as: "jane" }) },
    kubeconfig: ["a", "b"],
  },
  {
    title: "later files add names",
    files: { a: first, b: config({}, {}, { contexts: named("context", { y: { cluster: "c", user: "u" } }) }) },
    kubeconfig: ["a", "b"],
    context: "y",
  },
  {
    title: "the first current-context wins, and an empty one is none",
    files: {
      a: config(https, {}, { "current-context": "" }),
      b: config(
        https,
        {},
        { contexts: named("context", { y: { cluster: "c", user: "u", namespace: "y" } }), "current-context": "y" },
      ),
      c: config(https, {}, { "current-context": "x" }),
    },
    kubeconfig: ["a", "b", "c"],
  },
  {
    title: "a cluster without a server hides that of a later file",
    files: { a: config({}, {}), b: first },
    kubeconfig: ["a", "b"],
    refusal: /names cluster "c", which has no server/,
  },
  { title: "a missing file is skipped", files: { b: first }, kubeconfig: ["a", "b"] },
  { title: "an empty file is skipped", files: { a: "", b: first }, kubeconfig: ["a", "b"] },
  { title: "a file of comments is skipped", files: { a: "# nothing\n", b: first }, kubeconfig: ["a", "b"] },
  { title: "no file is there", files: {}, kubeconfig: ["a", "b"], refusal: /does not exist/ },
  {
    title: "a file that is named goes before the list, alone",
    files: { a: first, b: config(https, { token: "b" }, { "current-context": "" }) },
    kubeconfig: ["a"],
    explicit: "b",
    context: "x",
  },
  {
    title: "a file that is named and missing",
    files: { a: first },
    kubeconfig: ["a"],
    explicit: "b",
    refusal: /"DIR\/b" .* does not exist/,
  },
  {
    title: "a broken file among others",
    files: { a: first, b: "clusters: [" },
    kubeconfig: ["a", "b"],
    refusal: /"DIR\/b" is not valid YAML/,
  },
  {
    title: "relative paths start from the directory of their own file",
    files: {
      a: first.replaceAll('"x"', '"other"').replaceAll('"c"', '"d"').replaceAll('"u"', '"v"'),
      "sub/b": config(
        { ...https, "certificate-authority": "ca.pem" },
        { "client-certificate": "client.pem", "client-key": "../key.pem", tokenFile: "token" },
      ),
      "sub/ca.pem": pem("ca"),
      "sub/client.pem": pem("client"),
      "key.pem": pem("client.key"),
      "sub/token": "from-file",
    },
    kubeconfig: ["a", "sub/b"],
    context: "x",
  },
  {
    title: "a plugin's path too",
    files: { "sub/b": config(https, { exec }), "sub/plugin": plugin, "sub/credential": credentialOf({ token: "p" }) },
    kubeconfig: ["a", "sub/b"],
  },
  { title: "another kind", files: { config: first.replace("{", '{"kind":"Pod",') }, refusal: /is not a kubeconfig/ },
  {
    title: "another version",
    files: { config: first.replace("{", '{"apiVersion":"v2",') },
    refusal: /is not a kubeconfig/,
  },
];

/** What the names in a kubeconfig lead to. */
export const nameRows: readonly Row[] = [
  {
    title: "a cluster twice",
    files: {
      config: config(https, {}, { clusters: [...named("cluster", { c: https }), ...named("cluster", { c: https })] }),
    },
    refusal: /has cluster "c" twice/,
  },
  {
    title: "a user twice, in another context",
    files: { config: config(https, {}, { users: [...named("user", { u: {}, v: {} }), ...named("user", { v: {} })] }) },
    refusal: /has user "v" twice/,
  },
  {
    title: "a context twice",
    files: {
      config: config(
        https,
        {},
        {
          contexts: [...named("context", { x: { cluster: "c" } }), ...named("context", { x: { cluster: "c" } })],
        },
      ),
    },
    refusal: /has context "x" twice/,
  },
  one("a missing user", undefined),
  { title: "no user", files: { config: config(https, {}, { contexts: named("context", { x: { cluster: "c" } }) }) } },
  {
    title: "an empty context",
    files: { config: config(https, {}, { contexts: named("context", { x: {} }) }) },
    refusal: /names cluster "", which has no server/,
  },
  {
    title: "a context of null",
    files: { config: config(https, {}, { contexts: named("context", { x: null }) }) },
    refusal: /names cluster "", which has no server/,
  },
  one("a missing context", {}, { context: "y", refusal: /context "y" .* is not in/ }),
  {
    title: "no current-context",
    files: { config: config(https, {}, { "current-context": "" }) },
    refusal: /has no current-context/,
  },
  {
    title: "a missing cluster",
    files: { config: config(https, {}, { clusters: [] }) },
    refusal: /names cluster "c", which has no server/,
  },
  {
    title: "unknown fields",
    files: { config: config({ ...https, some: 1 }, { token: "t", tokenfile: "gone" }, { more: [] }) },
  },
  {
    title: "a key twice",
    files: { config: yaml('token: "one", token: "two"') },
    refusal: /a key is repeated/,
    meant: { reason: "one of the two is a mistake" },
  },
];
