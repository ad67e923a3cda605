import { expect, it } from "vitest";
import { Declarations } from "../../../provider/session/session.ts";

const principal = "arn:aws:iam::111122223333:role/dev";
const first = { urn: "urn:a", id: "aaaaaaaa.000001", principal };
const second = { urn: "urn:b", id: "bbbbbbbb.000001", principal };

it("refuses the second resource that is checked with a principal, and its write", () => {
  const declarations = new Declarations();
  declarations.declare(first);
  declarations.declare(second);
  expect(declarations.before(principal, first.id)).toBeUndefined();
  expect(declarations.before(principal, second.id)).toEqual(first);
  declarations.declare({ ...second, urn: "urn:c", principal: "111122223333" });
  expect(declarations.before("111122223333", second.id)).toBeUndefined();
});

it("takes the second check of a resource, before its replacement, for the same resource", () => {
  const declarations = new Declarations();
  declarations.declare(first);
  const replacement = { ...first, id: "aaaaaaaa.000002" };
  declarations.declare(replacement);
  declarations.declare(second);
  expect(declarations.before(principal, replacement.id)).toBeUndefined();
});

it("knows that another mapping of a principal failed, and forgets one that succeeds later", async () => {
  const declarations = new Declarations();
  const failure = declarations.attempt(principal, first.id, () => Promise.reject(new Error("no")));
  await expect(failure).rejects.toThrow("no");
  expect(declarations.hasFailed(principal, first.id)).toBe(false);
  expect(declarations.hasFailed(principal, second.id)).toBe(true);
  await declarations.attempt(principal, first.id, async () => {});
  expect(declarations.hasFailed(principal, second.id)).toBe(false);
});
