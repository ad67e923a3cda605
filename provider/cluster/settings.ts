import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { authenticationModes } from "../accessEntries/accessEntry";
import { AwsAuthError, asAwsAuthError } from "../errors";
import { fieldsOf, jsonFields } from "../text/fields";
import { quoted } from "../text/text";
import { isKubeconfigContent } from "./clusterInput";

/** The stack configuration and the environment, injected so that no other module reads them directly. */
export interface Settings {
  /** The value of a full configuration key such as `aws-auth:cluster`; undefined if it is not set. */
  config(key: string): string | undefined;
  /** The environment variables. The AWS SDK and credential plugins read the process's own environment instead. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The base directory of relative paths: that of the Pulumi program. */
  readonly cwd: string;
  /** The base directory of paths in environment variables, if it differs. */
  readonly envCwd?: string;
}

type ConnectionField = "profile" | "roleArn" | "kubeconfig" | "context";

export const connectionSources = {
  profile: { env: "AWS_AUTH_PROFILE", config: ["aws-auth:profile", "aws:profile"] },
  roleArn: { env: "AWS_AUTH_ROLE_ARN", config: ["aws-auth:roleArn"] },
  kubeconfig: { env: "AWS_AUTH_KUBECONFIG", config: ["aws-auth:kubeconfig"] },
  context: { env: "AWS_AUTH_CONTEXT", config: ["aws-auth:context"] },
} as const satisfies Record<ConnectionField, { readonly env: string; readonly config: readonly string[] }>;

export interface Setting {
  readonly value: string;
  /** For example `AWS_AUTH_PROFILE`, `aws-auth:profile` or `the resource`. */
  readonly source: string;
}

/** A hint for messages about failed connections, since a setting that looks wrong is often an outdated one. */
export const recordedConfigHint =
  '"pulumi refresh" and "pulumi destroy" use the configuration of the last update unless you pass --run-program';

/** Removes this hint, which applies only to Pulumi programs. */
export function withoutConfigHint(message: string): string {
  return message.replace(` (${recordedConfigHint})`, "");
}

/** A value from the environment. An empty value is treated as unset, since shells and CI systems unset variables in this way. */
export function fromEnv(settings: Settings, ...names: readonly string[]): Setting | undefined {
  return firstSet(names, (name) => settings.env[name]);
}

/** A value from the stack configuration. An empty value counts as unset. */
export function fromConfig(settings: Settings, ...keys: readonly string[]): Setting | undefined {
  return firstSet(keys, (key) => settings.config(key));
}

export interface BySource {
  readonly env: Setting | undefined;
  /** The value in the resource, which its state stores. */
  readonly own: Setting | undefined;
  readonly stack: Setting | undefined;
}

export function bySource(field: ConnectionField, own: string | undefined, settings: Settings): BySource {
  const { env, config } = connectionSources[field];
  return {
    env: fromEnv(settings, env),
    own: own === undefined ? undefined : { value: own, source: "the resource" },
    stack: fromConfig(settings, ...config),
  };
}

/** The environment takes precedence, so that moved or rotated credentials never block a refresh or a destroy. */
export function lookUp(field: ConnectionField, own: string | undefined, settings: Settings): Setting | undefined {
  const found = bySource(field, own, settings);
  return found.env ?? found.own ?? found.stack;
}

/**
 * The role in the configuration of @pulumi/aws: `aws:assumeRoles` of version 7, `aws:assumeRole` of version 6.
 *
 * @throws AwsAuthError `invalidInput` unless it is one role with only an ARN. Without the role, the run could find a cluster of the same
 * name in another account.
 */
