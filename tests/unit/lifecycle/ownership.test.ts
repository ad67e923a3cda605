import { expect, it } from "vitest";
import { claimsOf, parseDocument } from "../../../provider/document/index.ts";
import { namesOf } from "../../../provider/lifecycle/ownership.ts";

it("names those who want an entry in the same order every time, whatever their IDs, by which the record is sorted", () => {
  const line = (id: string, label: string) => `111122223333:role/x 3f9ac1 ${id} ${label}`;
  const record = [line("aaaaaa", "infra two"), line("bbbbbb", "apps"), line("cccccc", "infra one")].join("\n");
  expect(namesOf(claimsOf(parseDocument({}, undefined, record)))).toBe('"apps" and "infra one" and "infra two"');
});
