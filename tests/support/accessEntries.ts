import type { AccessEntryContent, AccessPolicy, LiveAccessEntry } from "../../provider/accessEntries/accessEntry.ts";
import { notInIam } from "../../provider/accessEntries/accessEntry.ts";
import { type Translation, type TranslationRefusal, translate } from "../../provider/accessEntries/translate.ts";
import type { Mapping } from "../../provider/mapping/index.ts";
import type { MissingPrincipal } from "../../provider/reports/readCluster.ts";

/** IAM has no role or user of an ARN, and no later one of a permission set. */
export const missing: MissingPrincipal = { isMissing: true, text: notInIam, successor: undefined };

/** The role that the access entry tests use. */
export const arn = "arn:aws:iam::111122223333:role/dev";

/** The administrator policy, with cluster scope. */
export const adminPolicy: AccessPolicy = {
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  scope: { type: "cluster" },
};

/** The view policy, with namespace scope. */
export function viewPolicy(...namespaces: readonly string[]): AccessPolicy {
  return {
    policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    scope: { type: "namespace", namespaces },
  };
}

/** The access entry that a resource declares for the role. */
export function declaredEntry(content: Partial<AccessEntryContent> = {}): AccessEntryContent {
  return { principalArn: arn, type: "STANDARD", username: "dev", groups: ["viewers"], policies: [], ...content };
}

/** The role's access entry in EKS. */
export function live(content: Partial<LiveAccessEntry> = {}): LiveAccessEntry {
  return {
    ...declaredEntry(),
    username: "dev",
    arn: "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/role/111122223333/dev/1",
    tags: {},
    createdAt: new Date("2026-02-01T00:00:00Z"),
    modifiedAt: new Date("2026-02-01T00:00:00Z"),
    ...content,
  };
}

/** The access entry that EKS creates for its service-linked role in each new cluster. */
export const serviceEntry = {
  principalArn: "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
  username: "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAmazonEKS/{{SessionName}}",
  groups: [],
  policies: ["AmazonEKSClusterInsightsPolicy", "AmazonEKSEventPolicy"].map((name): AccessPolicy => {
    return { policyArn: `arn:aws:eks::aws:cluster-access-policy/${name}`, scope: { type: "cluster" } };
  }),
};

/** A user with a path. */
export const user = "arn:aws:iam::111122223333:user/eng/ann";

/** The username and groups of a node mapping. */
export const nodeName = "system:node:{{EC2PrivateDNSName}}";
export const nodeGroups = ["system:bootstrappers", "system:nodes"];

/** The cluster for which mappings are translated. */
export const cluster = { account: "111122223333", partition: "aws" };

/** A mapping of the role, or of `principal`. */
export function mapping(username: string, groups: readonly string[] = [], principal = arn): Mapping {
  const kind = principal.includes(":user/") ? "user" : "role";
  return { kind, arn: principal, username, groups };
}

/** Translates a mapping, by default for a principal with the path in the mapping's ARN. */
export function translated(
  given: Mapping,
  principalArn = given.kind === "account" ? "" : given.arn,
  where = cluster,
): Translation {
  return translate(given, principalArn, where);
}

/** The reasons why a mapping cannot be an access entry; empty if it can. */
export function refusalsOf(...given: Parameters<typeof translated>): readonly TranslationRefusal[] {
  const result = translated(...given);
  return result.kind === "refused" ? result.refusals : [];
}
