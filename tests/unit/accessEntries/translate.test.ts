import { describe, expect, it, test } from "vitest";
import { type AccessEntryContent, contentIn } from "../../../provider/accessEntries/index.ts";
import type { ArnMapping } from "../../../provider/mapping/index.ts";
import { cluster, live, mapping, nodeGroups, nodeName, arn as role, translated, user } from "./support.ts";

describe("the access entry of a mapping", () => {
  const standard = { principalArn: role, type: "STANDARD", groups: [], policies: [] } as const;
  test.each<[string, ArnMapping, Partial<AccessEntryContent>]>([
    ["has its username and groups", mapping("dev", ["a", "b"]), { username: "dev", groups: ["a", "b"] }],
    ["is a user's too", mapping("ann", ["a"], user), { principalArn: user, username: "ann", groups: ["a"] }],
    ["has a repeated group once", mapping("dev", ["a", "a"]), { username: "dev", groups: ["a"] }],
    ["may have no groups", mapping("dev"), { username: "dev" }],
    ["may name the session behind a colon", mapping(":{{SessionName}}"), { username: ":{{SessionName}}" }],
    ["may name the raw session", mapping("a:b-{{SessionNameRaw}}"), { username: "a:b-{{SessionNameRaw}}" }],
    ["may have a reserved word that is no prefix", mapping("a:system:b"), { username: "a:system:b" }],
    ["may have a reserved word without its colon", mapping("aws-admin"), { username: "aws-admin" }],
    [
      "may have a group with such words",
      mapping("dev", ["a:eks:", "iam"]),
      { username: "dev", groups: ["a:eks:", "iam"] },
    ],
  ])("%s", (_, given, content) => {
    expect(translated(given)).toEqual({ kind: "entry", content: { ...standard, ...content }, notes: [] });
  });

  it("has the role's path, which aws-auth has not", () => {
    const pathed = role.replace("role/", "role/eng/");
    expect(translated(mapping("dev"), pathed)).toMatchObject({ content: { principalArn: pathed } });
  });

  it("may be for a role of another account", () => {
    const other = role.replace("1111", "4444");
    expect(translated(mapping("dev", [], other))).toMatchObject({ content: { principalArn: other } });
  });

  it.each(["aws", "aws-cn", "aws-us-gov"])("of an administrator in %s has the policy for it", (partition) => {
    const arn = role.replace("aws", partition);
    const result = translated(mapping("admin", ["ops", "system:masters"], arn), arn, { ...cluster, partition });
    const policyArn = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
    const content = { groups: ["ops"], policies: [{ policyArn, scope: { type: "cluster" } }] };
    expect(result).toMatchObject({ kind: "entry", content });
    expect(result).toMatchObject({
      notes: [
        'group "system:masters" becomes the access policy AmazonEKSClusterAdminPolicy: "kubectl auth can-i --list" does not show its rights, "--as" loses them, and bindings or admission exemptions that name the group no longer apply',
      ],
    });
  });

  it.each([
    [role, "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}"],
    [user, user],
  ])("of a mapping without username has the one that EKS gives %s", (arn, username) => {
    expect(translated(mapping("", ["a"], arn))).toMatchObject({
      content: { username: undefined, groups: ["a"] },
      notes: [`the username is empty in aws-auth, and "${username}" in an access entry`],
    });
  });

  it("of an empty username is that of none", () => {
    expect(translated({ ...mapping("x"), username: "" })).toMatchObject({ content: { username: undefined } });
    expect(translated({ ...mapping("x"), username: "" })).toEqual(translated(mapping("")));
  });

  it.each([
    ["EC2_LINUX", nodeGroups],
    ["EC2_LINUX", ["system:nodes"]],
    ["EC2_WINDOWS", [...nodeGroups, "eks:kube-proxy-windows"]],
  ])("of nodes has the type %s and nothing of its own", (type, groups) => {
    const content = { principalArn: role, type, username: undefined, groups: [], policies: [] };
    const notes = [`nodes get an access entry of the type ${type}, whose groups EKS gives itself`];
    expect(translated(mapping(nodeName, groups))).toEqual({ kind: "entry", content, notes });
  });

  it.each(["FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"] as const)(
    "of the type %s reads as no mapping",
    (type) => {
      expect(contentIn(live({ type }), undefined)).toBeUndefined();
    },
  );

  it("with the name that EKS gives reads as without one, unless the mapping gives that name", () => {
    const username = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";
    expect(contentIn(live({ username }), undefined)).toEqual({ username: undefined, groups: ["viewers"] });
    expect(contentIn(live({ username }), username)).toEqual({ username, groups: ["viewers"] });
  });
});
