import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A kubeconfig, what client-go does with it (in recorded.json), and what we do. */
export interface Row {
  readonly title: string;
  /** Contents by name, in a directory of the row's own; DIR in them becomes its path. */
  readonly files: Readonly<Record<string, string>>;
  /** The list in KUBECONFIG; `["config"]` by default. */
  readonly kubeconfig?: readonly string[];
  /** The file that is named in its place. */
  readonly explicit?: string;
  /** The context that is named; the current one by default. */
  readonly context?: string;
  /** What our message says where we refuse. */
  readonly refusal?: RegExp;
  /** Why we do not do the same: docs/configuration.md lists these. `ours`: what differs in our outcome, if we do not refuse. */
  readonly meant?: { readonly reason: string; readonly ours?: object };
}

/** A certificate or key of the fixtures. */
export const pem = (name: string) => readFileSync(join(import.meta.dirname, "../../fixtures", `${name}.pem`), "utf8");
export const base64 = (name: string) => Buffer.from(pem(name)).toString("base64");

/** Parts of clusters and users. */
export const https = { server: "https://api.example:6443" };
export const caData = { "certificate-authority-data": base64("ca") };
export const insecure = { "insecure-skip-tls-verify": true };
export const certificate = {
  "client-certificate-data": base64("client"),
  "client-key-data": base64("client.key"),
};
/** Items of a list by their names. */
export const named = (key: string, items: Readonly<Record<string, unknown>>) =>
  Object.entries(items).map(([name, item]) => ({ name, [key]: item }));

/** A kubeconfig of one context, as JSON, which is YAML. */
export function config(cluster: object, user: object | undefined, more: object = {}): string {
  return JSON.stringify({
    clusters: named("cluster", { c: cluster }),
    users: named("user", user === undefined ? {} : { u: user }),
    contexts: named("context", { x: { cluster: "c", user: "u" } }),
    "current-context": "x",
    ...more,
  });
}

/** A kubeconfig as YAML, with the fields of its user. */
export function yaml(user: string, cluster = ""): string {
  return [
    "clusters:",
    `- {name: c, cluster: {server: "https://api.example:6443"${cluster}}}`,
    `users:`,
    `- {name: u, user: {${user}}}`,
    "contexts:",
    "- {name: x, context: {cluster: c, user: u}}",
    "current-context: x",
    "",
  ].join("\n");
}

/** A row about a user. */
export const one = (title: string, user: object | undefined, rest: Partial<Row> = {}): Row => ({
  title,
  files: { config: config(https, user) },
  ...rest,
});

/** A row about a cluster. */
export const cluster = (title: string, fields: object, rest: Partial<Row> = {}): Row => ({
  title,
  files: { config: config({ ...https, ...fields }, { token: "t" }) },
  ...rest,
});
