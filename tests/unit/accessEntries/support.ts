import type { AccessEntryContent, AccessPolicy, LiveAccessEntry } from "../../../provider/accessEntries/index.ts";

/** A role that all tests of access entries are about. */
export const arn = "arn:aws:iam::111122223333:role/dev";

/** The policy of administrators, in the whole cluster. */
export const adminPolicy: AccessPolicy = {
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  scope: { type: "cluster" },
};

/** A policy in namespaces. */
export function viewPolicy(...namespaces: readonly string[]): AccessPolicy {
  return {
    policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
    scope: { type: "namespace", namespaces },
  };
}

/** What a resource says of the role. */
export function says(content: Partial<AccessEntryContent> = {}): AccessEntryContent {
  return { principalArn: arn, type: "STANDARD", username: "dev", groups: ["viewers"], policies: [], ...content };
}

/** The role's access entry, as it is. */
export function live(content: Partial<LiveAccessEntry> = {}): LiveAccessEntry {
  return {
    ...says(),
    username: "dev",
    arn: "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/role/111122223333/dev/1",
    tags: {},
    createdAt: new Date("2026-02-01T00:00:00Z"),
    modifiedAt: new Date("2026-02-01T00:00:00Z"),
    ...content,
  };
}
