import { type DynamicFile, dynamicFile } from "../authenticator/dynamicFile.ts";
import type { EksStandIn } from "./standIn.ts";

/**
 * The access entries of a cluster as its authenticator sees them now, in the form that the real one reads.
 *
 * @param groupOf what group stands for the access policy of a name; default `system:masters`.
 */
export function entriesFile(aws: EksStandIn, cluster: string, groupOf?: (policy: string) => string): DynamicFile {
  const entries = aws.cluster(cluster).mode === "CONFIG_MAP" ? [] : aws.entriesInForce(cluster);
  return dynamicFile(
    entries.map((entry) => ({
      ...entry,
      policies: entry.policies.map(({ policyArn }) => policyArn.slice(policyArn.lastIndexOf("/") + 1)),
    })),
    groupOf,
  );
}
