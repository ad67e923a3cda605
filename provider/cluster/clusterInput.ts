import { AwsAuthError } from "../errors";
import { describeUnknownKey, isFields, stringOf } from "../text/fields";
import { quoted } from "../text/text";
import type { EksRef, KubeconfigRef, ManifestRef } from "./clusterRef";

type EksInput = Omit<EksRef, "region"> & { readonly region: string | undefined };

/** A `cluster` input as given, before any lookup. A kubeconfig has the identity of its cluster only if it comes from a state. */
export type ClusterInput = EksInput | KubeconfigRef | Pick<ManifestRef, "kind" | "manifest">;

const clusterForms =
  'the name of an EKS cluster, { name, region?, account?, profile?, roleArn? }, { kubeconfig?, context? } or { manifest: "aws-auth.yaml" }';

/** Parses a `cluster` input or its stored form. The error lists every problem. */
export function parseClusterInput(input: unknown): ClusterInput {
  if (typeof input === "string") {
    return parseClusterInput({ name: input });
  }
  if (!isFields(input)) {
    throw invalidCluster([`must be ${clusterForms}`]);
  }
  if (holdsKubeconfig(input)) {
    throw invalidCluster(["is the content of a kubeconfig; pass it as { kubeconfig: ... }"]);
  }
  const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
  const problems = given.flatMap(([key, value]) => problemOf(key, value) ?? []);
  // The state of a kubeconfig also contains the EKS cluster for which it was made.
  const isStored = given.some(([key]) => key === "authority");
  const kinds = given.flatMap(([key]) => fields.get(key)?.kind ?? []);
  const [kind, ...otherKinds] = new Set(kinds.map((one) => (isStored && one === "eks" ? "kubeconfig" : one)));
  if (otherKinds.length > 0) {
    const keys = given.map(([key]) => key).join(", ");
    problems.push(`specifies more than one kind of cluster (${keys}); specify ${clusterForms}`);
  } else if (kind === undefined && problems.length === 0) {
    problems.push(`does not specify a cluster; specify ${clusterForms}`);
  }
  if (problems.length > 0) {
    throw invalidCluster(problems);
  }
  const texts: Readonly<Record<string, string>> = Object.fromEntries(
    given.map(([key, value]) => [key, stringOf(value)]),
  );
  const { kubeconfig, context, server, authority, manifest, name, region } = texts;
  if (manifest !== undefined) {
    return { kind: "manifest", manifest };
  }
  if (kind === "eks") {
    return parseEks(texts);
  }
  const eks = name === undefined || region === undefined ? undefined : { ...parseEks(texts), region };
  return { kind: "kubeconfig", kubeconfig, context, server, authority, eks };
}

