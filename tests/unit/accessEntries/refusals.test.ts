import { describe, expect, it } from "vitest";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { mapping, nodeGroups, nodeName, refusalsOf, arn as role, user } from "../../support/accessEntries.ts";

/** Why a mapping has no access entry, one text for each reason. */
function reasonsFor(...given: Parameters<typeof refusalsOf>): string[] {
  return refusalsOf(...given).map(
    ({ place, text, remedy, isFargate }) => `${isFargate ? "Fargate " : ""}${place}: ${text}; ${remedy}`,
  );
}

describe("refusalsOf", () => {
  const serviceLinked = role.replace("role/dev", "role/AWSServiceRoleForBatch");
  const foreign = role.replace("1111", "4444");
  const chinese = role.replace("aws", "aws-cn");
  const bySession = "system:node:{{SessionName}}";
  const noPrincipal =
    "is not the ARN of an IAM role or user, which an access entry requires; map the role or user that logs in";
  const notKnown = "which access entries may not support";
  const otherName = "use a username without it, and update its bindings";
  it.each<[reason: string, Mapping]>([
    [
      'account: account "111122223333" cannot have an access entry, because an access entry is for one role or user; map each role and user of the account that needs access',
      { kind: "account", arn: "111122223333", username: "", groups: [] },
    ],
    ...["arn:aws:iam::111122223333:root", "arn:aws:iam::1234:role/dev"].map((arn): [string, Mapping] => [
      `arn: arn "${arn}" ${noPrincipal}`,
      mapping("dev", [], arn),
    ]),
    [
      `arn: arn "arn:aws:sts::111122223333:assumed-role/dev/x" is not the ARN of an IAM role or user, which an access entry requires; use "${role}"`,
      mapping("dev", [], "arn:aws:sts::111122223333:assumed-role/dev/x"),
    ],
    [
      `arn: arn "${chinese}" is in partition "aws-cn", but the cluster is in "aws", so this identity can never log in; map a role or user of the cluster's partition`,
      mapping("dev", [], chinese),
    ],
    [
      `arn: arn "${serviceLinked}" belongs to an AWS service, and only that service can create its access entry; remove the mapping (the service creates its own access entry), or keep it in aws-auth`,
      mapping("aws-batch", [], serviceLinked),
    ],
    [
      `Fargate arn: arn "${role}" is the role of Fargate pods, whose access entry EKS creates; keep the mapping in aws-auth until that access entry exists`,
      mapping(bySession, [...nodeGroups, "system:node-proxier"]),
    ],
    [
      `username: username "${bySession}" is for hybrid nodes and others named after their session, which require a different type of access entry; create the access entry manually (type HYBRID_LINUX for hybrid nodes), or keep the mapping in aws-auth`,
      mapping(bySession, nodeGroups),
    ],
    [
      `arn: arn "${foreign}" belongs to account 444422223333, but EKS accepts nodes only from the cluster's account, 111122223333; run these nodes with a role of account 111122223333, or keep the mapping in aws-auth`,
      mapping(nodeName, nodeGroups, foreign),
    ],
    [
      `arn: arn "${user}" is a user, but nodes log in with a role; map the role of the instances`,
      mapping(nodeName, nodeGroups, user),
    ],
    [
      'groups: groups "system:node-proxier", "system:masters" cannot be set in an access entry for nodes, because EKS sets their groups; remove them from the mapping',
      mapping(nodeName, ["system:node-proxier", ...nodeGroups, "system:masters"]),
    ],
    [
      'username: username "eks:admin" starts with "eks:", which EKS reserves in access entries; use another username, and update its bindings',
      mapping("eks:admin"),
    ],
    [
      'username: username "dev-{{SessionName}}" has no colon before the session name, but EKS requires one in access entries; add a colon, and update the bindings',
      mapping("dev-{{SessionName}}"),
    ],
    [
      `username: username "{{AccountID}}:dev" contains {{AccountID}}, ${notKnown}; replace it with the account ID`,
      mapping("{{AccountID}}:dev"),
    ],
    [
      `username: username "k:{{AccessKeyID}}" contains {{AccessKeyID}}, ${notKnown}; ${otherName}`,
      mapping("k:{{AccessKeyID}}"),
    ],
    [`username: username "{{User}}" contains "{{User}}", ${notKnown}; ${otherName}`, mapping("{{User}}")],
    [
      'groups: group "team-{{SessionName}}" contains {{SessionName}}, which groups of access entries may not support; use a group without it, and update its bindings',
      mapping("dev", ["team-{{SessionName}}"]),
    ],
    [
      'groups: group "{{AccountID}}-devs" contains {{AccountID}}, which groups of access entries may not support; replace it with the account ID',
      mapping("dev", ["{{AccountID}}-devs", "system:masters"]),
    ],
    [
      'groups: group "system:monitoring" starts with "system:", which EKS refuses in access entries; use another group with the same bindings',
      mapping("dev", ["a", "system:monitoring"]),
    ],
    [
      'groups: group "system:authenticated" starts with "system:", which EKS refuses in access entries; remove the group, since Kubernetes adds it to every user',
      mapping("dev", ["system:authenticated", "a"]),
    ],
    ['groups: group "" is empty, which access entries do not allow; remove the group', mapping("dev", ["", "a"])],
  ])("reports %s", (reason, given) => {
    expect(reasonsFor(given)).toEqual([reason]);
  });

  it.each<[title: string, given: Parameters<typeof refusalsOf>, reasons: readonly RegExp[]]>([
    [
      "with the ARN of a role of the same name in another account",
      [mapping("dev"), foreign.replace("role/", "role/eng/")],
      [/^arn: .* would map a different identity/],
    ],
    [
      "for a service-linked role that only its path identifies",
      [mapping("dev"), role.replace("role/", "role/aws-service-role/x.amazonaws.com/")],
      [/^arn: .* belongs to an AWS service/],
    ],
    ...["system:", "eks:", "aws:", "amazon:", "iam:"].map((prefix): [string, [Mapping], RegExp[]] => [
      `with a username or a group that begins with ${prefix}`,
      [mapping(`${prefix}x`, [`${prefix}y`])],
      [/^username: .* which EKS reserves/, /^groups: .* which EKS refuses/],
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
      [/^username: .* which EKS reserves/, /^username: .* may not support/],
    ],
    [
      "with the username of session-named nodes, and a group that such nodes do not have",
      [mapping(bySession, [...nodeGroups, "system:masters"])],
      [/^username: .* which EKS reserves/, /^groups: .* which EKS refuses/, /^groups: .* which EKS refuses/],
    ],
    [
      "for several reasons, each on its own property",
      [mapping("system:{{SessionName}}x{{AccessKeyID}}", ["system:a", "{{SessionName}}"])],
      [
        /^username: .* which EKS reserves/,
        /^username: .*{{AccessKeyID}}/,
        /^groups: .* which EKS refuses/,
        /^groups: .*{{SessionName}}/,
      ],
    ],
  ])("refuses a mapping %s", (_, given, reasons) => {
    expect(reasonsFor(...given)).toEqual(reasons.map((reason) => expect.stringMatching(reason)));
  });
});
