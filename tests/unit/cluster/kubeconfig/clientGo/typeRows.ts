import { base64, caData, cluster, config, https, insecure, named, one, pem, type Row, yaml } from "./row.ts";

/** Values of other types, and what YAML has. */
export const typeRows: readonly Row[] = [
  {
    title: "a token that is a number",
    files: { config: yaml("token: 0123") },
    refusal: /"token" of user "u" .* must be a string/,
  },
  ...["2024-01-01", "12:30"].map((token) => ({
    title: `a token of ${token} without quotes`,
    files: { config: yaml(`token: ${token}`) },
    refusal: /"token" of user "u" of kubeconfig "DIR\/config" must be a string, in quotes/,
    meant: { reason: "YAML has dates and times" },
  })),
  {
    title: "yes for true",
    files: { config: yaml('token: "t"', ", insecure-skip-tls-verify: yes") },
  },
  cluster("a flag in quotes", { "insecure-skip-tls-verify": "true" }, { refusal: /must be true or false/ }),
  {
    title: "users that are a map",
    files: { config: config(https, {}, { users: { u: {} } }) },
    refusal: /"users" of .* must be a list/,
  },
  one("a user that is a string", undefined, {
    files: { config: config(https, {}, { users: [{ name: "u", user: "t" }] }) },
    refusal: /user "u" of .* must be a map/,
  }),
  one(
    "groups that are a string",
    { token: "t", as: "jane", "as-groups": "a" },
    { refusal: /"as-groups" of .* must be a list/ },
  ),
  cluster(
    "an authority that is not base64",
    { "certificate-authority-data": "-----BEGIN" },
    { refusal: /must be base64/ },
  ),
  cluster("an authority in base64 of several lines", {
    "certificate-authority-data": base64("ca").replace(/(.{64})/g, "$1\n"),
  }),
  {
    title: "merge keys",
    files: { config: `k: &k {token: t}\n${yaml("<<: *k")}` },
  },
];

/** The way to the server. */
export const clusterRows: readonly Row[] = [
  cluster("no authority", {}),
  cluster("an authority as data", caData),
  cluster("insecure", insecure),
  cluster(
    "insecure with an authority as data",
    { ...insecure, ...caData },
    { refusal: /insecure-skip-tls-verify: true and a/ },
  ),
  {
    title: "insecure with an authority as a file",
    files: { config: config({ ...https, ...insecure, "certificate-authority": "ca.pem" }, {}), "ca.pem": pem("ca") },
    refusal: /insecure-skip-tls-verify: true and a/,
  },
  {
    title: "an authority as data and as a file",
    files: { config: config({ ...https, ...caData, "certificate-authority": "ca.pem" }, {}), "ca.pem": pem("ca") },
    refusal: /certificate-authority-data and certificate-authority;/,
  },
  cluster(
    "an authority in a missing file",
    { "certificate-authority": "gone" },
    { refusal: /"DIR\/gone", which cannot be read/ },
  ),
  cluster("another name of the server", { ...caData, "tls-server-name": "name.example" }),
  cluster("a proxy", { "proxy-url": "http://proxy.example:3128" }),
  cluster("a SOCKS proxy", { "proxy-url": "socks5://proxy.example:1080" }),
  cluster(
    "a proxy of another kind",
    { "proxy-url": "ftp://proxy.example" },
    { refusal: /has a proxy-url that is not a URL/ },
  ),
  cluster(
    "a proxy without a scheme",
    { "proxy-url": "proxy.example:3128" },
    { refusal: /has a proxy-url that is not a URL/ },
  ),
  cluster("a server with a path", { server: "https://api.example/k8s/c/" }),
  cluster(
    "a server without a scheme",
    { server: "api.example:6443" },
    {
      refusal: /has a server that is not an http or https URL/,
      meant: { reason: "the connection would not be encrypted" },
    },
  ),
  cluster(
    "a server without encryption",
    { server: "http://api.example" },
    {
      meant: { reason: "a warning says so", ours: { headers: { authorization: ["Bearer t"] } } },
    },
  ),
  {
    title: "a namespace",
    files: { config: config(https, {}, { contexts: named("context", { x: { cluster: "c", namespace: "n" } }) }) },
  },
];
