import { type AwsAuthDocument, type DataKey, type Entry, entryInForce, findEntries, keyOf } from "../document";
import { type Mapping, principalOf } from "../mapping";
import type { Plan } from "./plan";

/**
 * The entry that will be in force for a plan's principal once the plan is carried out. Found without an edit of the document, so that
 * it costs little to ask for every change of a large program.
 */
export function inForceAfter(document: AwsAuthDocument, plan: Plan): Entry | undefined {
  const { own, wanted, inSync, removes } = plan;
  const staying = without(document, principalOf(wanted), removes);
  if (own !== undefined && inSync) {
    return entryInForce(staying);
  }
  const made = entryFrom(wanted, own?.key ?? keyOf(wanted));
  return entryInForce(own === undefined ? [...staying, made] : staying.map((entry) => (entry === own ? made : entry)));
}

/** The entry that will be in force for a principal once some of its entries are removed. */
export function inForceWithout(
  document: AwsAuthDocument,
  principal: string,
  removed: readonly Entry[],
): Entry | undefined {
  return entryInForce(without(document, principal, removed));
}

/** Whether anything is to be written for a plan. */
export function isChange({ inSync, removes }: Plan): boolean {
  return !inSync || removes.length > 0;
}

function without(document: AwsAuthDocument, principal: string, removed: readonly Entry[]): readonly Entry[] {
  return findEntries(document, principal).filter((entry) => !removed.includes(entry));
}

function entryFrom(mapping: Mapping, key: DataKey): Entry {
  const principal = principalOf(mapping);
  if (mapping.kind === "account") {
    return { key, principal, account: mapping.account, username: "", groups: [] };
  }
  return { key, principal, arn: mapping.arn, username: mapping.username ?? "", groups: mapping.groups };
}