/** Whether a string is the name of an AWS region. Checked because it becomes part of host names. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text);
}

interface FieldRule {
  readonly kind: ClusterInput["kind"];
  readonly matches?: (text: string) => boolean;
  readonly rule?: string;
}

const fingerprint: FieldRule = {
  kind: "kubeconfig",
  matches: (text) => /^[0-9a-f]{16}$/.test(text),
  rule: "is set by the package; set context instead",
};

const fields: ReadonlyMap<string, FieldRule> = new Map(
  Object.entries<FieldRule>({
    name: {
      kind: "eks",
      matches: (text) => /^[0-9A-Za-z][\w-]{0,99}$/.test(text) || parseClusterArn(text) !== undefined,
      rule: "must be the name of an EKS cluster (letters, digits, - and _, at most 100) or its ARN",
    },
    region: { kind: "eks", matches: isRegion, rule: 'must be an AWS region such as "eu-central-1"' },
    account: {
      kind: "eks",
      matches: (text) => /^\d{12}$/.test(text),
      rule: 'must be the 12 digits of an AWS account, such as "111122223333"',
    },
    profile: { kind: "eks" },
    roleArn: {
      kind: "eks",
      matches: (text) => /^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(text),
      rule: 'must be the ARN of an IAM role, such as "arn:aws:iam::111122223333:role/deploy"',
    },
    kubeconfig: { kind: "kubeconfig" },
    context: { kind: "kubeconfig" },
    server: fingerprint,
    authority: fingerprint,
    manifest: { kind: "manifest" },
  }),
);

// Fingerprints occur only in a state.
const programKeys = [...fields].flatMap(([key, field]) => (field === fingerprint ? [] : key));

export function parseClusterArn(text = "") {
  const [, partition, region, account, name] =
    /^arn:([\w-]+):eks:([a-z0-9-]+):(\d{12}):cluster\/([0-9A-Za-z][\w-]{0,99})$/.exec(text) ?? [];
  return partition && region && account && name ? { partition, region, account, name } : undefined;
}

function problemOf(key: string, value: unknown): string | undefined {
  const field = fields.get(key);
  if (field === undefined) {
    return `has an ${describeUnknownKey(key, programKeys)}`;
  }
  if (key === "kubeconfig" && typeof value === "object") {
    return undefined;
  }
  if (typeof value !== "string" || value.trim() === "") {
    return `${key} must be a non-empty string`;
  }
  if (isKubeconfigContent(value)) {
    // A kubeconfig may contain secrets, so the message must not quote it.
    const problem = `${key} looks like file content; pass a kubeconfig as { kubeconfig: ... }`;
    return key === "kubeconfig" ? undefined : problem;
  }
  return field.matches?.(value) === false ? `${key} ${quoted(value)} ${field.rule}` : undefined;
}

function parseEks(texts: Readonly<Record<string, string>>): EksInput {
  const { name, region, account, profile, roleArn } = texts;
  if (name === undefined) {
    throw invalidCluster([`has ${Object.keys(texts).join(", ")} but no name; add the name or ARN of the EKS cluster`]);
  }
  const arn = parseClusterArn(name);
  const problems = (["region", "account"] as const).flatMap((field) => {
    const [byArn, given] = [arn?.[field], texts[field]];
    return byArn === undefined || given === undefined || byArn === given
      ? []
      : `has ${field} ${quoted(byArn)} in its ARN but ${quoted(given)} in the field ${field}; keep one`;
  });
  if (problems.length > 0) {
    throw invalidCluster(problems);
  }
  return {
    kind: "eks",
    name: arn?.name ?? name,
    region: arn?.region ?? region,
    account: arn?.account ?? account,
    profile,
    roleArn,
  };
}

function invalidCluster(problems: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", `cluster ${problems.join("; and ")}`);
}

/** In characters; longer than any real path, and shorter than a kubeconfig with certificates. */
const maxPath = 1_024;

/** Top-level keys of a kubeconfig, none of which is a key of a `cluster` input. */
const kubeconfigKeys = ["apiVersion", "clusters", "users"];

// A kubeconfig key in YAML, JSON or JSON in a string. Does not match a list of paths such as /etc/clusters:/etc/users.
const keyInText = /(?:apiVersion|clusters|users)\\*["']?\s*:[\s\\[{"']/;

/**
 * Whether a text is the content of a kubeconfig rather than a path or a list of paths. CI variables may contain the content on one line, with a
 * literal `\n`, as JSON in a string, or in base64. When in doubt, treats it as content, since that is secret and a path is not.
 */
export function isKubeconfigContent(text: string): boolean {
  return (
    text.includes("\n") ||
    /^\s*(?:\{|apiVersion)/.test(text) ||
    keyInText.test(text) ||
    keyInText.test(Buffer.from(text, "base64").toString("utf8")) ||
    text.split(/[:;]/).some((part) => part.length > maxPath)
  );
}

/** Whether a value is a whole kubeconfig, as text or as an object, where a cluster's name or connection settings are expected. */
export function holdsKubeconfig(input: unknown): boolean {
  if (typeof input === "string") {
    return isKubeconfigContent(input);
  }
  return typeof input === "object" && input !== null && kubeconfigKeys.some((key) => key in input);
}
