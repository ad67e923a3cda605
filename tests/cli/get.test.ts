import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { historicManifest } from "../support/cli/historicMap.ts";
import { runHere } from "../support/cli/runHere.ts";
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
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-get-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const manifest = () => join(directory, "aws-auth.yaml");
const get = (...args: string[]) => runHere("get", "--manifest", manifest(), ...args);
const useMap = (data: Readonly<Record<string, string>>) => writeFile(manifest(), manifestOf(data));

describe("get", () => {
  it.each(["table", "json", "yaml"] as const)("prints the %s that eksctl prints, byte for byte", async (format) => {
    await useMap(recordedMap);
    const { code, out, err } = await get("-o", format);
    // The record lacks whitespace at its end.
    expect([code, out.trimEnd(), err]).toEqual([0, recorded[format], ""]);
  });

  it("sorts the table by its cells, and prints JSON and YAML in the map's order", async () => {
    await writeFile(manifest(), historicManifest);
    const rows = (await get()).out.trimEnd().split("\n").slice(1);
    expect(rows).toEqual([...rows].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const list: { rolearn?: string }[] = JSON.parse((await get("-o", "json")).out);
    expect(list.length).toBe(30);
    expect(list.filter(({ rolearn }) => rolearn === "arn:aws:iam::111122223333:role/support").length).toBe(2);
    expect(list[9]).toMatchObject({ sso: { permissionSetName: "DataEngineer", accountID: "111122223333" } });
    expect(parse((await get("-o", "yaml")).out)).toEqual(list);
  });

  it.each([
    ["in another letter case", "arn:aws:iam::123456789012:role/NODE", "role/node"],
    ["of a role with a path", "arn:aws:iam::123456789012:role/eks/node", "role/node"],
    ["of a user with a path", "arn:aws:iam::123456789012:user/eng/Alice", "user/alice"],
  ])("finds an ARN %s", async (_title, arn, found) => {
    await useMap(recordedMap);
    const { code, out } = await get("--arn", arn);
    expect([code, out.trimEnd().split("\n").length, out]).toEqual([0, 2, expect.stringContaining(found)]);
  });

  it("reports as eksctl does that an ARN has no mapping", async () => {
    await useMap(recordedMap);
    expect(await get("--arn", "arn:aws:iam::123456789012:role/nobody")).toEqual({
      code: 1,
      out: "",
      err: 'error: no iamidentitymapping with arn "arn:aws:iam::123456789012:role/nobody" found\n',
    });
  });

  it.each([
    ["table", "No iamidentitymappings found\n"],
    ["json", "[]\n"],
    ["yaml", "[]\n"],
  ])("prints an empty map as %s", async (format, text) => {
    await useMap({ mapRoles: "[]\n" });
    expect(await get("-o", format)).toEqual({ code: 0, out: text, err: "" });
  });

  it("names key and line of a map that cannot be read, and prints nothing of it", async () => {
    await useMap({ mapRoles: "- rolearn: x\n   username: bad\n" });
    const { code, out, err } = await get();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^error: mapRoles in manifest ".*" cannot be read; line \d+, column 8 \(line 2 of the key\): .+\n$/,
    );
  });
});
