import { expect, test } from "vitest";
import { Program } from "../../provider/lifecycle/program.ts";

const [cluster, principal] = ["prod", "arn:aws:iam::111122223333:role/dev"];
const me = (id: string) => ({ id, owner: "infra/prod dev" });
const [first, replacement, second] = [me("aaaaaaaa.000001"), me("aaaaaaaa.000002"), me("bbbbbbbb.000001")];
const it = test.extend("program", () => {
  const program = new Program();
  program.add(first, "urn:a");
  program.declare(first.id, cluster, principal);
  return program;
});

it("returns the first of two resources with a principal on a cluster", ({ program }) => {
  program.add(second, "urn:b");
  program.declare(second.id, cluster, principal);
  expect(program.rivalOf(second.id, cluster, principal)).toBe("urn:a");
  expect(program.rivalOf(first.id, cluster, principal)).toBeUndefined();
});

it("treats the same principal on another cluster, or on an unknown one, as a different principal", ({ program }) => {
  program.add(second, "urn:b");
  program.declare(second.id, undefined, principal);
  expect(program.rivalOf(second.id, undefined, principal)).toBeUndefined();
});

it("treats the second check of a resource, before its replacement, as the same resource", ({ program }) => {
  program.add(replacement, "urn:a");
  program.declare(replacement.id, cluster, principal);
  program.add(second, "urn:b");
  program.declare(second.id, cluster, principal);
  expect(program.rivalOf(replacement.id, cluster, principal)).toBeUndefined();
});

it("records the failure of another mapping until it succeeds", async ({ program }) => {
  const failure = program.attempt(cluster, principal, first.id, () => Promise.reject(new Error("no")));
  await expect(failure).rejects.toThrow("no");
  expect(program.hasFailed(cluster, principal, first.id)).toBe(false);
  expect(program.hasFailed(cluster, principal, second.id)).toBe(true);
  await program.attempt(cluster, principal, first.id, async () => ({}));
  expect(program.hasFailed(cluster, principal, second.id)).toBe(false);
});
