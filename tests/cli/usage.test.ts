import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
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
  it.each<[args: string[], message: string]>([
    [["get"], `no cluster is named; give ${ways}`],
    [["get", "--manifest", "a", "--cluster", "b"], `more than one cluster is named; keep one of ${ways}`],
    [["lint", "--cluster", "b", "--context", "c"], `more than one cluster is named; keep one of ${ways}`],
    [["get", "--manifest", "a", "--region", "eu-central-1"], "--region goes with --cluster NAME, which is missing"],
    [["get", "--role-arn", "a", "--context", "c"], "--role-arn goes with --cluster NAME, which is missing"],
    [["get", "--manifest", "none.yaml"], 'there is no file "none.yaml"; give the path of a ConfigMap manifest'],
    [["get", "--manifes", "a"], "unknown option '--manifes'"],
    [["explain", "a", "b"], "too many arguments for 'explain'. Expected 1 argument but got 2."],
    [["import", "--from", "a.yaml", "--cluster", "b"], '--from "a.yaml" reads no cluster; remove --cluster'],
    [["migrate", "--manifest", "a"], "only an EKS cluster that is given by its name or ARN has access entries"],
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
  ])("refuses %j with exit code 2 and one sentence", async (args, message) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: directory });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toContain(`error: ${message}`);
  });

  it("prints the package's version", async () => {
    const { code, stdout } = await runCli(["--version"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  it("reads an empty manifest as a map without entries", async () => {
    await writeFile(join(directory, "empty.yaml"), "");
    const { code, stderr } = await runCli(["lint", "--manifest", "empty.yaml"], { cwd: directory });
    expect([code, stderr]).toEqual([0, "note: there is no ConfigMap kube-system/aws-auth\n"]);
  });

  it("does not use the current context of a kubeconfig that was not given", async () => {
    const { code, stderr } = await runCli(["get"], { cwd: directory, env: { KUBECONFIG: join(directory, "config") } });
    expect([code, stderr]).toEqual([2, `error: no cluster is named; give ${ways}\n`]);
  });

  it("reads AWS_AUTH_KUBECONFIG, unless an option names a kubeconfig", async () => {
    const env = { AWS_AUTH_KUBECONFIG: join(directory, "from-env") };
    expect(await runCli(["get"], { cwd: directory, env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: [^\n]*from-env[^\n]*\n$/),
    });
    const { stderr } = await runCli(["get", "--kubeconfig", "from-option"], { cwd: directory, env });
    expect(stderr).toMatch(/^error: [^\n]*from-option[^\n]*\n$/);
  });

  it("reports a cluster that cannot be reached in one sentence, without credentials", async () => {
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
    expect(stderr).not.toMatch(/secret-token|--run-program/);
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

  it("exits silently when the reader of its output has gone", async () => {
    const shell = `"${process.execPath}" "${cliFile}" get --manifest large.yaml | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn("bash", ["-c", shell], { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ARN\t.*\n0\n$/);
  });
});
