import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { AwsAuthError } from "../errors";
import { closestOf, quoted } from "../text";

/** How the stack's configuration and the environment are looked up; injected, so that nothing below reads them on its own. */
export interface Settings {
  /** The stack's configuration: the value of a full key such as `aws-auth:cluster`, undefined where it is not set. */
  config(key: string): string | undefined;
  /** The environment. The AWS SDK and the plugins that a kubeconfig runs read the process's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The directory that relative paths start from: the Pulumi program's. */
  readonly cwd: string;
}

/** What can be said, outside of a resource, on how to reach a cluster. */
type ConnectionField = "profile" | "roleArn" | "kubeconfig" | "context";

/** Where each of them is looked up, in messages and in code. */
export const connectionSources = {
  profile: { env: "AWS_AUTH_PROFILE", config: ["aws-auth:profile", "aws:profile"] },
  roleArn: { env: "AWS_AUTH_ROLE_ARN", config: ["aws-auth:roleArn"] },
  kubeconfig: { env: "AWS_AUTH_KUBECONFIG", config: ["aws-auth:kubeconfig"] },
  context: { env: "AWS_AUTH_CONTEXT", config: ["aws-auth:context"] },
} as const satisfies Record<ConnectionField, { readonly env: string; readonly config: readonly string[] }>;

/** A value and the name of the place where it was found, for messages. */
export interface Found {
  readonly value: string;
  /** For example `AWS_AUTH_PROFILE`, `aws-auth:profile`, or `the resource`. */
  readonly source: string;
}

/** What messages about a failed connection add: what looks like a wrong setting is often an old one. */
export const recordedConfigHint =
  "refresh and destroy see the stack configuration of the last up, unless given --run-program; environment variables are always the current ones";

/** What the environment says; empty counts as not set, since that is how shells and CI systems unset a variable. */
export function fromEnv(settings: Settings, ...names: readonly string[]): Found | undefined {
  return firstSet(names, (name) => settings.env[name]);
}

/** What the stack's configuration says; empty counts as not set. */
export function fromConfig(settings: Settings, ...keys: readonly string[]): Found | undefined {
  return firstSet(keys, (key) => settings.config(key));
}

/**
 * How to connect: what the environment says, else what the resource itself names, else the stack's configuration. The environment
 * comes first so that moved or rotated credentials never block a refresh or a destroy.
 */
export function lookUp(field: "profile" | "roleArn", own: string | undefined, settings: Settings): Found | undefined {
  const { env, config } = connectionSources[field];
  return (
    fromEnv(settings, env) ??
    (own === undefined ? undefined : { value: own, source: "the resource" }) ??
    fromConfig(settings, ...config)
  );
}

/**
 * What a cluster that cannot be reached does to a preview: fail it, or only warn about it. `aws-auth:unreachable`, by default
 * `error`.
 *
 * @throws AwsAuthError `invalidInput` for another value.
 */
export function unreachablePolicy(settings: Settings): "warn" | "error" {
  return oneOf(settings, "aws-auth:unreachable", ["error", "warn"]);
}

/**
 * Whether a destroy goes on without a cluster that cannot be reached. `aws-auth:deleteUnreachable`, by default `false`.
 *
 * @throws AwsAuthError `invalidInput` for another value.
 */
export function deletesUnreachable(settings: Settings): boolean {
  return oneOf(settings, "aws-auth:deleteUnreachable", ["false", "true"]) === "true";
}

/**
 * Whether a resource that does not say so itself refuses to share its principal with another entry. `aws-auth:noDuplicateARNs`, by
 * default `true`.
 *
 * @throws AwsAuthError `invalidInput` for another value.
 */
export function refusesDuplicates(settings: Settings): boolean {
  return oneOf(settings, "aws-auth:noDuplicateARNs", ["true", "false"]) === "true";
}

/**
 * What a run does that would take the last mapping to a group without which the cluster cannot be used, or the caller's own: only
 * warn about it, or refuse. `aws-auth:lockoutProtection`, by default `warn`.
 *
 * @throws AwsAuthError `invalidInput` for another value.
 */
export function lockoutProtection(settings: Settings): "warn" | "error" {
  return oneOf(settings, "aws-auth:lockoutProtection", ["warn", "error"]);
}

/**
 * Whether mappings are claimed in the map, so that other stacks know whose an entry is: `on`, `all` for those of earlier versions as
 * well, or `off`. `aws-auth:ownership`, by default `on`.
 *
 * @throws AwsAuthError `invalidInput` for another value.
 */
export function ownershipPolicy(settings: Settings): "on" | "all" | "off" {
  return oneOf(settings, "aws-auth:ownership", ["on", "all", "off"]);
}

/**
 * Checks what is looked at only later in a run, in the middle of an `up` or by a destroy.
 *
 * @throws AwsAuthError `invalidInput`.
 */
export function assertSettings(settings: Settings): void {
  refusesDuplicates(settings);
  unreachablePolicy(settings);
  deletesUnreachable(settings);
  lockoutProtection(settings);
  ownershipPolicy(settings);
}

/** A path as users write it: relative to the program's directory, or to the home directory where it starts with `~/`. */
export function absolutePath(path: string, settings: Settings): string {
  return path === "~" || path.startsWith("~/")
    ? join(homeDirectory(settings), path.slice(1))
    : resolve(settings.cwd, path);
}

/** The user's home directory. */
export function homeDirectory(settings: Settings): string {
  return settings.env["HOME"] || settings.env["USERPROFILE"] || homedir();
}

/** The value of a setting that allows these, the first being the default. */
function oneOf<T extends string>(settings: Settings, key: string, allowed: readonly [T, ...T[]]): T {
  const found = fromConfig(settings, key)?.value;
  const value = found === undefined ? allowed[0] : allowed.find((candidate) => candidate === found);
  if (value === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `stack configuration ${key} ${quoted(found)} must be one of: ${allowed.join(", ")}`,
    );
  }
  return value;
}

function firstSet(names: readonly string[], get: (name: string) => string | undefined): Found | undefined {
  for (const name of names) {
    const value = get(name)?.trim();
    if (value) {
      return { value, source: name };
    }
  }
  return undefined;
}

/** What a stack's configuration may say under `aws-auth:`. */
export const settingNames = [
  "cluster",
  "region",
  "profile",
  "roleArn",
  "kubeconfig",
  "context",
  "manifest",
  "noDuplicateARNs",
  "lockoutProtection",
  "unreachable",
  "deleteUnreachable",
  "ownership",
  "owner",
] as const;

/**
 * Finds keys that have no effect. Pulumi gives all of a stack's configuration to everybody, so that nobody else complains about a
 * misspelt one.
 *
 * @param keys all full keys of the stack.
 * @param project the project's name. The keys of a project that is called aws-auth itself are its own: of them only what is nearly
 * one of ours is told.
 * @returns a sentence for each.
 */
export function describeUnknownSettings(keys: readonly string[], project: string): string[] {
  return keys.flatMap((key) => {
    const [, name] = /^aws-auth:(?:config:)?(.+)$/.exec(key) ?? [];
    if (name === undefined || settingNames.some((known) => known === name)) {
      return [];
    }
    const meant = closestOf(name, settingNames);
    if (meant === undefined && project === "aws-auth") {
      return [];
    }
    const remedy = meant === undefined ? `the keys are ${settingNames.join(", ")}` : `did you mean aws-auth:${meant}?`;
    return [`stack configuration aws-auth:${name} is not known, and has no effect; ${remedy}`];
  });
}
