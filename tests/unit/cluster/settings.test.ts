import { describe, expect, it } from "vitest";
import { deletesUnreachable, lockoutProtection, unreachablePolicy } from "../../../provider/cluster/index.ts";
import { settingsOf } from "./support.ts";

describe("unreachablePolicy", () => {
  it.each([
    [undefined, "error"],
    ["error", "error"],
    ["warn", "warn"],
  ])("of %s is %s", (value, policy) => {
    const config = value === undefined ? {} : { "aws-auth:unreachable": value };
    expect(unreachablePolicy(settingsOf({ config }))).toBe(policy);
  });

  it("refuses anything else", () => {
    expect(() => unreachablePolicy(settingsOf({ config: { "aws-auth:unreachable": "warning" } }))).toThrow(
      'stack configuration aws-auth:unreachable "warning" must be one of: error, warn',
    );
  });
});

describe("deletesUnreachable", () => {
  it.each([
    [undefined, false],
    ["false", false],
    ["true", true],
  ])("of %s is %s", (value, expected) => {
    const config = value === undefined ? {} : { "aws-auth:deleteUnreachable": value };
    expect(deletesUnreachable(settingsOf({ config }))).toBe(expected);
  });

  it("refuses anything else, rather than to delete less than asked", () => {
    expect(() => deletesUnreachable(settingsOf({ config: { "aws-auth:deleteUnreachable": "yes" } }))).toThrow(
      expect.objectContaining({ code: "invalidInput" }),
    );
  });
});

describe("lockoutProtection", () => {
  it.each([
    [undefined, "warn"],
    ["warn", "warn"],
    ["error", "error"],
  ])("of %s is %s", (value, expected) => {
    const config = value === undefined ? {} : { "aws-auth:lockoutProtection": value };
    expect(lockoutProtection(settingsOf({ config }))).toBe(expected);
  });

  it("refuses anything else, rather than to protect less than asked", () => {
    expect(() => lockoutProtection(settingsOf({ config: { "aws-auth:lockoutProtection": "true" } }))).toThrow(
      'stack configuration aws-auth:lockoutProtection "true" must be one of: warn, error',
    );
  });
});
