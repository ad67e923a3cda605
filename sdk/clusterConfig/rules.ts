import { array, boolean, type core, strictObject, string, unknown } from "zod";
import { type ArnFaultCode, parseIamArn, validateMapping } from "../../provider/mapping";
import { closestOf, quoted } from "../../provider/text";
import { describeUnknownService, isServiceName, namespaceFault } from "../services";
import type { ConfigSource, Finding, Path } from "./config";

/** An item whose keys have the right types; what is empty is left out. */
export interface TypedMapping {
  readonly arn?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly account?: string;
  readonly serviceName?: string;
  readonly namespace?: string;
  readonly noDuplicateARNs?: boolean;
}

/** What is wrong with one item: eksctl's rules in eksctl's words, then ours. Every fault is reported, each once. */
export function mappingFindings(item: TypedMapping, path: Path): Finding[] {
  return [...combinationFindings(item, path), ...fieldFindings(item, path)];
}

/** What is wrong with the keys of an item each by itself: all that can be said of an item of which a part is not readable. */
export function fieldFindings(item: TypedMapping, path: Path): Finding[] {
  return [...serviceFindings(item, path), ...identityFindings(item, path)];
}

/** Which keys go together. */
function combinationFindings(item: TypedMapping, path: Path): Finding[] {
  const { account, serviceName, namespace, arn } = item;
  const identity = identityKeys.filter((key) => item[key] !== undefined);
  const others = [...identity, ...(["serviceName", "namespace"] as const).filter((key) => item[key] !== undefined)];
  const found = (key: string, reason: string): Finding => ({ path: [...path, key], reason });
  if (account !== undefined) {
    return others.length === 0
      ? []
      : [found("account", `account cannot be configured with any other options; remove ${others.join(", ")}`)];
  }
  if (serviceName !== undefined) {
    return [
      // eksctl complains only where all three are there, and ignores one or two.
      ...(identity.length > 0
        ? [
            found(
              identity[0] ?? "",
              `cannot use arn, username, and groups with serviceName; remove ${identity.join(", ")}`,
            ),
          ]
        : []),
      ...(namespace === undefined
        ? [
            found(
              "serviceName",
              "namespace is required when using serviceName; add the namespace that the service works in",
            ),
          ]
        : []),
    ];
  }
  if (namespace !== undefined) {
    return [found("namespace", "serviceName is required when using namespace; add serviceName, or remove namespace")];
  }
  if (arn === undefined) {
    return [{ path, reason: "none of arn, account and serviceName is set; set one" }];
  }
  return identity.length > 1
    ? []
    : [found("arn", "neither username nor group are set for iam identity; set username, groups or both")];
}

function serviceFindings({ serviceName, namespace }: TypedMapping, path: Path): Finding[] {
  const findings: Finding[] = [];
  if (serviceName !== undefined && !isServiceName(serviceName)) {
    findings.push({ path: [...path, "serviceName"], reason: describeUnknownService(serviceName) });
  }
  const fault = namespace === undefined ? undefined : namespaceFault(namespace);
  if (fault !== undefined) {
    findings.push({ path: [...path, "namespace"], reason: fault });
  }
  return findings;
}

/** The rules for each field by itself, which are those of an IdentityMapping. */
function identityFindings({ arn, username, groups, account }: TypedMapping, path: Path): Finding[] {
  const findings: Finding[] = [];
  if (arn !== undefined || username !== undefined || groups !== undefined) {
    // What is missing is reported by the rules on combinations; a stand-in keeps it from being reported twice.
    const complete = { arn: arn ?? "arn:aws:iam::111122223333:role/any", username: username ?? "any", groups };
    for (const { property, reason } of validateMapping(complete, () => false).faults) {
      findings.push({ path: [...path, property], reason: property === "arn" ? `${arnWords(arn)}${reason}` : reason });
    }
  }
  if (account !== undefined) {
    for (const { property, reason } of validateMapping({ account }, () => false).faults) {
      findings.push({ path: [...path, property], reason });
    }
  }
  return findings;
}

const identityKeys = ["arn", "username", "groups"] as const;

/** How eksctl begins its message about such an ARN. */
function arnWords(arn: string | undefined): string {
  const parsed = arn === undefined ? undefined : parseIamArn(arn);
  return parsed?.kind === "fault" ? (eksctlWords[parsed.code] ?? "") : "";
}

