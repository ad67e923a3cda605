import {
  type AccessEntryContent,
  claimsIn,
  type LiveAccessEntry,
  mayLackPath,
  replaceTagClaims,
} from "../../accessEntries";
import { AwsAuthError, extended } from "../../errors";
import type { KnownEntries } from "../../session/knownEntries";
import { quoted } from "../../text/text";
import { entryOf } from "./accessEntryMessages";

/**
 * Makes an access entry with its policies. EKS takes them one call after the other, and an entry without them takes precedence over
 * aws-auth all the same: an administrator is none then. So an entry that does not get its policies is taken back.
 *
 * @param claim the ID of the resource's claim in the tags, if they have it.
 * @throws AwsAuthError any of the cluster codes, and `conflict` if the principal has an entry already.
 */
export async function makeAccessEntry(
  entries: KnownEntries,
  wanted: AccessEntryContent,
  tags: Readonly<Record<string, string>>,
  claim: string | undefined,
): Promise<void> {
  const { api } = entries;
  const { principalArn, policies } = wanted;
  let isMade = false;
  try {
    await api.create(wanted, tags);
    isMade = true;
    for (const policy of policies) {
      await api.associate(principalArn, policy);
    }
  } catch (error) {
    // EKS may have done what it did not answer.
    const isUnknown = !isMade && error instanceof AwsAuthError && error.code === "clusterUnreachable";
    if (policies.length > 0 || isUnknown) {
      await takeBack(entries, principalArn, isMade, claim, isUnknown).catch((undone: unknown) => {
        throw withRemains(error, undone, wanted);
      });
    }
    if (!isMade) {
      throw await withPathHint(error, entries, principalArn);
    }
    // A conflict about an entry that was made is no sign of another one of the same principal.
    throw error instanceof AwsAuthError && error.code === "conflict" ? extended(error, "run again", "rejected") : error;
  }
}

/**
 * Makes an access entry again that was deleted for one that cannot be made.
 *
 * @param isDead whether it let nobody in.
 * @param claim the ID of the resource's claim.
 * @param error why it cannot.
 * @returns the error to throw, which says what is left.
 */
export async function makeAgain(
  entries: KnownEntries,
  live: LiveAccessEntry,
  isDead: boolean,
  claim: string,
  error: unknown,
): Promise<unknown> {
  // After a conflict there is one, of somebody else.
  if (!(error instanceof AwsAuthError) || error.code === "conflict") {
    return error;
  }
  const what = entryOf(live);
  if (isDead) {
    return extended(error, `${what}, which let nobody in, is deleted`);
  }
  try {
    await makeAccessEntry(entries, live, replaceTagClaims(live.tags, [], undefined).tags, claim);
    return extended(error, `${what} was made again as it was`);
  } catch (undone) {
    if (!(undone instanceof AwsAuthError)) {
      throw undone;
    }
    return extended(error, `${what} is gone, and with it its access; make it again, or run again (${undone.message})`);
  }
}

/**
 * Deletes an access entry that was just made.
 *
 * @param isMade whether the entry is known to be made by this resource; else its claim tells, if EKS answered nothing.
 * @param isUnknown whether EKS may have made it all the same, and shows it later.
 * @throws AwsAuthError `claimed` if others want it by now, and any of the cluster codes.
 */
export async function takeBack(
  entries: KnownEntries,
  principalArn: string,
  isMade: boolean,
  claim: string | undefined,
  isUnknown = false,
): Promise<void> {
  const live = isMade
    ? await entries.settle(principalArn, (entry) => entry !== undefined)
    : await entries.api.read(principalArn);
  const claims = claimsIn(live?.tags ?? {});
  if (isUnknown && (live === undefined || (claim === undefined && claims.length === 0))) {
    const reason = live === undefined ? "EKS shows none yet" : "no tag says who has made it";
    throw new AwsAuthError("clusterUnreachable", reason);
  }
  const isOwn = isMade || claims.some(({ id }) => id !== undefined && id === claim);
  const others = claims.filter(({ id }) => id !== claim);
  if (isOwn && others.length > 0) {
    throw new AwsAuthError("claimed", `${others.map(({ label }) => quoted(label)).join(", ")} wants it as well`);
  }
  if (live !== undefined && isOwn) {
    await entries.delete(live);
  }
}

function withRemains(error: unknown, undone: unknown, { principalArn, policies }: AccessEntryContent): unknown {
  if (!(error instanceof AwsAuthError && undone instanceof AwsAuthError)) {
    return error;
  }
  const effect =
    policies.length === 0
      ? "now, which no state knows"
      : "without its access policies now, which takes precedence over aws-auth and makes nobody an administrator";
  const remains = `there may be an access entry of ${quoted(principalArn)} ${effect}; run again, or delete it (${undone.message})`;
  return extended(error, remains);
}

/** EKS refuses an ARN without the path of its role, which nobody has told. */
async function withPathHint(error: unknown, entries: KnownEntries, principalArn: string): Promise<unknown> {
  const isUnknown = mayLackPath(principalArn) && (await entries.principals.find(principalArn)) === undefined;
  const { refusal } = entries.principals;
  const reason = refusal === undefined ? "" : `, since IAM does not tell it: ${refusal.message}`;
  const hint = `${quoted(principalArn)} has to be the ARN with the role's path; give it in the program${reason}`;
  return isUnknown && error instanceof AwsAuthError && error.code === "rejected" ? extended(error, hint) : error;
}
