/** One mapping of a benchmark's stack, as in every variant's program and in the prepared maps. */
export interface BenchMapping {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** The mapping of a number. Its source is copied into the programs, so it must be self-contained. */
export function mappingNumber(index: number): BenchMapping {
  return {
    arn: `arn:aws:iam::111122223333:role/m${index}`,
    username: `user:${index}`,
    groups: ["viewers", `group-${index % 10}`],
  };
}

/** Text of mapRoles with that many mappings, in the package's own style. */
export function mapRolesOf(count: number): string {
  return Array.from({ length: count }, (_, index) => entryText(mappingNumber(index))).join("");
}

function entryText({ arn, username, groups }: BenchMapping): string {
  const lines = groups.map((group) => `  - ${group}\n`).join("");
  return `- groups:\n${lines}  rolearn: ${arn}\n  username: ${username}\n`;
}
