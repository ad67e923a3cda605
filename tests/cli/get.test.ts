import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { historicManifest } from "../support/cli/historicMap.ts";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";

// The map and the output of eksctl's own `get iamidentitymapping`, recorded from the real program.
const recordedMap = {
  mapAccounts: '- "222222222222"\n',
  mapRoles:
    "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/node\n  username: system:node:{{EC2PrivateDNSName}}\n",
  mapUsers: "- userarn: arn:aws:iam::123456789012:user/alice\n  username: alice\n  groups: [dev]\n",
};
const recorded = {
  table:
    "ARN\t\t\t\t\tUSERNAME\t\t\t\tGROUPS\t\t\t\t\tACCOUNT\n\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t222222222222\narn:aws:iam::123456789012:role/node\tsystem:node:{{EC2PrivateDNSName}}\tsystem:bootstrappers,system:nodes\t\narn:aws:iam::123456789012:user/alice\talice\t\t\t\t\tdev",
  json: '[\n    {\n        "rolearn": "arn:aws:iam::123456789012:role/node",\n        "username": "system:node:{{EC2PrivateDNSName}}",\n        "groups": [\n            "system:bootstrappers",\n            "system:nodes"\n        ]\n    },\n    {\n        "userarn": "arn:aws:iam::123456789012:user/alice",\n        "username": "alice",\n        "groups": [\n            "dev"\n        ]\n    },\n    {\n        "account": "222222222222"\n    }\n]',
  yaml: '- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/node\n  username: system:node:{{EC2PrivateDNSName}}\n- groups:\n  - dev\n  userarn: arn:aws:iam::123456789012:user/alice\n  username: alice\n- account: "222222222222"',
};

let directory: string;
const get = (...args: string[]) => runCli(["get", "--manifest", "aws-auth.yaml", ...args], { cwd: directory });
const useMap = (data: Readonly<Record<string, string>>) =>
  writeFile(join(directory, "aws-auth.yaml"), manifestOf(data));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-get-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("get", () => {
  it.each(["table", "json", "yaml"] as const)("prints the %s that eksctl prints, byte for byte", async (format) => {
    await useMap(recordedMap);
    const { code, stdout, stderr } = await get("-o", format);
    // The record lacks whitespace at its end.
    expect(stdout.trimEnd()).toBe(recorded[format]);
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("prints the table without being asked, and reads only", async () => {
    await useMap(recordedMap);
    const before = await readFile(join(directory, "aws-auth.yaml"), "utf8");
    expect((await get()).stdout.trimEnd()).toBe(recorded.table);
    expect(await readFile(join(directory, "aws-auth.yaml"), "utf8")).toBe(before);
  });

  it("sorts the table by its cells and leaves json in the map's order, duplicates included", async () => {
    await writeFile(join(directory, "aws-auth.yaml"), historicManifest);
    const rows = (await get()).stdout.trimEnd().split("\n").slice(1);
    expect(rows).toEqual([...rows].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const list: { rolearn?: string }[] = JSON.parse((await get("-o", "json")).stdout);
    expect(list.length).toBe(30);
    expect(list.filter(({ rolearn }) => rolearn === "arn:aws:iam::111122223333:role/support").length).toBe(2);
    expect(list[9]).toMatchObject({ sso: { permissionSetName: "DataEngineer", accountID: "111122223333" } });
    expect(parse((await get("-o", "yaml")).stdout)).toEqual(list);
  });

  it.each([
    ["in another letter case", "arn:aws:iam::123456789012:role/NODE", "role/node"],
    ["of a role with a path", "arn:aws:iam::123456789012:role/eks/node", "role/node"],
    ["of a user with a path", "arn:aws:iam::123456789012:user/eng/Alice", "user/alice"],
  ])("finds an ARN %s", async (_title, arn, found) => {
    await useMap(recordedMap);
    const { code, stdout } = await get("--arn", arn);
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stdout).toContain(found);
    expect(code).toBe(0);
  });

  it("says as eksctl does that an ARN has no mapping", async () => {
    await useMap(recordedMap);
    expect(await get("--arn", "arn:aws:iam::123456789012:role/nobody")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'error: no iamidentitymapping with arn "arn:aws:iam::123456789012:role/nobody" found\n',
    });
  });

  it.each([
    ["table", "No iamidentitymappings found\n"],
    ["json", "[]\n"],
    ["yaml", "[]\n"],
  ])("prints an empty map as %s", async (format, text) => {
    await useMap({ mapRoles: "[]\n" });
    expect(await get("-o", format)).toEqual({ code: 0, stdout: text, stderr: "" });
  });

  it("names key and line of a map that cannot be read, and prints nothing of it", async () => {
    await useMap({ mapRoles: "- rolearn: x\n   username: bad\n" });
    const { code, stdout, stderr } = await get();
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /^error: mapRoles in manifest "aws-auth.yaml" cannot be read; line \d+, column 8 \(line 2 of the key\): .+\n$/,
    );
  });

  it("shows what could trick a terminal as escapes", async () => {
    await useMap({
      mapRoles:
        '- {rolearn: "arn:aws:iam::111122223333:role/x", username: "\\u001b[31mred\\u001b]0;title\\u0007", groups: ["\\u202egro", "a\\nb"]}\n',
    });
    for (const format of ["table", "json", "yaml"]) {
      const { stdout } = await get("-o", format);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }
    expect((await get()).stdout).toContain("\\u001b[31mred\\u001b]0;title\\u0007");
    expect((await get()).stdout).toContain("\\u202egro,a\\u000ab");
  });
});
