import type { Mapping } from "../../provider/mapping";
import { parseIamArn, principalOf } from "../../provider/mapping";

/**
 * Names resources after what they map: the role's or user's name, or `account-111122223333`. Where that is not enough the kind, the
 * account and the partition are added, and a number for several entries of one identity. A name does not depend on the place of an
 * entry among those of others.
 *
 * @returns a name for each mapping, unique in any letter case.
 */
export function nameResources(mappings: readonly Mapping[]): readonly string[] {
  const parts = mappings.map(partsOf);
  const used = new Set<string>();
  return parts.map((own) => unusedName(qualifiedName(own, parts), used));
}

/** Adds one part after the other, as long as there is somebody to be told apart from. */
function qualifiedName(own: NameParts, all: readonly NameParts[]): string {
  let rivals = all.filter((other) => other.base.toLowerCase() === own.base.toLowerCase());
  let name = own.base;
  for (const part of ["kind", "account", "partition"] as const) {
    if (rivals.some((other) => other[part] !== own[part])) name += `-${own[part]}`;
    rivals = rivals.filter((other) => other[part] === own[part]);
  }
  return name;
}

interface NameParts {
  readonly base: string;
  readonly kind: string;
  readonly account: string;
  readonly partition: string;
}

function partsOf(mapping: Mapping): NameParts {
  if (mapping.kind === "account") {
    return { base: `account-${mapping.account}`, kind: "account", account: mapping.account, partition: "" };
  }
  const arn = parseIamArn(mapping.arn);
  if (arn.kind === "fault") return { base: principalOf(mapping), kind: mapping.kind, account: "", partition: "" };
  return { base: arn.name, kind: arn.kind, account: arn.account, partition: arn.partition };
}

function unusedName(name: string, used: Set<string>): string {
  let unused = name;
  for (let number = 2; used.has(unused.toLowerCase()); number++) unused = `${name}-${number}`;
  used.add(unused.toLowerCase());
  return unused;
}
