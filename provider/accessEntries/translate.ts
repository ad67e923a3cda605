import {
  type ArnMapping,
  correctedArn,
  hasAccountId,
  type IamArn,
  type Mapping,
  parseIamArn,
  principalKey,
  superusers,
} from "../mapping";
import { quoted } from "../text/text";
import {
  type AccessEntryContent,
  clusterAdminPolicy,
  defaultUsername,
  hasOwnUser,
  isAdministrator,
  isServiceLinkedRole,
  type LiveAccessEntry,
} from "./accessEntry";
import { groupProblems, usernameProblems } from "./names";
import { nodeGroupsOf, nodeTranslation } from "./nodes";
import { type NameProblem, type Refusal, refused, type Translation, type TranslationCluster } from "./translation";

/**
 * Translates a mapping to the access entry with the same content. Pure: does not check whether the entry or its principal exists.
 *
 * @param principalArn the ARN of the role or user with its path, which a mapping lacks: from the program (`givenPrincipalArn`), or from
 * `iam:GetRole` in the principal's own account.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function translate(mapping: Mapping, principalArn: string, cluster: TranslationCluster): Translation {
  if (mapping.kind === "account") {
    return refused({
      property: "account",
      reason: `account ${quoted(mapping.account)} cannot have an access entry, which is for a single role or user`,
      remedy: "map each role and user of the account that needs access",
    });
  }
  const arn = parseIamArn(principalArn);
  if (arn === undefined || !hasAccountId(arn)) {
    const corrected = arn === undefined ? correctedArn(principalArn) : undefined;
    return refused({
      property: "arn",
      reason: `arn ${quoted(principalArn)} is not the ARN of an IAM role or user, which an access entry requires`,
      remedy: corrected === undefined ? "map the role or user that logs in" : `use ${quoted(corrected)}`,
    });
  }
  const refusal = principalRefusal(mapping, arn, principalArn, cluster);
  return refusal === undefined
    ? (nodeTranslation(mapping, arn, principalArn, cluster) ?? standardTranslation(mapping, principalArn, cluster))
    : refused(refusal);
}

/** Returns why a principal cannot have any access entry. */
function principalRefusal(
  mapping: ArnMapping,
  arn: IamArn,
  principalArn: string,
  { partition }: TranslationCluster,
): Refusal | undefined {
  const subject = `arn ${quoted(mapping.arn)}`;
  if (principalKey(principalArn) !== principalKey(mapping.arn)) {
    return {
      property: "arn",
      reason: `${subject} is not ${quoted(principalArn)}, so an access entry for it would grant access to another identity`,
      remedy: "give the ARN of the role with its path",
    };
  }
  if (arn.partition !== partition) {
    return {
      property: "arn",
      reason: `${subject} is in partition "${arn.partition}", but the cluster is in "${partition}", so this identity can never log in`,
      remedy: "map a role or user of the cluster's partition",
    };
  }
  return isServiceLinkedRole(arn)
    ? {
        property: "arn",
        reason: `${subject} is the role of an AWS service, and only the service can create its access entry`,
        remedy: "remove the mapping, since the service creates its own access entry, or keep it in aws-auth",
      }
    : undefined;
}

function standardTranslation(
  mapping: ArnMapping,
  principalArn: string,
  { partition }: TranslationCluster,
): Translation {
  const username = mapping.username || undefined;
  const groups = [...new Set(mapping.groups)];
  const on = (property: Refusal["property"]) => (problem: NameProblem) => ({ property, ...problem });
  const [refusal, ...more]: Refusal[] = [
    ...usernameProblems(username ?? "").map(on("username")),
    ...groups.flatMap(groupProblems).map(on("groups")),
  ];
  if (refusal !== undefined) {
    return refused(refusal, ...more);
  }
  const isSuperuser = groups.includes(superusers);
  const content: AccessEntryContent = {
    principalArn,
    type: "STANDARD",
    username,
    groups: groups.filter((group) => group !== superusers),
    policies: isSuperuser ? [{ policyArn: clusterAdminPolicy(partition), scope: { type: "cluster" } }] : [],
  };
  return {
    kind: "entry",
    content,
    notes: [
      ...(username === undefined
        ? [
            `without a username, aws-auth uses an empty one and an access entry uses ${quoted(defaultUsername(principalArn, "STANDARD"))}`,
          ]
        : []),
      ...(isSuperuser
        ? [
            `group "${superusers}" becomes the access policy AmazonEKSClusterAdminPolicy: "kubectl auth can-i --list" does not show its rights, impersonation with "--as" does not include them, and bindings or admission exemptions for the group no longer apply`,
          ]
        : []),
    ],
  };
}

/**
 * Translates an access entry to the content of a mapping. Ignores access policies other than the administrators'.
 *
 * @param username the username in the mapping. The default name of EKS counts as omitted unless it equals this one.
 * @returns undefined for a type without a mapping.
 */
export function contentIn(
  live: LiveAccessEntry,
  username: string | undefined,
): { readonly username: string | undefined; readonly groups: readonly string[] } | undefined {
  const { type, principalArn } = live;
  if (hasOwnUser(live)) {
    const isDefault = live.username === defaultUsername(principalArn, type) && live.username !== username;
    return {
      username: isDefault ? undefined : live.username,
      groups: [...live.groups, ...(isAdministrator(live) ? [superusers] : [])],
    };
  }
  const groups = nodeGroupsOf(type);
  return groups.length === 0 ? undefined : { username: defaultUsername(principalArn, type), groups };
}
