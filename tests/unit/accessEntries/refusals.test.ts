import { describe, expect, it, test } from "vitest";
import type { Mapping } from "../../../provider/mapping/index.ts";
import { checkGroups, checkUsername } from "../../support/eks/rules.ts";
import { mapping, nodeGroups, nodeName, refusalsOf, arn as role, translated, user } from "./support.ts";

describe("a mapping has no access entry", () => {
  const serviceLinked = role.replace("role/dev", "role/AWSServiceRoleForBatch");
  const foreign = role.replace("1111", "4444");
  const chinese = role.replace("aws", "aws-cn");
  const fargate = mapping("system:node:{{SessionName}}", [...nodeGroups, "system:node-proxier"]);
  test.each<[property: string, Mapping, reason: string, remedy: string]>([
    [
      "account",
      { kind: "account", account: "111122223333" },
      'account "111122223333" has no access entry, since each one is for a single role or user',
      "map the roles and users of the account that need access one by one",
    ],
    [
      "arn",
      mapping("dev", [], "arn:aws:iam::111122223333:root"),
      'arn "arn:aws:iam::111122223333:root" is not that of an IAM role or user, which an access entry needs',
      "map the role or user that logs in",
    ],
    [
      "arn",
      mapping("dev", [], "arn:aws:sts::111122223333:assumed-role/dev/x"),
      'arn "arn:aws:sts::111122223333:assumed-role/dev/x" is not that of an IAM role or user, which an access entry needs',
      `use "${role}"`,
    ],
    [
      "arn",
      mapping("dev", [], "arn:aws:iam::1234:role/dev"),
      'arn "arn:aws:iam::1234:role/dev" is not that of an IAM role or user, which an access entry needs',
      "map the role or user that logs in",
    ],
    [
      "arn",
      mapping("dev", [], chinese),
      `arn "${chinese}" is of the partition "aws-cn" and the cluster of "aws", so nobody can log in with it`,
      "map a role or user of the cluster's partition",
    ],
    [
      "arn",
      mapping("aws-batch", [], serviceLinked),
      `arn "${serviceLinked}" is the role of an AWS service, for which EKS refuses an access entry of anybody else`,
      "leave it to the service, which makes its own access entry, or keep it in aws-auth",
    ],
    [
      "arn",
      fargate,
      `arn "${role}" is the role of Fargate pods, for which EKS makes the access entry itself`,
      "leave it to EKS, and keep the mapping in aws-auth until EKS's access entry is there",
    ],
    [
      "username",
      mapping("system:node:{{SessionName}}", nodeGroups),
      'username "system:node:{{SessionName}}" is that of hybrid nodes, and of others that are named by their session, each with a type of access entry of its own',
      "make the access entry by hand, for hybrid nodes of the type HYBRID_LINUX, or keep the mapping in aws-auth",
    ],
    [
      "arn",
      mapping(nodeName, nodeGroups, foreign),
      `arn "${foreign}" is of account 444422223333, and EKS takes nodes only from the cluster's account, 111122223333`,
      "run these nodes with a role of account 111122223333, or keep the mapping in aws-auth",
    ],
    [
      "arn",
      mapping(nodeName, nodeGroups, user),
      `arn "${user}" is a user, and nodes log in as a role`,
      "map the role of the instances",
    ],
    [
      "groups",
      mapping(nodeName, ["system:node-proxier", ...nodeGroups, "system:masters"]),
      'groups "system:node-proxier", "system:masters" cannot be in the access entry of nodes, whose groups EKS gives itself',
      "remove them from the mapping",
    ],
    [
      "username",
      mapping("eks:admin"),
      'username "eks:admin" begins with "eks:", which EKS keeps for itself in an access entry',
      "give another username, in the bindings that name it as well",
    ],
    [
      "username",
      mapping("dev-{{SessionName}}"),
      'username "dev-{{SessionName}}" has no colon before the session name, which EKS demands in an access entry',
      "put a colon somewhere before it, in the bindings that name it as well",
    ],
    [
      "username",
      mapping("{{AccountID}}:dev"),
      'username "{{AccountID}}:dev" has {{AccountID}}, which is not known to work in an access entry',
      "write the account ID itself, which gives the same name",
    ],
    [
      "username",
      mapping("key:{{AccessKeyID}}"),
      'username "key:{{AccessKeyID}}" has {{AccessKeyID}}, which is not known to work in an access entry',
      "give a username without it, in the bindings that name it as well",
    ],
    [
      "username",
      mapping("{{User}}"),
      'username "{{User}}" has "{{User}}", which is not known to work in an access entry',
      "give a username without it, in the bindings that name it as well",
    ],
    [
      "groups",
      mapping("dev", ["team-{{SessionName}}"]),
      'group "team-{{SessionName}}" has {{SessionName}}, which is not known to work in a group of an access entry',
      "use a group without it, with a binding of its own",
    ],
    [
      "groups",
      mapping("dev", ["{{AccountID}}-devs", "system:masters"]),
      'group "{{AccountID}}-devs" has {{AccountID}}, which is not known to work in a group of an access entry',
      "write the account ID itself, which gives the same group",
    ],
    [
      "groups",
      mapping("dev", ["a", "system:monitoring"]),
      'group "system:monitoring" begins with "system:", which EKS refuses in an access entry',
      "use a group of your own, with a binding to what this one is bound to",
    ],
    [
      "groups",
      mapping("dev", ["system:authenticated", "a"]),
      'group "system:authenticated" begins with "system:", which EKS refuses in an access entry',
      "remove the group: Kubernetes gives it to everybody who logs in",
    ],
    ["groups", mapping("dev", ["", "a"]), 'group "" is empty, which no access entry can have', "remove the group"],
  ])("since its %s stands in the way: %j", (property, given, reason, remedy) => {
    const isFargate = given === fargate && { isFargate: true };
    expect(translated(given)).toEqual({ kind: "refused", refusals: [{ property, reason, remedy, ...isFargate }] });
  });

  it("with the ARN of a role of the same name in another account", () => {
    const other = foreign.replace("role/", "role/eng/");
    expect(refusalsOf(mapping("dev"), other)).toMatchObject([
      { property: "arn", reason: expect.stringContaining("would let somebody else in") },
    ]);
  });

  it("for a service's role that is known by its path alone", () => {
    const pathed = role.replace("role/", "role/aws-service-role/x.amazonaws.com/");
    expect(refusalsOf(mapping("dev"), pathed)).toMatchObject([
      { reason: expect.stringContaining("is the role of an AWS service") },
    ]);
  });

  it.each(["system:", "eks:", "aws:", "amazon:", "iam:"])(
    "with a username or a group that begins with %s",
    (prefix) => {
      expect(refusalsOf(mapping(`${prefix}x`, [`${prefix}y`]))).toMatchObject([
        { property: "username", reason: expect.stringContaining("which EKS keeps for itself") },
        { property: "groups", reason: expect.stringContaining("which EKS refuses") },
      ]);
    },
  );

  it.each(["system", "eks", "aws", "amazon", "iam", "ec2", "sts", "Eks"])(
    "with a name that begins with %s: if and only if the stand-in of EKS refuses it too",
    (word) => {
      const name = `${word}:x`;
      const isRefused = (check: () => void) => {
        try {
          check();
          return false;
        } catch {
          return true;
        }
      };
      expect([refusalsOf(mapping(name)).length > 0, refusalsOf(mapping("dev", [name])).length > 0]).toEqual([
        isRefused(() => checkUsername(name)),
        isRefused(() => checkGroups([name])),
      ]);
    },
  );

  it.each([["system:nodes"], ["system:bootstrappers"], ["system:node-proxier"], ["system:serviceaccounts:a"]])(
    "with the group %s without the username of nodes",
    (group) => {
      expect(refusalsOf(mapping("dev", [group]))).toMatchObject([
        { property: "groups", reason: expect.stringContaining("which EKS refuses") },
      ]);
    },
  );

  it("with the username of nodes but without their group", () => {
    expect(refusalsOf(mapping(nodeName, ["a"]))).toMatchObject([
      { property: "username", reason: expect.stringContaining("which EKS keeps for itself") },
      { property: "username", reason: expect.stringContaining("is not known to work") },
    ]);
  });

  it("with the username of nodes that are named by their session, and a group that none has", () => {
    expect(refusalsOf(mapping("system:node:{{SessionName}}", [...nodeGroups, "system:masters"]))).toMatchObject([
      { property: "username", reason: expect.stringContaining("which EKS keeps for itself") },
      { property: "groups", reason: expect.stringContaining("which EKS refuses") },
      { property: "groups", reason: expect.stringContaining("which EKS refuses") },
    ]);
  });

  it("with all reasons at once, each on its own property", () => {
    const found = refusalsOf(mapping("system:{{SessionName}}x{{AccessKeyID}}", ["system:a", "{{SessionName}}"]));
    expect(found).toMatchObject([
      { property: "username", reason: expect.stringContaining("which EKS keeps for itself") },
      { property: "username", reason: expect.stringContaining("{{AccessKeyID}}") },
      { property: "groups", reason: expect.stringContaining("which EKS refuses") },
      { property: "groups", reason: expect.stringContaining("{{SessionName}}") },
    ]);
  });
});
