import { expect, it } from "vitest";
import { renderAccessEntries } from "../../../cli/importAccessEntries.ts";
import { iam } from "../../support/migration/world.ts";
import { facts, liveOf } from "../migration/support.ts";

it("a program of access entries says that EKS's own may be among them, where the node groups cannot be read", () => {
  const entries = [liveOf({ principalArn: iam("role/eks/workers"), type: "EC2_LINUX" })];
  const text = renderAccessEntries(facts({ entries, eksRoles: "may not do eks:ListNodegroups" }), "prod");
  expect(text).toContain("may not do eks:ListNodegroups");
});