const neither = "arn is neither user nor role: ";

const eksctlWords: Partial<Record<ArnFaultCode, string>> = {
  notArn: "arn: invalid prefix: ",
  assumedRole: neither,
  federatedUser: neither,
  root: neither,
  group: neither,
  policy: neither,
  instanceProfile: neither,
  otherResource: neither,
  otherService: neither,
};

/**
 * What a schema has to say about a part of a ClusterConfig, in words.
 *
 * @param base where the part is.
 * @param keys the keys that it may have.
 */
export function typeFindings(
  issues: readonly core.$ZodIssue[],
  base: Path,
  keys: readonly string[],
  source: ConfigSource,
): Finding[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], reason: describeUnknownKey(key, keys) }));
    }
    const expected = issue.code === "invalid_type" ? issue.expected : issue.code;
    return [{ path, reason: describeType(expected, path, source) }];
  });
}

/** What is wrong with a key that is not known. */
function describeUnknownKey(key: string, keys: readonly string[]): string {
  const meant = closestOf(key, keys);
  return `unknown key ${quoted(key)}; ${meant === undefined ? "" : `did you mean ${quoted(meant)}? `}allowed: ${keys.join(", ")}`;
}

/** What is wrong with the type of a value. */
function describeType(expected: string, path: Path, source: ConfigSource): string {
  const value = valueAt(source.value, path);
  const shown = typeof value === "object" && value !== null ? describeKind(value) : spelt(value, path, source);
  const name = [...path].reverse().find((step) => typeof step === "string") ?? "";
  switch (expected) {
    case "string":
      return `${name} ${shown} is not a text but ${describeKind(value)}${consequence(value, path, source)}`;
    case "array":
      return `${name} ${shown} is not a list; write ${name}: [${typeof value === "string" ? quoted(value) : "..."}]`;
    case "boolean":
      return `${name} ${shown} must be true or false, without quotes`;
    default:
      return `${shown} is not a mapping of keys to values`;
  }
}

function consequence(value: unknown, path: Path, source: ConfigSource): string {
  if (typeof value === "object") {
    return "";
  }
  const spelling = source.spelling(path);
  const isAccount = path.at(-1) === "account";
  const loss = isAccount ? ", which loses leading zeros" : "";
  return spelling === undefined
    ? `${loss}; write it in quotes${isAccount ? ", as a string of 12 digits" : ""}`
    : ` to YAML${loss}; write it in quotes: "${spelling}"`;
}

function spelt(value: unknown, path: Path, source: ConfigSource): string {
  return typeof value === "string" ? quoted(value) : (source.spelling(path) ?? String(value));
}

function describeKind(value: unknown): string {
  if (Array.isArray(value)) {
    return "a list";
  }
  if (value instanceof Date) {
    return "a date";
  }
  return value === null || value === undefined
    ? "nothing"
    : typeof value === "object"
      ? "a mapping"
      : `a ${typeof value}`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((parent, step) => {
    const entries: [string, unknown][] = typeof parent === "object" && parent !== null ? Object.entries(parent) : [];
    return entries.find(([key]) => key === String(step))?.[1];
  }, value);
}

// A key without a value is null, which eksctl takes for a key that is not there.
const text = string().nullish();

/** The `metadata` of an eksctl file. What only concerns the making of the cluster is known here, and not looked at. */
export const metadataSchema = strictObject({
  name: text,
  region: text,
  version: unknown().optional(),
  forceUpdateVersion: unknown().optional(),
  rollbackConfig: unknown().optional(),
  tags: unknown().optional(),
  annotations: unknown().optional(),
});

/** One item of `iamIdentityMappings`: the types of its keys. Which go together is another matter. */
export const mappingSchema = strictObject({
  arn: text,
  username: text,
  groups: array(string()).nullish(),
  account: text,
  serviceName: text,
  namespace: text,
  noDuplicateARNs: boolean().nullish(),
});

/** What has these keys in a file. */
export const metadataKeys: readonly string[] = Object.keys(metadataSchema.shape);

/** The keys of an item. */
export const mappingKeys: readonly string[] = Object.keys(mappingSchema.shape);
