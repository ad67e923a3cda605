import {
  type AccessEntryContent,
  accessEntryPlace,
  hasOwnUser,
  isAdministrator,
  isAdministratorPolicy,
  type LiveAccessEntry,
  sameAccessEntry,
  usernameOf,
} from "../../accessEntries/accessEntry";
import { type Claim, claimsInTags, claimTagKey, claimTags } from "../../claims";
import { AwsAuthError, extended } from "../../errors";
import { sameGroups } from "../../mapping";
import type { KnownEntries } from "../../session/knownEntries";

/**
 * Writes the claim before the content, so that other runs see the owner meanwhile, and returns once EKS shows both.
 *
 * @throws AwsAuthError `conflict` if another writer created or deleted the entry meanwhile: decide again.
 */
export async function writeEntry(
  entries: KnownEntries,
  own: LiveAccessEntry | undefined,
  wanted: AccessEntryContent,
  claim: Claim,
): Promise<void> {
  if (own === undefined) {
    await createEntry(entries, wanted, claim);
  } else {
    if (!hasClaim(own, claim)) {
      await entries.api.tag(own.arn, claimTags(claim));
    }
    await changeEntry(entries, own, wanted);
  }
  const isShown = (entry: LiveAccessEntry) => sameAccessEntry(entry, wanted) && hasClaim(entry, claim);
  const shown = await entries.settle(wanted.principalArn, (entry) =>
    entry === undefined ? own !== undefined : isShown(entry),
  );
  if (shown === undefined) {
    throw new AwsAuthError("conflict", `${accessEntryPlace(wanted)} was deleted during this run; run again`);
  }
}

export async function unclaimEntry(entries: KnownEntries, live: LiveAccessEntry, claim: Claim): Promise<void> {
  await entries.api.untag(live.arn, [claimTagKey]);
  await entries.settle(live.principalArn, (entry) => entry === undefined || !hasClaim(entry, claim));
}

/** Deletes an entry, and waits until EKS no longer shows it. Another writer may create a new one at once. */
export async function deleteEntry(entries: KnownEntries, live: LiveAccessEntry): Promise<void> {
  await entries.api.delete(live.principalArn);
  await entries.settle(live.principalArn, (shown) => shown?.arn !== live.arn);
}

export function hasClaim({ tags }: LiveAccessEntry, { principal, id }: Claim): boolean {
  return id !== undefined && claimsInTags(tags, principal).some((claim) => claim.id === id);
}

/**
 * EKS adds the policy of an administrator in a second call, and an entry without it would override the administrator's
 * rights in aws-auth. So an entry that does not get its policy is deleted again.
 */
async function createEntry(entries: KnownEntries, wanted: AccessEntryContent, claim: Claim): Promise<void> {
  const { principalArn, policies } = wanted;
  try {
    await entries.api.create(wanted, claimTags(claim));
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "conflict") {
      // EKS may show only later the entry of another writer, or that of this run if the response was lost.
      await entries.settle(principalArn, (entry) => entry !== undefined);
    }
    throw error;
  }
  try {
    for (const policy of policies) {
      await entries.api.associate(principalArn, policy);
    }
  } catch (error) {
    await entries.api.delete(principalArn).catch((undone: unknown) => {
      throw error instanceof AwsAuthError && undone instanceof AwsAuthError
        ? extended(error, `its access entry was created without the policy, and cannot be deleted: ${undone.message}`)
        : undone;
    });
    throw error;
  }
}

/** Changes an entry so that it never grants less than both its old and its new content. Other policies are kept. */
async function changeEntry({ api }: KnownEntries, own: LiveAccessEntry, wanted: AccessEntryContent): Promise<void> {
  const { principalArn } = own;
  for (const policy of isAdministrator(own) ? [] : wanted.policies) {
    await api.associate(principalArn, policy);
  }
  const username = usernameOf(wanted);
  if (hasOwnUser(wanted) && !(usernameOf(own) === username && sameGroups(own.groups, wanted.groups))) {
    await api.update({ ...wanted, username, principalArn });
  }
  const surplus = isAdministrator(wanted) ? [] : own.policies.filter(isAdministratorPolicy);
  for (const { policyArn } of surplus) {
    await api.disassociate(principalArn, policyArn);
  }
}
