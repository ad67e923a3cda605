import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliFile, runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-cli-"));
  const entries = Array.from({ length: 3_000 }, (_, index) => {
    return `- {rolearn: "arn:aws:iam::111122223333:role/r${index}", username: u, groups: [viewers]}\n`;
  });
  await writeFile(join(directory, "large.yaml"), manifestOf({ mapRoles: entries.join("") }));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const ways = "--cluster NAME, --kubeconfig PATH with or without --context NAME, or --manifest FILE";

describe("the command line", () => {
  it.each(["get", "explain", "can-i", "who-can", "lint", "import"])(
    "documents options and exit codes of %s in 80 columns",
    async (name) => {
      const { code, stdout, stderr } = await runCli([name, "--help"]);
      expect([code, stderr]).toEqual([0, ""]);
      for (const option of [
        "--cluster",
        "--region",
        "--profile",
        "--role-arn",
        "--kubeconfig",
        "--context",
        "--manifest",
      ]) {
        expect(stdout).toContain(option);
      }
      expect(stdout).toMatch(
        /Exit codes:\n {2}0 {2}.+\n {2}1 {2}.+\n {2}2 {2}(?:unknown, |cannot express it, )?wrong usage, or the cluster cannot be reached\n$/,
      );
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  it("lists its commands, and prints the package's version", async () => {
    const { stdout } = await runCli(["--help"]);
    for (const name of ["get", "explain", "can-i", "who-can", "lint", "review", "migrate", "import"]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    }
    expect((await runCli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each<[args: string[], message: string]>([
    [["get"], `no cluster is named; give ${ways}`],
    [["get", "--manifest", "a", "--cluster", "b"], `more than one cluster is named; keep one of ${ways}`],
    [["lint", "--cluster", "b", "--context", "c"], `more than one cluster is named; keep one of ${ways}`],
    [["get", "--manifest", "a", "--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [["get", "--role-arn", "a", "--context", "c"], "--role-arn goes with --cluster NAME, which is missing"],
    [["get", "--manifest", "none.yaml"], 'there is no file "none.yaml"; give the path of a ConfigMap manifest'],
    [["get", "--manifes", "a"], "unknown option '--manifes'"],
    [["frob"], "unknown command 'frob'"],
    [["get", "--arn"], "option '--arn <arn>' argument missing"],
    [["explain", "a", "b"], "too many arguments for 'explain'. Expected 1 argument but got 2."],
    [["import", "--from", "a.yaml", "--cluster", "b"], '--from "a.yaml" reads no cluster; remove --cluster'],
    [["can-i", "a", "get", "--manifest", "large.yaml"], "missing required argument 'type'"],
    [
      ["can-i", "dev", "get", "pods", "--manifest", "large.yaml"],
      'arn "dev" is not an IAM identity; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows',
    ],
    [
      ["who-can", "get", "pods", "-n", "Team A"],
      '--namespace "Team A" cannot be the name of a namespace; use lowercase letters, digits and "-", at most 63 of them',
    ],
    [
      ["who-can", "get", "/api", "--subresource", "log"],
      '--subresource "log" cannot be combined with a URL path; remove it',
    ],
    [["who-can", "get", "pods/"], 'type "pods/" is not complete; write TYPE, TYPE.GROUP, TYPE/NAME, or a URL path'],
    [
      ["who-can", "get", "pods", "--manifest", "large.yaml"],
      'manifest "large.yaml" has no bindings and no roles; name its cluster with --cluster or --kubeconfig',
    ],
    [
      ["get", "-o", "xml", "--manifest", "large.yaml"],
      "option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json, yaml.",
    ],
  ])("refuses %j with exit code 2 and one sentence", async (args, message) => {
    expect(await runCli(args, { cwd: directory })).toEqual({ code: 2, stdout: "", stderr: `error: ${message}\n` });
  });

  it.each([
    [["-h"], ["--help"]],
    [["frob", "--help"], ["--help"]],
    [
      ["get", "-h", "--frob", "extra"],
      ["get", "--help"],
    ],
    [["get", "--version"], ["--version"]],
    [["--help", "--version"], ["--version"]],
  ])("answers %j as %j", async (args, other) => {
    const answer = await runCli(args);
    expect(answer).toEqual(await runCli(other));
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/./), stderr: "" });
  });

  it("prints its help as an error where no command is named", async () => {
    const { stdout: help } = await runCli(["--help"]);
    expect(await runCli([])).toEqual({ code: 2, stdout: "", stderr: help });
  });

  it("takes an empty file for a manifest that maps nobody", async () => {
    await writeFile(join(directory, "empty.yaml"), "");
    expect(await runCli(["get", "--manifest", "empty.yaml"], { cwd: directory })).toMatchObject({
      code: 0,
      stderr: "",
    });
    await writeFile(join(directory, "comments.yaml"), "# a\n# b\n");
    const { code, stderr } = await runCli(["lint", "--manifest", "comments.yaml"], { cwd: directory });
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("does not take the current context of a kubeconfig that nobody named", async () => {
    const { code, stderr } = await runCli(["get"], { cwd: directory, env: { KUBECONFIG: join(directory, "config") } });
    expect([code, stderr]).toEqual([2, `error: no cluster is named; give ${ways}\n`]);
  });

  it("takes AWS_AUTH_KUBECONFIG for naming one, and an option for more than it", async () => {
    const env = { AWS_AUTH_KUBECONFIG: join(directory, "from-env") };
    const fromEnv = await runCli(["get"], { cwd: directory, env });
    expect(fromEnv.code).toBe(2);
    expect(fromEnv.stderr).toMatch(/^error: [^\n]*from-env[^\n]*\n$/);
    const fromOption = await runCli(["get", "--kubeconfig", "from-option"], { cwd: directory, env });
    expect(fromOption.stderr).toMatch(/^error: [^\n]*from-option[^\n]*\n$/);
    expect(fromOption.stderr).not.toContain("from-env");
  });

  it("says in one sentence that a cluster cannot be reached", async () => {
    const kubeconfig = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
      users: [{ name: "u", user: { token: "secret-token" } }],
    };
    await writeFile(join(directory, "config"), JSON.stringify(kubeconfig));
    const { code, stdout, stderr } = await runCli(["lint", "--kubeconfig", "config"], { cwd: directory });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error: the cluster of context "c" cannot be reached[^\n]*ECONNREFUSED[^\n]*\n$/);
    expect(stderr).not.toContain("secret-token");
    expect(stderr).not.toContain("--run-program");
  });

  it("fails if it stops before its end", async () => {
    await writeFile(
      join(directory, "stuck.cjs"),
      `require(${JSON.stringify(join(dirname(cliFile), "program.js"))}).runCli = () => new Promise(() => {});`,
    );
    const env = { NODE_OPTIONS: `--require ${join(directory, "stuck.cjs")}` };
    expect(await runCli(["get"], { cwd: directory, env })).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: this is a bug in pulumi-aws-auth, please report it: the command stopped before its end\n",
    });
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const shell = `"${process.execPath}" "${cliFile}" get --manifest large.yaml | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn("bash", ["-c", shell], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    await new Promise((resolve) => child.on("close", resolve));
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ARN\t.*\n0\n$/);
  });

  it("shows no colours in a pipe", async () => {
    const { stdout } = await runCli(["lint", "--manifest", "large.yaml"], { cwd: directory });
    expect(stdout).not.toContain("\u001b");
  });
});
