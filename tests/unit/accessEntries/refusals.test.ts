import { describe, expect, it } from "vitest";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { mapping, nodeGroups, nodeName, refusalsOf, arn as role, user } from "../../support/accessEntries.ts";

/** Why a mapping has no access entry, one text for each reason. */
function reasonsFor(...given: Parameters<typeof refusalsOf>): string[] {
  return refusalsOf(...given).map(
    ({ property, reason, remedy, isFargate }) => `${isFargate ? "Fargate " : ""}${property}: ${reason}; ${remedy}`,
  );
}

describe("refusalsOf", () => {
  const serviceLinked = role.replace("role/dev", "role/AWSServiceRoleForBatch");
  const foreign = role.replace("1111", "4444");
  const chinese = role.replace("aws", "aws-cn");
  const bySession = "system:node:{{SessionName}}";
  const noPrincipal =
    "is not that of an IAM role or user, which an access entry needs; map the role or user that logs in";
  const notKnown = "which is not known to work in an access entry";
  const otherName = "give a username without it, in the bindings that name it as well";
  it.each<[reason: string, Mapping]>([
    [
      'account: account "111122223333" has no access entry, since each one is for a single role or user; map the roles and users of the account that need access one by one',
      { kind: "account", account: "111122223333" },
    ],
    ...["arn:aws:iam::111122223333:root", "arn:aws:iam::1234:role/dev"].map((arn): [string, Mapping] => [
      `arn: arn "${arn}" ${noPrincipal}`,
      mapping("dev", [], arn),
    ]),
    [
      `arn: arn "arn:aws:sts::111122223333:assumed-role/dev/x" is not that of an IAM role or user, which an access entry needs; use "${role}"`,
      mapping("dev", [], "arn:aws:sts::111122223333:assumed-role/dev/x"),
    ],
    [
      `arn: arn "${chinese}" is of the partition "aws-cn" and the cluster of "aws", so no identity can log in with it; map a role or user of the cluster's partition`,
      mapping("dev", [], chinese),
    ],
    [
      `arn: arn "${serviceLinked}" is the role of an AWS service, for which EKS refuses an access entry of anybody else; leave it to the service, which makes its own access entry, or keep it in aws-auth`,
      mapping("aws-batch", [], serviceLinked),
    ],
    [
      `Fargate arn: arn "${role}" is the role of Fargate pods, for which EKS makes the access entry itself; leave it to EKS, and keep the mapping in aws-auth until EKS's access entry is there`,
      mapping(bySession, [...nodeGroups, "system:node-proxier"]),
    ],
    [
      `username: username "${bySession}" is that of hybrid nodes, and of others that are named by their session, each with a type of access entry of its own; make the access entry by hand, for hybrid nodes of the type HYBRID_LINUX, or keep the mapping in aws-auth`,
      mapping(bySession, nodeGroups),
    ],
    [
      `arn: arn "${foreign}" is of account 444422223333, and EKS takes nodes only from the cluster's account, 111122223333; run these nodes with a role of account 111122223333, or keep the mapping in aws-auth`,
      mapping(nodeName, nodeGroups, foreign),
    ],
    [
      `arn: arn "${user}" is a user, and nodes log in as a role; map the role of the instances`,
      mapping(nodeName, nodeGroups, user),
    ],
    [
      'groups: groups "system:node-proxier", "system:masters" cannot be in the access entry of nodes, whose groups EKS gives itself; remove them from the mapping',
      mapping(nodeName, ["system:node-proxier", ...nodeGroups, "system:masters"]),
    ],
    [
      'username: username "eks:admin" begins with "eks:", which EKS keeps for itself in an access entry; give another username, in the bindings that name it as well',
      mapping("eks:admin"),
    ],
    [
      'username: username "dev-{{SessionName}}" has no colon before the session name, which EKS demands in an access entry; put a colon somewhere before it, in the bindings that name it as well',
      mapping("dev-{{SessionName}}"),
    ],
    [
      `username: username "{{AccountID}}:dev" has {{AccountID}}, ${notKnown}; write the account ID itself, which gives the same name`,
      mapping("{{AccountID}}:dev"),
    ],
    [
      `username: username "k:{{AccessKeyID}}" has {{AccessKeyID}}, ${notKnown}; ${otherName}`,
      mapping("k:{{AccessKeyID}}"),
    ],
    [`username: username "{{User}}" has "{{User}}", ${notKnown}; ${otherName}`, mapping("{{User}}")],
    [
      'groups: group "team-{{SessionName}}" has {{SessionName}}, which is not known to work in a group of an access entry; use a group without it, with a binding of its own',
      mapping("dev", ["team-{{SessionName}}"]),
    ],
    [
      'groups: group "{{AccountID}}-devs" has {{AccountID}}, which is not known to work in a group of an access entry; write the account ID itself, which gives the same group',
      mapping("dev", ["{{AccountID}}-devs", "system:masters"]),
    ],
    [
      'groups: group "system:monitoring" begins with "system:", which EKS refuses in an access entry; use a group of your own, with a binding to what this one is bound to',
      mapping("dev", ["a", "system:monitoring"]),
    ],
    [
      'groups: group "system:authenticated" begins with "system:", which EKS refuses in an access entry; remove the group: Kubernetes gives it to every user',
      mapping("dev", ["system:authenticated", "a"]),
    ],
    ['groups: group "" is empty, which no access entry can have; remove the group', mapping("dev", ["", "a"])],
  ])("reports %s", (reason, given) => {
    expect(reasonsFor(given)).toEqual([reason]);
  });

  it.each<[title: string, given: Parameters<typeof refusalsOf>, reasons: readonly RegExp[]]>([
    [
      "with the ARN of a role of the same name in another account",
      [mapping("dev"), foreign.replace("role/", "role/eng/")],
      [/^arn: .* would give access to another identity/],
    ],
    [
      "for a service-linked role that only its path identifies",
      [mapping("dev"), role.replace("role/", "role/aws-service-role/x.amazonaws.com/")],
      [/^arn: .* is the role of an AWS service/],
    ],
    ...["system:", "eks:", "aws:", "amazon:", "iam:"].map((prefix): [string, [Mapping], RegExp[]] => [
      `with a username or a group that begins with ${prefix}`,
      [mapping(`${prefix}x`, [`${prefix}y`])],
      [/^username: .* which EKS keeps for itself/, /^groups: .* which EKS refuses/],
    ]),
    ...["system:nodes", "system:bootstrappers", "system:node-proxier", "system:serviceaccounts:a"].map(
      (group): [string, [Mapping], RegExp[]] => [
        `with the group ${group} but without the username of nodes`,
        [mapping("dev", [group])],
        [/^groups: .* which EKS refuses/],
      ],
    ),
    [
      "with the username of nodes but without their group",
      [mapping(nodeName, ["a"])],
      [/^username: .* which EKS keeps for itself/, /^username: .* is not known to work/],
    ],
    [
      "with the username of session-named nodes, and a group that such nodes do not have",
      [mapping(bySession, [...nodeGroups, "system:masters"])],
      [/^username: .* which EKS keeps for itself/, /^groups: .* which EKS refuses/, /^groups: .* which EKS refuses/],
    ],
    [
      "for several reasons, each on its own property",
      [mapping("system:{{SessionName}}x{{AccessKeyID}}", ["system:a", "{{SessionName}}"])],
      [
        /^username: .* which EKS keeps for itself/,
        /^username: .*{{AccessKeyID}}/,
        /^groups: .* which EKS refuses/,
        /^groups: .*{{SessionName}}/,
      ],
    ],
  ])("refuses a mapping %s", (_, given, reasons) => {
    expect(reasonsFor(...given)).toEqual(reasons.map((reason) => expect.stringMatching(reason)));
  });
});
