import { type ArnProblemCode, parseIamArn, validateMapping } from "../../provider/mapping";
import { namespaceProblem, serviceProblem } from "../services";
import type { Finding, Path } from "./config";
import type { ReadMapping } from "./readFields";

/** The problems of one item: eksctl's rules with eksctl's messages, then ours. Reports each problem once. */
export function mappingFindings(item: ReadMapping, path: Path): Finding[] {
  return [...combinationFindings(item, path), ...fieldFindings(item, path)];
}

/** The problems of each key by itself, for items with unreadable parts. */
export function fieldFindings(item: ReadMapping, path: Path): Finding[] {
  return [...serviceFindings(item, path), ...identityFindings(item, path)];
}

function combinationFindings(item: ReadMapping, path: Path): Finding[] {
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
    // eksctl reports this only if all three are present, and ignores one or two.
    const mixed = `cannot use arn, username, and groups with serviceName; remove ${identity.join(", ")}`;
    const missing = "namespace is required when using serviceName; add the namespace that the service works in";
    return [
      ...identity.slice(0, 1).map((key) => found(key, mixed)),
      ...(namespace === undefined ? [found("serviceName", missing)] : []),
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

function serviceFindings({ serviceName, namespace }: ReadMapping, path: Path): Finding[] {
  const problems = [
    ["serviceName", serviceName === undefined ? undefined : serviceProblem(serviceName)],
    ["namespace", namespace === undefined ? undefined : namespaceProblem(namespace)],
  ] as const;
  return problems.flatMap(([key, reason]) => (reason === undefined ? [] : [{ path: [...path, key], reason }]));
}

/** The problems of each field, by the rules of an IdentityMapping. */
function identityFindings({ arn, username, groups, account }: ReadMapping, path: Path): Finding[] {
  const hasIdentity = arn !== undefined || username !== undefined || groups !== undefined;
  // Missing fields are reported by the rules for combinations. Placeholder values avoid reporting them twice.
  const complete = { arn: arn ?? "arn:aws:iam::111122223333:role/any", username: username ?? "any", groups };
  const given = [...(hasIdentity ? [complete] : []), ...(account === undefined ? [] : [{ account }])];
  const problems = given.flatMap((fields) => validateMapping(fields, () => false).problems);
  const first = problems.find(({ property }) => property === "arn");
  return problems.map((problem) => {
    const words = problem === first ? arnWords(arn) : "";
    return { path: [...path, problem.property], reason: `${words}${problem.reason}` };
  });
}

const identityKeys = ["arn", "username", "groups"] as const;

/** The start of eksctl's message about such an ARN. */
function arnWords(arn: string | undefined): string {
  const parsed = arn === undefined ? undefined : parseIamArn(arn);
  return parsed?.kind === "invalid" ? (eksctlWords[parsed.code] ?? "") : "";
}

const neither = "arn is neither user nor role: ";

const eksctlWords: Partial<Record<ArnProblemCode, string>> = {
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
