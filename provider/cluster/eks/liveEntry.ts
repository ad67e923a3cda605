import type { AssociatedAccessPolicy, AccessEntry as AwsAccessEntry } from "@aws-sdk/client-eks";
import type { AccessEntryType, LiveAccessEntry } from "../../accessEntries";
import { accessEntryTypes } from "../../accessEntries/accessEntry";

/** An access entry as the SDK has it, with its policies. */
export function liveEntry(entry: AwsAccessEntry, policies: readonly AssociatedAccessPolicy[]): LiveAccessEntry {
  return {
    principalArn: entry.principalArn ?? "",
    type: entryType(entry.type),
    username: entry.username ?? "",
    groups: entry.kubernetesGroups ?? [],
    policies: policies.map(({ policyArn = "", accessScope }) => ({
      policyArn,
      scope:
        accessScope?.type === "namespace"
          ? { type: "namespace", namespaces: accessScope.namespaces ?? [] }
          : { type: "cluster" },
    })),
    arn: entry.accessEntryArn ?? "",
    tags: entry.tags ?? {},
    createdAt: entry.createdAt ?? new Date(0),
    modifiedAt: entry.modifiedAt ?? new Date(0),
  };
}

/** A type that this version does not know is as good as any that has no username and groups of one's own. */
function entryType(type: string | undefined): AccessEntryType {
  return accessEntryTypes.find((known) => known === type) ?? "EC2";
}
