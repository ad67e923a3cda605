import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessReview } from "../../provider/review/model.ts";
import { runHere } from "../support/cli/runHere.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-review-"));
  const files = {
    "a.yaml": manifestOf({ mapRoles: entry("dev", "viewers") }),
    "b.yaml": manifestOf({ mapRoles: entry("ops", "system:masters") }),
    "broken.yaml": manifestOf({ mapRoles: "- rolearn: [\n" }),
    "clusters.yaml": "- manifest: a.yaml\n- {manifest: b.yaml}\n- manifest: missing.yaml\n",
    "text.yaml": "a.yaml\n",
    "tab.yaml": "- manifest: a.yaml\n\t- x\n",
    "foreign.json": "{}",
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(file(name), text);
  }
  const { out } = await review("--manifest", file("a.yaml"), "-o", "json");
  await writeFile(file("since.json"), out);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function entry(role: string, group: string): string {
  return `- rolearn: arn:aws:iam::111122223333:role/${role}\n  username: ${role}\n  groups: ["${group}"]\n`;
}

/** Runs the command; `@name` stands for a file. */
function review(...args: string[]) {
  return runHere("review", ...args.map((arg) => arg.replace(/^@(.+)/, (_, name) => file(name))));
}

describe("review on manifests", () => {
  it("reads the clusters of a list from its directory, and goes on after one that is missing", async () => {
    const { code, out } = await review("--clusters", "@clusters.yaml", "-o", "json");
    expect(code).toBe(2);
    const { clusters, unread }: AccessReview = JSON.parse(out);
    expect(clusters.map(({ id }) => id)).toEqual(["manifest:a.yaml", "manifest:b.yaml"]);
    const message = 'there is no file "missing.yaml"; give the path of a ConfigMap manifest';
    expect(unread).toEqual([{ id: "manifest:missing.yaml", name: "missing.yaml", code: "clusterNotFound", message }]);
  });

  it("reviews a cluster once that is named twice", async () => {
    const { out } = await review("--manifest", "@a.yaml", "--manifest", "@./a.yaml", "-o", "json");
    expect(JSON.parse(out).clusters).toHaveLength(1);
  });

  it("exits with 2 for a key that cannot be read, whose entries are unknown", async () => {
    const { code, out } = await review("--manifest", "@broken.yaml");
    expect(code).toBe(2);
    expect(out).toContain("unknown: mapRoles cannot be read; line ");
  });

  it.each<[manifests: string[], more: string[], expected: number, text: string]>([
    [["@a.yaml"], ["--fail-on", "change"], 0, "0 changes since"],
    [["@b.yaml"], [], 0, "every right in the cluster"],
    [["@b.yaml"], ["--fail-on", "change"], 1, "every right in the cluster"],
    // A change takes precedence over a cluster that cannot be read.
    [["@b.yaml", "@missing.yaml"], ["--fail-on", "change"], 1, "Not compared"],
  ])("%j with %j exits with %i", async (manifests, more, expected, text) => {
    const named = manifests.flatMap((manifest) => ["--manifest", manifest]);
    const { code, out } = await review(...named, "--since", "@since.json", ...more);
    expect([code, out]).toEqual([expected, expect.stringContaining(text)]);
  });

  it.each([
    [
      ["--fail-on", "change", "--manifest", "@a.yaml"],
      "--fail-on change needs an earlier review; name it with --since",
    ],
    [["--fail-on", "other", "--manifest", "@a.yaml"], "Allowed choices are change."],
    [["--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [[], "no cluster is named; "],
    [["--clusters", "@none.yaml"], "cannot be read: there is no such file"],
    [["--clusters", "@text.yaml"], "is not a list of clusters; "],
    [["--clusters", "@tab.yaml"], 'tab.yaml:2:1": '],
    [["--manifest", "@a.yaml", "--since", "@foreign.json"], "it is not an access review; "],
    [["--manifest", "@a.yaml", "--since", "@none.json"], "there is no such file; "],
    [["--manifest", "@a.yaml", "-o", "csv"], "Allowed choices are table, json, html."],
  ])("refuses %j", async (args, message) => {
    expect(await review(...args)).toEqual({ code: 2, out: "", err: expect.stringContaining(message) });
  });
});
