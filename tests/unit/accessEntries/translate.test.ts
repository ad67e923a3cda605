import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type AccessEntryContent, usernameOf } from "../../../provider/accessEntries/accessEntry.ts";
import { contentIn, nodeContent } from "../../../provider/accessEntries/translate.ts";
import { type Mapping, sameContent, sameGroups } from "../../../provider/mapping/index.ts";
import {
  cluster,
  live as liveEntry,
  mapping,
  nodeGroups,
  nodeName,
  refusalsOf,
  arn as role,
  translated,
  user,
} from "../../support/accessEntries.ts";
import { oddName } from "../../support/authenticator/moveMaps.ts";

describe("the access entry of a mapping", () => {
  const standard = { principalArn: role, type: "STANDARD", username: "dev", groups: [], policies: [] } as const;
  test.each<[string, Mapping, Partial<AccessEntryContent>]>([
    ["has its username and groups", mapping("dev", ["a", "b"]), { groups: ["a", "b"] }],
    ["can be for a user", mapping("ann", ["a"], user), { principalArn: user, username: "ann", groups: ["a"] }],
    ["lists a repeated group once", mapping("dev", ["a", "a"]), { groups: ["a"] }],
    ["may have no groups", mapping("dev"), {}],
    ["may contain the session name after a colon", mapping(":{{SessionName}}"), { username: ":{{SessionName}}" }],
    ["may contain the raw session name", mapping("a:b-{{SessionNameRaw}}"), { username: "a:b-{{SessionNameRaw}}" }],
    ["may contain a reserved word that is not a prefix", mapping("a:system:b"), { username: "a:system:b" }],
    ["may begin with a reserved word without its colon", mapping("aws-admin"), { username: "aws-admin" }],
    ["may have groups with such words", mapping("dev", ["a:eks:", "iam"]), { groups: ["a:eks:", "iam"] }],
  ])("%s", (_, given, content) => {
    expect(translated(given)).toEqual({ kind: "entry", content: { ...standard, ...content }, notes: [] });
  });

  it.each([
    ["has the role's path, which aws-auth omits", mapping("dev"), role.replace("role/", "role/eng/")],
    ["can be for a role of another account", mapping("dev"), role.replace("1111", "4444")],
  ])("%s", (_, given, principalArn) => {
    expect(translated({ ...given, arn: principalArn.replace("eng/", "") }, principalArn)).toMatchObject({
      content: { principalArn },
    });
  });

  it.each(["aws", "aws-cn", "aws-us-gov"])("grants system:masters in %s by an access policy", (partition) => {
    const arn = role.replace("aws", partition);
    const result = translated(mapping("admin", ["ops", "system:masters"], arn), arn, { ...cluster, partition });
    const policyArn = `arn:${partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy`;
    const content = { groups: ["ops"], policies: [{ policyArn, scope: { type: "cluster" } }] };
    expect(result).toMatchObject({ kind: "entry", content });
    expect(result).toMatchObject({
      notes: [
        'group "system:masters" is replaced with the access policy AmazonEKSClusterAdminPolicy; bindings and admission exemptions for the group no longer apply, and "kubectl auth can-i --list" and impersonation do not show its rights',
      ],
    });
  });

  it.each([
    [role, "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}"],
    [user, user],
  ])("uses EKS's default username for %s if the mapping has none", (arn, username) => {
    expect(translated(mapping("", ["a"], arn))).toMatchObject({
      content: { username: undefined, groups: ["a"] },
      notes: [`without a username, aws-auth uses an empty username, and the access entry uses "${username}"`],
    });
  });

  it("treats an empty username as a missing one", () => {
    expect(translated({ ...mapping("x"), username: "" })).toEqual(translated(mapping("")));
  });

  it.each([
    ["EC2_LINUX", nodeGroups],
    ["EC2_LINUX", ["system:nodes"]],
    ["EC2_WINDOWS", [...nodeGroups, "eks:kube-proxy-windows"]],
  ])("has the type %s for nodes, without username and groups", (type, groups) => {
    const content = { principalArn: role, type, username: undefined, groups: [], policies: [] };
    const notes = [`nodes get an access entry of type ${type}, whose groups EKS sets`];
    expect(translated(mapping(nodeName, groups))).toEqual({ kind: "entry", content, notes });
  });

  it.each(["FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX"] as const)(
    "is not read as a mapping if its type is %s",
    (type) => {
      expect(contentIn(liveEntry({ type }), "")).toBeUndefined();
    },
  );

  it("is read without a username if it is EKS's default, unless the mapping sets it", () => {
    const username = "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}";
    expect(contentIn(liveEntry({ username }), "")).toEqual({ username: "", groups: ["viewers"] });
    expect(contentIn(liveEntry({ username }), username)).toEqual({ username, groups: ["viewers"] });
  });
});

describe("any mapping", () => {
  const name = fc.oneof(
    oddName,
    fc.constantFrom(nodeName, "system:node:{{SessionName}}", ...nodeGroups, "system:masters", "eks:kube-proxy-windows"),
    fc.string({ unit: "binary" }),
  );
  const given = fc.record({
    username: name,
    groups: fc.array(name, { maxLength: 4 }),
    arn: fc.constantFrom(role, user),
  });

  it("is refused, or becomes an access entry that EKS accepts and that grants the same user and groups", () => {
    fc.assert(
      fc.property(given, ({ username, groups, arn }) => {
        const result = translated(mapping(username, groups, arn));
        if (result.kind === "refused") {
          return;
        }
        const { content } = result;
        const names = [content.username ?? "", ...content.groups].join("\n");
        expect(names).not.toMatch(/^(?:system|eks|aws|amazon|iam):/m);
        expect(names).not.toMatch(/\{\{(?:AccountID|AccessKeyID|EC2PrivateDNSName|x)\}\}/);
        expect(content.username ?? "").not.toMatch(/^[^:]*\{\{SessionName(?:Raw)?\}\}/);
        const live = { ...liveEntry(), ...content, username: usernameOf(content) };
        const read = contentIn(live, username);
        const wanted = content.type === "STANDARD" ? { username, groups } : nodeContent(content.type);
        expect(read && wanted && sameContent(read, wanted)).toBe(true);
        if (content.type === "STANDARD") {
          expect(content.username ?? "").toBe(username);
          const kept = [...content.groups, ...(content.policies.length > 0 ? ["system:masters"] : [])];
          expect(sameGroups(kept, groups)).toBe(true);
        } else {
          expect(content).toMatchObject({ username: undefined, groups: [], policies: [] });
          expect(username).toBe(nodeName);
        }
      }),
    );
  });

  it("is refused with a reason and a remedy of one line each", () => {
    fc.assert(
      fc.property(given, fc.string({ unit: "binary" }), ({ username, groups }, arn) => {
        for (const { text, remedy } of [
          ...refusalsOf(mapping(username, groups)),
          ...refusalsOf(mapping(username, groups, arn)),
        ]) {
          const outsideQuotes = `${text}; ${remedy}`.replace(/"(?:[^"\\]|\\.)*"/g, '""');
          expect(outsideQuotes).toMatch(/^[\w "'(){}:,.;-]+$/);
          expect(outsideQuotes.split(";")).toHaveLength(2);
        }
      }),
    );
  });
});
