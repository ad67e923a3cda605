import { describe, expect, it } from "vitest";
import { itemName } from "../../../../sdk/clusterConfig/config.ts";
import { head, itemsOf, parse, problemsOf } from "./support.ts";

const names = (items: string): string[] => itemsOf(items).map(itemName);
const identity = (arn: string, more = "username: x"): string => `  - { arn: "${arn}", ${more} }\n`;

describe("the name of an item", () => {
  it.each([
    { items: identity("arn:aws:iam::111122223333:role/admin"), name: "111122223333-role-admin" },
    { items: identity("arn:aws:iam::111122223333:user/admin"), name: "111122223333-user-admin" },
    // A role's path is no part of its identity, a user's is.
    { items: identity("arn:aws:iam::111122223333:role/a/b/admin"), name: "111122223333-role-admin" },
    { items: identity("arn:aws:iam::111122223333:user/a/admin"), name: "111122223333-user-a/admin" },
    { items: identity("arn:aws-cn:iam::111122223333:role/admin"), name: "aws-cn-111122223333-role-admin" },
    { items: '  - account: "012345678901"\n', name: "account-012345678901" },
    { items: "  - { serviceName: emr-containers, namespace: spark }\n", name: "emr-containers-spark" },
  ])("is $name", ({ items, name }) => {
    expect(names(items)).toEqual([name]);
  });

  it("does not depend on other items, nor on what the identity gets", () => {
    const admin = identity("arn:aws:iam::111122223333:role/admin");
    const others = identity("arn:aws:iam::444455556666:role/admin") + identity("arn:aws:iam::111122223333:user/admin");
    expect(names(others + admin)).toContain("111122223333-role-admin");
    expect(names(admin + others)).toContain("111122223333-role-admin");
    expect(new Set(names(admin + others)).size).toBe(3);
    expect(names(identity("arn:aws:iam::111122223333:role/admin", "groups: [g]"))).toEqual(["111122223333-role-admin"]);
  });
});

describe("items for one identity", () => {
  const first = identity("arn:aws:iam::111122223333:role/admin", "groups: [a]");
  const second = identity("arn:aws:iam::111122223333:role/path/Admin", "groups: [b]");

  it("become the last of them, as the authenticator has it, with a warning", () => {
    const { items, warnings } = parse(head + first + second);
    expect(items).toMatchObject([{ groups: ["b"] }]);
    expect(warnings).toEqual([
      'cluster.yaml:7: iamIdentityMappings[0].arn: arn "arn:aws:iam::111122223333:role/admin" is mapped again below (cluster.yaml:8, iamIdentityMappings[1]), which counts instead of it; this item is left out',
    ]);
  });

  it("are an error where one of them forbids duplicates", () => {
    const strict = second.replace(" }", ", noDuplicateARNs: true }");
    for (const text of [first + strict, strict + first]) {
      expect(problemsOf(head + text)[1]).toMatch(
        /^cluster\.yaml:8: iamIdentityMappings\[1\]\.arn: found existing mapping with the same arn ".*" \(cluster\.yaml:7, iamIdentityMappings\[0\]\) and shadowing is disabled; keep one of the two, or set noDuplicateARNs: false on both$/,
      );
    }
  });

  it("may say the same twice, and are then as strict as the stricter one", () => {
    const strict = first.replace(" }", ", noDuplicateARNs: true }");
    const { items, warnings } = parse(head + strict + first);
    expect(items).toMatchObject([{ groups: ["a"], noDuplicateARNs: true }]);
    expect(warnings).toEqual([expect.stringContaining("which says the same; this item is left out")]);
  });

  it("may repeat an account or a service without a word, as in eksctl", () => {
    const account = '  - account: "111122223333"\n';
    const service = "  - { serviceName: emr-containers, namespace: spark }\n";
    const { items, warnings } = parse(head + account + service + account + service);
    expect(items).toHaveLength(2);
    expect(warnings).toEqual([]);
  });
});
