import { describe, expect, it } from "vitest";
import { itemName } from "../../../../sdk/clusterConfig.ts";
import { itemsOf } from "./support.ts";

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
