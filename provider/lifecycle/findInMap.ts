import { report } from "../diagnostics";
import {
  type AwsAuthDocument,
  assertReadable,
  dataKeys,
  describeMap,
  type Entry,
  entryInForce,
  entryMapping,
  findEntries,
  isEffective,
  isSso,
} from "../document";
import { AwsAuthError } from "../errors";
import { arnMismatches, hiddenTexts, type Mapping, principalKey, validateMapping } from "../mapping";
import { quoted } from "../text";
import { describeEntry, describeSubject } from "./describe";
import { hasContentOf } from "./ownEntry";

/** The entry in aws-auth that counts for a principal. */
export interface FoundInMap {
  readonly live: Mapping;
  /** Whether there are other entries for the principal, with other content. */
  readonly hasRivals: boolean;
}

/**
 * Finds the entry that an import names.
 *
 * @param isWanted whether it is the one to import, of which the user is told what is special.
 * @throws AwsAuthError `invalidInput` for a wanted entry that no program can declare, and `unreadableKey`.
 */
export async function findInMap(
  document: AwsAuthDocument,
  subject: string,
  isWanted: boolean,
): Promise<FoundInMap | undefined> {
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const entries = findEntries(document, principalKey(subject)).filter((entry) => !isSso(entry));
  const entry = entryInForce(entries) ?? (isWanted ? entries.at(-1) : undefined);
  const live = entry && entryMapping(entry);
  if (entry === undefined || live === undefined) {
    return undefined;
  }
  const others = entries.filter((other) => other !== entry);
  const hasRivals = others.some((other) => !isEffective(other) || !hasContentOf(other, live));
  if (isWanted) {
    assertDeclarable(document, entry, live);
    if (others.length > 0) {
      await report("warning", describeSeveral(document, entry, live, hasRivals), undefined);
    }
  }
  return { live, hasRivals };
}

/** Of an entry that a check refuses, Pulumi would print code, and call the refusal a bug in the provider. */
function assertDeclarable(document: AwsAuthDocument, entry: Entry, live: Mapping): void {
  const { kind: _kind, ...fields } = live;
  const reasons = [
    // A resource writes the ARN without the role's path, which gives access to somebody.
    ...(isEffective(entry) ? [] : arnMismatches(entry.arn ?? "")),
    ...validateMapping(fields, () => false).problems,
  ].map(({ reason }) => reason);
  const hidden = hiddenTexts(live).map((text) => `${quoted(text)} has characters that cannot be seen`);
  const all = [...reasons, ...hidden];
  if (all.length > 0) {
    throw new AwsAuthError(
      "invalidInput",
      `${describeEntry(document, entry)} in ${describeMap(document.origin)} cannot be imported: ${all.join("; ")}; correct the entry, or declare a mapping with adopt: true in place of the import, which corrects it`,
    );
  }
}

/** Says which of several entries is imported. */
function describeSeveral(document: AwsAuthDocument, entry: Entry, live: Mapping, hasRivals: boolean): string {
  const subject = `${describeMap(document.origin)} has several entries for ${describeSubject(live)}`;
  const imported = `${describeEntry(document, entry)} is imported, which is the one that counts`;
  return hasRivals
    ? `${subject}; ${imported}; the others stay because of noDuplicateARNs: false, and adopt: true in its place removes them`
    : `${subject}, which say the same; ${imported}; adopt: true removes the others`;
}
