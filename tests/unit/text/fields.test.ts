import { describe, expect, it } from "vitest";
import { describeUnknownKey, fieldsOf, isFields } from "../../../provider/text/fields.ts";

describe("the fields of a value", () => {
  it.each([[null], [undefined], ["a"], [1], [["a"]]])("are none for %j", (value) => {
    expect(isFields(value)).toBe(false);
    expect(fieldsOf(value)).toEqual({});
  });

  it("are an object's own", () => {
    const value = { a: 1 };
    expect(isFields(value)).toBe(true);
    expect(fieldsOf(value)).toBe(value);
  });
});

describe("an unknown key", () => {
  it("is described with all that are valid", () => {
    expect(describeUnknownKey("regoin", ["name", "region"])).toBe('unknown key "regoin"; valid keys: name, region');
  });
});
