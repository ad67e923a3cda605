import type { BenchMapping } from "./mappings.ts";

/** An eksctl ClusterConfig of the mappings, each of which refuses a second entry for its ARN: otherwise each run of eksctl appends all of them again. */
export function clusterConfigOf(name: string, region: string, mappings: readonly BenchMapping[]): string {
  const items = mappings.map(
    ({ arn, username, groups }) =>
      `  - arn: ${arn}\n    username: ${username}\n    groups:\n${groups.map((group) => `      - ${group}\n`).join("")}    noDuplicateARNs: true\n`,
  );
  return `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig

metadata:
  name: ${name}
  region: ${region}

iamIdentityMappings:
${items.join("")}`;
}