export function assumedRole(settings: Settings): Setting | undefined {
  const isSet = (key: string) => !/^\s*(?:\[\s*\]\s*)?$/.test(settings.config(key) ?? "");
  const source = ["aws:assumeRoles", "aws:assumeRole"].find(isSet);
  if (source === undefined) {
    return undefined;
  }
  const roles = [jsonFields(`{ "roles": ${settings.config(source)} }`)?.["roles"]].flat();
  const fields = Object.entries(fieldsOf(roles[0])).filter(([, value]) => value !== null && value !== "");
  const [[name, value] = []] = fields;
  if (roles.length === 1 && fields.length === 1 && name === "roleArn" && typeof value === "string") {
    return { value, source };
  }
  const found = roles.length > 1 ? `${roles.length} roles` : fields.map(([field]) => field).join(", ") || "no role";
  throw new AwsAuthError(
    "invalidInput",
    `stack configuration ${source} must be one role with only roleArn, but has ${found}; set aws-auth:roleArn to the role to assume for the cluster`,
  );
}

/** The reader of a setting with a list of allowed values, of which the first is the default. */
function choice<T extends string>(key: string, allowed: readonly [T, ...T[]], env?: string): (settings: Settings) => T {
  return (settings) => {
    const found = (env === undefined ? undefined : fromEnv(settings, env)) ?? fromConfig(settings, key);
    const value = found === undefined ? allowed[0] : allowed.find((candidate) => candidate === found.value);
    if (value === undefined) {
      const where = found?.source === key ? `stack configuration ${key}` : found?.source;
      const reason = `${where} ${quoted(found?.value)} must be one of: ${allowed.join(", ")}`;
      throw new AwsAuthError("invalidInput", reason);
    }
    return value;
  };
}

/** How to handle a change that would leave no administrator or no node, or would remove the run's own access. */
export const lockoutProtection = choice(
  "aws-auth:lockoutProtection",
  ["error", "warn", "off"],
  "AWS_AUTH_LOCKOUT_PROTECTION",
);

export const defaultAuthenticationMode = choice("aws-auth:authenticationMode", authenticationModes);

/** Whether the stack sets `aws-auth:authenticationMode`, even to the default. */
export function isAuthenticationModeSet(settings: Settings): boolean {
  return fromConfig(settings, "aws-auth:authenticationMode") !== undefined;
}

/** The problem with settings that are otherwise read only during an `up` or a destroy; undefined if they are valid. */
export function invalidSetting(settings: Settings): string | undefined {
  try {
    lockoutProtection(settings);
    defaultAuthenticationMode(settings);
    return undefined;
  } catch (error) {
    return asAwsAuthError(error).message;
  }
}

/** Makes a user's path absolute: relative to the program's directory, or to the home directory if it starts with `~/`. */
export function absolutePath(path: string, settings: Settings): string {
  return path === "~" || path.startsWith("~/")
    ? join(settings.env["HOME"] || settings.env["USERPROFILE"] || homedir(), path.slice(1))
    : resolve(settings.cwd, path);
}

/** @throws AwsAuthError `invalidInput` for the secret content of a kubeconfig in the wrong place, since messages quote values. */
function firstSet(names: readonly string[], get: (name: string) => string | undefined): Setting | undefined {
  for (const name of names) {
    const value = get(name)?.trim();
    if (value) {
      if (!/kubeconfig$/i.test(name) && isKubeconfigContent(value)) {
        throw new AwsAuthError(
          "invalidInput",
          `${name} looks like file content; set a kubeconfig in aws-auth:kubeconfig or AWS_AUTH_KUBECONFIG`,
        );
      }
      return { value, source: name };
    }
  }
  return undefined;
}

export const settingNames = [
  "cluster",
  "region",
  "profile",
  "roleArn",
  "kubeconfig",
  "context",
  "manifest",
  "lockoutProtection",
  "authenticationMode",
  "owner",
] as const;

/** The problem with a key under `aws-auth:`, which Pulumi itself does not report. A project named aws-auth has its own keys there. */
export function settingProblem(name: string, project: string | undefined): string | undefined {
  return project === "aws-auth" || settingNames.some((known) => known === name)
    ? undefined
    : `aws-auth:${quoted(name).slice(1, -1)} is not a valid setting; valid settings: ${settingNames.join(", ")}`;
}
