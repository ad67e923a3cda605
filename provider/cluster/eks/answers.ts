import type { AssociatedAccessPolicy, AccessEntry as AwsAccessEntry } from "@aws-sdk/client-eks";
import type { LiveAccessEntry } from "../../accessEntries";
import { accessEntryTypes } from "../../accessEntries/accessEntry";
import { isNotFound } from "./awsErrors";

/** All pages of a list. */
export async function all<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const read: Page[] = [];
  for await (const page of pages) {
    read.push(page);
  }
  return read;
}

/** What a call returns; undefined if EKS does not have what it names. */
export async function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** An access entry as the SDK has it, with its policies. */
export function liveEntry(entry: AwsAccessEntry, policies: readonly AssociatedAccessPolicy[]): LiveAccessEntry {
  return {
    principalArn: entry.principalArn ?? "",
    // A type that this version does not know has no username and groups that could be set, as type EC2.
    type: accessEntryTypes.find((known) => known === entry.type) ?? "EC2",
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
    // The association of a policy may not count as a change of the entry itself.
    modifiedAt: new Date(Math.max(...[entry, ...policies].map(({ modifiedAt }) => modifiedAt?.getTime() ?? 0))),
  };
}
