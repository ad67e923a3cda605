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

async function data(...args: string[]): Promise<AccessReview> {
  return JSON.parse((await review(...args, "-o", "json")).stdout);
}

describe("review on manifests", () => {
  it("takes several, and a file of clusters, and tells of one that is not there without stopping", async () => {
    const { code, stdout, stderr } = await review("--manifest", "a.yaml", "--manifest", "b.yaml");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("2 clusters, 2 identities, 1 administrator");
    expect(stdout).toContain("only groups are known, not rights");
    const listed = await review("--clusters", "clusters.yaml", "-o", "json");
    expect(listed.code).toBe(2);
    const { clusters, unread, summary }: AccessReview = JSON.parse(listed.stdout);
    expect(clusters.map(({ id, hasRights }) => [id, hasRights])).toEqual([
      ["manifest:a.yaml", false],
      ["manifest:b.yaml", false],
    ]);
    expect(unread).toEqual([
      {
        id: "manifest:missing.yaml",
        name: "missing.yaml",
        code: "clusterNotFound",
        message: 'there is no file "missing.yaml"; give the path of a ConfigMap manifest',
      },
    ]);
    expect(summary).toMatchObject({ clusters: 2, unread: 1 });
  });

  it("counts a cluster once that is named twice, and takes paths in a file from the directory of the file", async () => {
    expect((await data("--manifest", "a.yaml", "--manifest", "./a.yaml")).clusters).toHaveLength(1);
    const { stdout } = await runCli(["review", "--clusters", join(directory, "clusters.yaml"), "-o", "json"]);
    expect(JSON.parse(stdout).clusters).toHaveLength(2);
  });

  it("exits with 1 for a key that the authenticator drops", async () => {
    const { code, stdout } = await review("--manifest", "broken.yaml");
    expect(code).toBe(1);
    expect(stdout).toContain("the authenticator drops everybody in mapRoles, line");
  });

  it.each(["table", "csv", "markdown", "html"])("prints as %s", async (output) => {
    const { code, stdout } = await review("--manifest", "b.yaml", "-o", output);
    expect(code).toBe(0);
    expect(stdout).toContain("system:masters");
    expect(stdout.endsWith("\n")).toBe(true);
  });

  it.each([
    ["nothing", "b.yaml", 0],
    ["nothing", "a.yaml", 0],
    ["new-administrator", "a.yaml", 0],
    ["new-administrator", "b.yaml", 1],
    ["change", "a.yaml", 0],
    ["change", "b.yaml", 1],
  ])("--fail-on %s with %s, where the earlier review has a.yaml, exits with %i", async (failOn, file, expected) => {
    const { code, stdout } = await review("--manifest", file, "--since", "since.json", "--fail-on", failOn);
    expect(code).toBe(expected);
    expect(stdout).toContain(file === "a.yaml" ? "0 changes since" : "new administrator");
  });

  it("exits with 1 for a new administrator although another cluster cannot be read: an outage hides nothing", async () => {
    const args = ["--clusters", "clusters.yaml", "--since", "since.json", "--fail-on", "new-administrator"];
    expect((await review(...args)).code).toBe(1);
  });
});

describe("review refuses", () => {
  it.each([
    [
      ["--fail-on", "change", "--manifest", "a.yaml"],
      "--fail-on change compares with an earlier review; name it with --since FILE",
    ],
    [["--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [[], "no cluster is named; "],
    [["--clusters", "none.yaml"], '--clusters "none.yaml" cannot be read: there is no such file'],
    [["--clusters", "text.yaml"], '--clusters "text.yaml" is not a list of clusters; '],
    [["--clusters", "tab.yaml"], '--clusters "tab.yaml:2:1": '],
    [["--manifest", "a.yaml", "--since", "foreign.json"], "it is not an access review; "],
    [["--manifest", "a.yaml", "-o", "yaml"], "Allowed choices are table, json, csv, markdown, html."],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await review(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
