import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessReview } from "../../provider/review/model.ts";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
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
    await writeFile(join(directory, name), text);
  }
  const { stdout } = await review("--manifest", "a.yaml", "-o", "json");
  await writeFile(join(directory, "since.json"), stdout);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function entry(role: string, group: string): string {
  return `- rolearn: arn:aws:iam::111122223333:role/${role}\n  username: ${role}\n  groups: ["${group}"]\n`;
}

function review(...args: string[]) {
  return runCli(["review", ...args], { cwd: directory });
}

describe("review on manifests", () => {
  it("takes several, and a list of clusters in a file, and does not stop at one that is missing", async () => {
    const { code, stdout, stderr } = await review("--manifest", "a.yaml", "--manifest", "b.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("2 clusters, 2 identities, 1 administrator, 3 findings\n");
    const listed = await review("--clusters", "clusters.yaml", "-o", "json");
    expect(listed.code).toBe(2);
    const { clusters, unread }: AccessReview = JSON.parse(listed.stdout);
    expect(clusters.map(({ id }) => id)).toEqual(["manifest:a.yaml", "manifest:b.yaml"]);
    expect(unread).toEqual([
      {
        id: "manifest:missing.yaml",
        name: "missing.yaml",
        code: "clusterNotFound",
        message: 'there is no file "missing.yaml"; give the path of a ConfigMap manifest',
      },
    ]);
  });

  it("counts a cluster once, and takes paths in a file from the directory of the file", async () => {
    const once: AccessReview = JSON.parse(
      (await review("--manifest", "a.yaml", "--manifest", "./a.yaml", "-o", "json")).stdout,
    );
    expect(once.clusters).toHaveLength(1);
    const { stdout } = await runCli(["review", "--clusters", join(directory, "clusters.yaml"), "-o", "json"]);
    expect(JSON.parse(stdout).clusters).toHaveLength(2);
  });

  it("exits with 2 for a key that cannot be read, whose entries are unknown", async () => {
    const { code, stdout } = await review("--manifest", "broken.yaml");
    expect(code).toBe(2);
    expect(stdout).toContain("unknown: the entries of mapRoles are unknown: line ");
  });

  it.each(["table", "html"])("prints as %s", async (output) => {
    const { code, stdout } = await review("--manifest", "b.yaml", "-o", output);
    expect(code).toBe(0);
    expect(stdout).toContain("system:masters");
    expect(stdout.endsWith("\n")).toBe(true);
  });

  it.each([
    ["a.yaml", [], 0, "0 changes since"],
    ["a.yaml", ["--fail-on", "change"], 0, "0 changes since"],
    ["b.yaml", [], 0, "every right in the cluster"],
    ["b.yaml", ["--fail-on", "change"], 1, "every right in the cluster"],
  ])("exits by changes of %s since a review of a.yaml, with %j", async (file, failOn, expected, text) => {
    const { code, stdout } = await review("--manifest", file, "--since", "since.json", ...failOn);
    expect(code).toBe(expected);
    expect(stdout).toContain(text);
  });

  it("exits with 1 for a change although another cluster cannot be read", async () => {
    await writeFile(join(directory, "two.yaml"), "- manifest: changing.yaml\n- manifest: missing.yaml\n");
    await writeFile(join(directory, "changing.yaml"), manifestOf({ mapRoles: "[]\n" }));
    const { stdout } = await review("--manifest", "changing.yaml", "-o", "json");
    await writeFile(join(directory, "empty.json"), stdout);
    await writeFile(join(directory, "changing.yaml"), manifestOf({ mapRoles: entry("dev", "viewers") }));
    expect((await review("--clusters", "two.yaml", "--since", "empty.json", "--fail-on", "change")).code).toBe(1);
  });
});

describe("review refuses", () => {
  it.each([
    [["--fail-on", "change", "--manifest", "a.yaml"], "--fail-on change needs an earlier review; name it with --since"],
    [["--fail-on", "new-administrator", "--manifest", "a.yaml"], "Allowed choices are change."],
    [["--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [[], "no cluster is named; "],
    [["--clusters", "none.yaml"], '--clusters "none.yaml" cannot be read: there is no such file'],
    [["--clusters", "text.yaml"], '--clusters "text.yaml" is not a list of clusters; '],
    [["--clusters", "tab.yaml"], '--clusters "tab.yaml:2:1": '],
    [["--manifest", "a.yaml", "--since", "foreign.json"], "it is not an access review; "],
    [["--manifest", "a.yaml", "--since", "none.json"], "there is no such file; "],
    [["--manifest", "a.yaml", "-o", "csv"], "Allowed choices are table, json, html."],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await review(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
