/** One mapping of a benchmark's stack, as every variant's program and the maps made beforehand say it. */
export interface BenchMapping {
  readonly arn: string;
  readonly username: string;
  readonly groups: readonly string[];
}

/** The mapping of a number. Its source goes into the programs, so that it uses nothing from outside. */
export function mappingNumber(index: number): BenchMapping {
  return {
    arn: `arn:aws:iam::111122223333:role/m${index}`,
    username: `user:${index}`,
    groups: ["viewers", `group-${index % 10}`],
  };
}

/** Text of mapRoles with the mappings of so many numbers, in the package's own style. */
export function mapRolesOf(count: number): string {
  return Array.from({ length: count }, (_, index) => entryText(mappingNumber(index))).join("");
}

function entryText({ arn, username, groups }: BenchMapping): string {
  const lines = groups.map((group) => `  - ${group}\n`).join("");
  return `- groups:\n${lines}  rolearn: ${arn}\n  username: ${username}\n`;
}
