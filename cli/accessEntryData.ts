import { describePolicy } from "../provider/access/accessPolicies";
import { type AccessPolicy, type LiveAccessEntry, ownersIn, policyName } from "../provider/accessEntries";

/** An access entry as data. */
export function accessEntryData(entry: LiveAccessEntry): object {
  const { principalArn, type, username, groups, policies } = entry;
  return {
    accessEntry: principalArn,
    type,
    username,
    groups,
    policies: policies.map(policyData),
    owners: ownersIn(entry),
  };
}

/** An access policy as data: the namespaces are absent for the whole cluster. */
export function policyData({ policyArn, scope }: AccessPolicy): object {
  const name = policyName(policyArn);
  const gives = describePolicy(name);
  return {
    name,
    policyArn,
    ...(scope.type === "namespace" && { namespaces: scope.namespaces }),
    ...(gives !== undefined && { gives }),
  };
}

/** An access policy in words: `AmazonEKSViewPolicy (much as view) in "team-a", "team-b"`. */
export function policyText({ policyArn, scope }: AccessPolicy): string {
  const name = policyName(policyArn);
  const where = scope.type === "cluster" ? "everywhere" : `in ${scope.namespaces.map(quote).join(", ")}`;
  return `${name} (${describePolicy(name) ?? "its rules are not known here"}) ${where}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
