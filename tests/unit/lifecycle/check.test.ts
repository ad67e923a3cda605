import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { check } from "../../../provider/index.ts";
import { contextInput, writeContext } from "../../../provider/lifecycle/context.ts";
import { currentRun } from "../../../provider/lifecycle/run.ts";
import { badInputFiles, badInputs } from "../../support/engine/badInputs.ts";
import { unfolded } from "../../support/unfolded.ts";

describe("check", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "check-"));
    for (const [name, text] of Object.entries(badInputFiles)) {
      await writeFile(join(directory, name), text);
    }
    currentRun().settings = { config: () => undefined, env: {}, cwd: directory };
    vi.spyOn(console, "error").mockReturnValue();
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await rm(directory, { recursive: true });
  });

  it.each(badInputs)("refuses %s, each problem on its own property", async (_title, args, problems) => {
    const given: Record<string, unknown> = { cluster: { manifest: "aws-auth.yaml" }, ...args };
    const { failures = [] } = await check({}, { ...given, cluster: given["cluster"] ?? undefined });
    expect(Object.fromEntries(failures.map(({ property, reason }) => [property, unfolded(reason)]))).toEqual(
      Object.fromEntries(Object.entries(problems).map(([name, text]) => [name, expect.stringContaining(text)])),
    );
    expect(failures).toHaveLength(Object.keys(problems).length);
  });

  it.each([
    ["aws-auth:lockoutProtection", "Error", "error, warn, off"],
    ["aws-auth:unreachable", "ignore", "error, warn"],
    ["aws-auth:deleteUnreachable", "yes", "false, true"],
    ["aws-auth:noDuplicateARNs", "yes", "true, false"],
  ])("refuses a stack whose %s is %s, which matters only later", async (key, value, allowed) => {
    currentRun().settings = { ...currentRun().settings, config: (name) => (name === key ? value : undefined) };
    const given = {
      cluster: { manifest: "aws-auth.yaml" },
      arn: "arn:aws:iam::111122223333:role/new",
      username: "new",
    };
    const { failures } = await check({}, given);
    expect(failures).toEqual([
      { property: "", reason: `stack configuration ${key} "${value}" must be one of: ${allowed}` },
    ]);
  });

  it("tells that a role's path is stripped when the ARN is new, and not in every run", async () => {
    currentRun().settings = { ...currentRun().settings, config: () => undefined };
    const said = vi.spyOn(console, "error").mockReturnValue();
    const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
    const given = (name: string) => ({ cluster: { manifest: "aws-auth.yaml" }, arn: arnOf(name), username: "pathed" });
    const isTold = async (olds: object, name: string) => {
      said.mockClear();
      await check({ ...olds }, given(name));
      return said.mock.calls.some(([text]) => String(text).includes("is mapped instead"));
    };
    expect(await isTold(given("pathed"), "eng/pathed")).toBe(false);
    expect(await isTold({}, "eng/pathed")).toBe(true);
    expect(await isTold(given("pathed"), "ops/other")).toBe(true);
    said.mockClear();
  });

  it("says in a preview, once, that a manifest is not there", async () => {
    currentRun().settings = { ...currentRun().settings, config: () => undefined };
    const said = vi.spyOn(console, "error").mockReturnValue();
    const given = (manifest: string, isPreview: boolean, arn: string) => ({
      cluster: { manifest },
      arn: `arn:aws:iam::111122223333:role/${arn}`,
      username: "u",
      [contextInput]: writeContext({
        label: undefined,
        urn: arn,
        ignoreChanges: [],
        isPreview,
        secrets: [],
      }),
    });
    await check({}, given("aws-atuh.yaml", true, "a"));
    await check({}, given("aws-atuh.yaml", true, "b"));
    await check({}, given("other.yaml", false, "c"));
    const told = said.mock.calls.filter(([text]) => String(text).includes("manifest"));
    expect(told).toEqual([['info: manifest "aws-atuh.yaml" does not exist; "pulumi up" creates it']]);
  });
});
