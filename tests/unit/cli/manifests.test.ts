import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { AccessReview } from "../../../provider/reports/accessReview.ts";
import { historicManifest } from "../../support/cli/historicMap.ts";
import { cliDirectory, runHere } from "../../support/cli/runCli.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { entry, iam } from "../../support/migration/world.ts";

// A map and the output of `eksctl get iamidentitymapping` for it, recorded from the real program.
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

const longEntries = Array.from({ length: 1_000 }, (_, index) => {
  const name = `${index % 2 === 0 ? "eng/" : ""}r${999 - index}`;
  return `- {rolearn: "${iam(`role/${name}`)}", username: u, groups: [viewers], team: a}\n`;
});

const { file, here, write } = cliDirectory({
  "recorded.yaml": manifestOf(recordedMap),
  "historic.yaml": historicManifest,
  "empty.yaml": manifestOf({ mapRoles: "[]\n" }),
  "long.yaml": manifestOf({ mapRoles: longEntries.join("") }),
  "risky.yaml": manifestOf({ mapRoles: `- {rolearn: ${iam("role/dev")}, username: u, team: a}\n` }),
  "a.yaml": manifestOf({ mapRoles: entry(iam("role/dev"), "dev", "viewers") }),
  "b.yaml": manifestOf({ mapRoles: entry(iam("role/ops"), "ops", "system:masters") }),
  "clusters.yaml": "- manifest: a.yaml\n- {manifest: b.yaml}\n- manifest: missing.yaml\n",
});

describe("get", () => {
  const get = (manifest: string, ...args: string[]) => here("get", "--manifest", `@${manifest}.yaml`, ...args);

  it.each(["table", "json", "yaml"] as const)("prints the same %s as eksctl, byte for byte", async (format) => {
    const { code, out, err } = await get("recorded", "-o", format);
    // The recording lacks trailing whitespace.
    expect([code, out.trimEnd(), err]).toEqual([0, recorded[format], ""]);
  });

  it("sorts the table by its cells, and prints JSON and YAML in the order of the map", async () => {
    const rows = (await get("historic")).out.trimEnd().split("\n").slice(1);
    expect(rows).toEqual([...rows].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const list: { rolearn?: string }[] = JSON.parse((await get("historic", "-o", "json")).out);
    expect(list.length).toBe(30);
    expect(list.filter(({ rolearn }) => rolearn === "arn:aws:iam::111122223333:role/support").length).toBe(2);
    expect(list[9]).toMatchObject({ sso: { permissionSetName: "DataEngineer", accountID: "111122223333" } });
    expect(parse((await get("historic", "-o", "yaml")).out)).toEqual(list);
  });

  it("finds the ARN of a user with a path, in any letter case", async () => {
    const { code, out } = await get("recorded", "--arn", "arn:aws:iam::123456789012:user/eng/Alice");
    expect([code, out.trimEnd().split("\n").length, out]).toEqual([0, 2, expect.stringContaining("user/alice")]);
  });

  it.each([
    ["table", "No iamidentitymappings found\n"],
    ["json", "[]\n"],
    ["yaml", "[]\n"],
  ])("prints an empty map as %s", async (format, text) => {
    expect(await get("empty", "-o", format)).toEqual({ code: 0, out: text, err: "" });
  });
});

it("omits identities with several entries from a file for pulumi import, and lists their entries on stderr", async () => {
  const { code, out, err } = await here("import", "-o", "pulumi-import", "--manifest", "@historic.yaml");
  const { resources }: { resources: { id: string }[] } = JSON.parse(out);
  const support = "arn:aws:iam::111122223333:role/support";
  expect([code, resources.length > 10, resources.filter(({ id }) => id === support)]).toEqual([0, true, []]);
  const notes = err.split("\n").filter((line) => line.includes(`"${support}"`));
  expect(notes).toEqual([
    expect.stringMatching(/takes precedence for this identity/),
    expect.stringMatching(
      /: its identity has several entries, which pulumi import refuses; declare .* adopt: true to remove/,
    ),
  ]);
});

describe("lint", () => {
  it("prints errors first, and at most ten findings of each rule", async () => {
    const { code, out } = await here("lint", "--manifest", "@long.yaml");
    expect(code).toBe(1);
    const titles = out.split("\n").filter((line) => /^(?:error|warning) /.test(line));
    expect(titles).toHaveLength(22);
    expect(titles.slice(0, 10).filter((title) => /^error .*\[never-matches\]$/.test(title))).toHaveLength(10);
    expect(titles[10]).toBe("error  490 more  [never-matches]");
    expect(titles[21]).toBe("warning  990 more  [field]");
    expect(out).toContain('  mapRoles entry 21 (line 28) to mapRoles entry 999 (line 1006); "-o json" prints each\n');
    expect(out).toMatch(/\n500 errors and 1000 warnings in manifest ".*"\n$/);
    expect(JSON.parse((await here("lint", "--manifest", "@long.yaml", "-o", "json")).out)).toHaveLength(1_500);
  });

  it("exits with 0 for warnings, and with 1 if --strict is set", async () => {
    const { code, out } = await here("lint", "--manifest", "@risky.yaml");
    expect([code, out]).toEqual([0, expect.stringContaining("0 errors and 1 warning")]);
    expect((await here("lint", "--manifest", "@risky.yaml", "--strict")).code).toBe(1);
  });
});

describe("review", () => {
  beforeAll(async () => {
    const { out } = await runHere("review", "--manifest", file("a.yaml"), "-o", "json");
    write({ "since.json": out });
  });

  it("resolves the manifests of a list from its directory, and continues after a missing one", async () => {
    const { code, out } = await here("review", "--clusters", "@clusters.yaml", "-o", "json");
    expect(code).toBe(2);
    const { clusters, unread }: AccessReview = JSON.parse(out);
    expect(clusters.map(({ id }) => id)).toEqual(["manifest:a.yaml", "manifest:b.yaml"]);
    const message = 'manifest "missing.yaml" does not exist; specify the path to a ConfigMap manifest';
    expect(unread).toEqual([{ id: "manifest:missing.yaml", name: "missing.yaml", code: "clusterNotFound", message }]);
  });

  it.each<[manifests: string[], more: string[], expected: number, text: string]>([
    [["@a.yaml"], ["--fail-on", "change"], 0, "0 changes since"],
    // A change takes precedence over a cluster that cannot be read.
    [["@b.yaml", "@missing.yaml"], ["--fail-on", "change"], 1, "Not compared"],
  ])("compares %j with options %j and exits with %i", async (manifests, more, expected, text) => {
    const named = manifests.flatMap((manifest) => ["--manifest", manifest]);
    const { code, out } = await here("review", ...named, "--since", "@since.json", ...more);
    expect([code, out]).toEqual([expected, expect.stringContaining(text)]);
  });
});
