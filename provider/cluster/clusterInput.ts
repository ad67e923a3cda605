import { AwsAuthError } from "../errors";
import { describeUnknownKey, isFields } from "../text/fields";
import { describePlaceholder, placeholderIn, placeholderInArn, quoted } from "../text/text";
import { isServerFingerprint } from "./clusterRef";

/** In characters. Longer than any real path, and shorter than a kubeconfig with certificates. */
const maxPath = 1_024;

/** Top-level keys of a kubeconfig, none of which is a key of a `cluster` input. */
const kubeconfigKeys = ["apiVersion", "clusters", "users"];

// A kubeconfig key as it appears in YAML or JSON. Does not match a list of paths such as /etc/clusters:/etc/users.
const keyInText = /(?:apiVersion|clusters|users)["']?\s*:[\s\\[{"']/;

/**
 * Whether a kubeconfig is given as content rather than as a path or a list of paths. CI variables may hold content without line
 * breaks: on one line, with a literal `\n`, or in base64. When in doubt, treats it as content, since content is secret and a path is not.
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

/** Whether a value is a whole kubeconfig, as text or as an object, where a cluster's name or connection is expected. */
export function holdsKubeconfig(input: unknown): boolean {
  if (typeof input === "string") {
    return isKubeconfigContent(input);
  }
  return typeof input === "object" && input !== null && kubeconfigKeys.some((key) => key in input);
}

/** A `cluster` input as given, before any lookup. */
export type ClusterInput =
  | {
      readonly kind: "eks";
      readonly name: string;
      readonly region: string | undefined;
      readonly account: string | undefined;
      readonly profile: string | undefined;
      readonly roleArn: string | undefined;
    }
  | {
      readonly kind: "kubeconfig";
      readonly kubeconfig: string | undefined;
      readonly context: string | undefined;
      /** The fingerprint of the mapping's API server. Only in stored state. */
      readonly server: string | undefined;
    }
  | { readonly kind: "manifest"; readonly manifest: string };

/** The ways to name a cluster, for messages. */
const clusterForms =
  'the name of an EKS cluster, { name, region?, profile?, roleArn? }, { kubeconfig?, context? } or { manifest: "aws-auth.yaml" }';

/**
 * Reads a `cluster` input, or the stored state of one.
 *
 * @throws AwsAuthError `invalidInput` that names every problem.
 */
export function parseClusterInput(input: unknown): ClusterInput {
  if (typeof input === "string") {
    return parseClusterInput({ name: input });
  }
  if (!isFields(input)) {
    throw invalid([`must be ${clusterForms}`]);
  }
  if (holdsKubeconfig(input)) {
    throw invalid(["is a whole kubeconfig; give it as { kubeconfig: ... }"]);
  }
  const problems: string[] = [];
  const given = new Map(Object.entries(input).filter(([, value]) => value !== undefined && value !== null));
  const fields = readFields(given, problems);
  const kinds = [...new Set([...given.keys()].flatMap((key) => kindOf(key) ?? []))];
  if (kinds.length > 1) {
    problems.push(`names more than one kind of cluster (${[...given.keys()].join(", ")}); give ${clusterForms}`);
  } else if (kinds.length === 0 && problems.length === 0) {
    problems.push(`names no cluster; give ${clusterForms}`);
  }
  const [kind] = kinds;
  if (kind === "eks" && problems.length === 0) {
    return parseEks(fields);
  }
  if (kind === "kubeconfig" && problems.length === 0) {
    return { kind, kubeconfig: fields["kubeconfig"], context: fields["context"], server: fields["server"] };
  }
  if (kind === "manifest" && fields["manifest"] !== undefined && problems.length === 0) {
    return { kind, manifest: fields["manifest"] };
  }
  throw invalid(problems);
}

/** Whether a string is the name of an AWS region. Checked because it becomes part of host names. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text);
}

/** The keys of each form. `server` occurs only in stored state. */
const keys = {
  eks: ["name", "region", "account", "profile", "roleArn"],
  kubeconfig: ["kubeconfig", "context", "server"],
  manifest: ["manifest"],
} as const;

const programKeys = [...keys.eks, "kubeconfig", "context", "manifest"];

/** What each key's value must look like, besides being a non-empty string. */
const rules: Readonly<Record<string, { readonly matches: (text: string) => boolean; readonly rule: string }>> = {
  name: {
    matches: (text) => /^[0-9A-Za-z][\w-]{0,99}$/.test(text) || eksArn.test(text),
    rule: "must be the name of an EKS cluster (letters, digits, - and _, at most 100) or its ARN",
  },
  region: { matches: isRegion, rule: 'must be an AWS region such as "eu-central-1"' },
  account: {
    matches: (text) => /^\d{12}$/.test(text),
    rule: 'must be the 12 digits of an AWS account, such as "111122223333"',
  },
  roleArn: {
    matches: (text) => /^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(text),
    rule: 'must be the ARN of an IAM role, such as "arn:aws:iam::111122223333:role/deploy"',
  },
  server: { matches: isServerFingerprint, rule: "must be the fingerprint that a state holds; name a context instead" },
};

const eksArn = /^arn:[\w-]+:eks:([a-z0-9-]+):(\d{12}):cluster\/([0-9A-Za-z][\w-]{0,99})$/;

function kindOf(key: string): ClusterInput["kind"] | undefined {
  if (keys.eks.some((candidate) => candidate === key)) {
    return "eks";
  }
  if (keys.kubeconfig.some((candidate) => candidate === key)) {
    return "kubeconfig";
  }
  return key === "manifest" ? "manifest" : undefined;
}

function readFields(given: ReadonlyMap<string, unknown>, problems: string[]): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [key, value] of given) {
    if (kindOf(key) === undefined) {
      problems.push(`has an ${describeUnknownKey(key, programKeys)}`);
    } else if (key === "kubeconfig" && typeof value === "object") {
      fields[key] = JSON.stringify(value);
    } else if (typeof value !== "string" || value.trim() === "") {
      problems.push(`${key} must be a string that is not empty`);
    } else if (key !== "kubeconfig" && isKubeconfigContent(value)) {
      // It may be a kubeconfig in the wrong place, so the message must not quote it.
      problems.push(`${key} looks like the content of a file; a kubeconfig goes into { kubeconfig: ... }`);
    } else {
      const placeholder = placeholderOf(key, value);
      if (placeholder !== undefined) {
        problems.push(describePlaceholder(`${key} ${quoted(value)}`, placeholder));
      } else if (rules[key]?.matches(value) === false) {
        problems.push(`${key} ${quoted(value)} ${rules[key].rule}`);
      } else {
        fields[key] = value;
      }
    }
  }
  return fields;
}

