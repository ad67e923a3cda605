import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockoutProtection, settingNames, settingProblem } from "../../../provider/cluster/settings.ts";
import { settingsOf } from "../../support/cluster/kubeconfigs.ts";
import { repository } from "../../support/engine/testProject.ts";

describe("lockoutProtection", () => {
  it.each([
    [undefined, undefined, "error"],
    ["warn", undefined, "warn"],
    ["off", "", "off"],
    ["warn", "error", "error"],
    [undefined, "off", "off"],
  ] as const)("with %s in the stack and %s in the environment is %s", (value, override, expected) => {
    const config = { ...(value && { "aws-auth:lockoutProtection": value }) };
    const env = { ...(override !== undefined && { AWS_AUTH_LOCKOUT_PROTECTION: override }) };
    expect(lockoutProtection(settingsOf({ config, env }))).toBe(expected);
  });

  it.each([
    [{ config: { "aws-auth:lockoutProtection": "true" } }, "stack configuration aws-auth:lockoutProtection"],
    [{ env: { AWS_AUTH_LOCKOUT_PROTECTION: "true" } }, "AWS_AUTH_LOCKOUT_PROTECTION"],
  ])("refuses an invalid value, and reports its source", (given, source) => {
    expect(() => lockoutProtection(settingsOf(given))).toThrow(`${source} "true" must be one of: error, warn, off`);
  });
});

describe("the names of settings", () => {
  it("are the ones that the provider and the SDK read", () => {
    const files = ["provider", "sdk"].flatMap((directory) =>
      readdirSync(join(repository, directory), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(repository, directory, file)),
    );
    const read = files.flatMap((file) =>
      Array.from(readFileSync(file, "utf8").matchAll(/"aws-auth:(\w+)"/g), ([, name]) => name),
    );
    expect(new Set(read)).toEqual(new Set(settingNames));
  });

  it("are all documented in docs/configuration.md", () => {
    const page = readFileSync(join(repository, "docs", "configuration.md"), "utf8");
    const rows = Array.from(page.matchAll(/^\| `aws-auth:(\w+)`/gm), ([, name]) => name);
    expect(rows.toSorted()).toEqual(settingNames.toSorted());
  });
});

describe("a key under aws-auth:", () => {
  it.each([
    ["is accepted if it is a setting", "cluster", "access", undefined],
    [
      "is refused if it is misspelled",
      "lockoutProtecton",
      "access",
      / is not a valid setting; valid settings: cluster,/,
    ],
    ["is refused if the setting was removed in 0.3", "unreachable", "access", / is not a valid setting;/],
    ["is accepted if it may belong to the project", "subnetIds", "aws-auth", undefined],
  ])("%s", (_title, name, project, problem) => {
    const found = settingProblem(name, project);
    expect(found).toEqual(problem && expect.stringMatching(new RegExp(`^aws-auth:${name}${problem.source}`)));
  });
});