/** The content of a kubeconfig may contain anything. */
function placeholderOf(key: string, value: string): string | undefined {
  if (key === "kubeconfig" && isKubeconfigContent(value)) {
    return undefined;
  }
  return key === "roleArn" || key === "account" ? placeholderInArn(value) : placeholderIn(value);
}

function parseEks(fields: Readonly<Record<string, string>>): ClusterInput {
  const { name, region, account, profile, roleArn } = fields;
  if (name === undefined) {
    throw invalid([`has ${Object.keys(fields).join(", ")} but no name of an EKS cluster`]);
  }
  const [, arnRegion, arnAccount, arnName] = eksArn.exec(name) ?? [];
  const problems = [...contradiction("region", arnRegion, region), ...contradiction("account", arnAccount, account)];
  if (problems.length > 0) {
    throw invalid(problems);
  }
  return {
    kind: "eks",
    name: arnName ?? name,
    region: arnRegion ?? region,
    account: arnAccount ?? account,
    profile,
    roleArn,
  };
}

function contradiction(field: string, byArn: string | undefined, given: string | undefined): string[] {
  return byArn === undefined || given === undefined || byArn === given
    ? []
    : [`is in ${field} ${quoted(byArn)} by its ARN and in ${quoted(given)} by its ${field}; keep one`];
}

function invalid(problems: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", `cluster ${problems.join("; and ")}`);
}
