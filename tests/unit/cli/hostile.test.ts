import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliDirectory, cliFile } from "../../support/cli/runCli.ts";
import { kubeconfigOf } from "../../support/cluster/kubeconfigs.ts";
import { yamlBombs } from "../../support/hostile/slowInputs.ts";

/** The heap limit of a reader in MiB; the start of Node.js uses a third of it. */
const memory = 160;

const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\nmore:\n";

describe("the command line with a file that it cannot read", () => {
  const { file, run } = cliDirectory({
    large: "",
    laughs: head + yamlBombs["a billion laughs"],
    deep: head + yamlBombs["open brackets"],
    kubeconfig: kubeconfigOf({ x: "https://127.0.0.1:9" }, { tokenFile: "pipe" }),
  });
  beforeAll(() => {
    execFileSync("mkfifo", [file("pipe")]);
    truncateSync(file("large"), 100 * 1024 * 1024);
  });

  it.each([
    ["--manifest", "pipe", 'manifest "pipe" cannot be read: it is a pipe or a device, not a file; specify the path'],
    ["--manifest", "large", 'manifest "large" cannot be read: it is larger than 4194304 bytes'],
    ["--manifest", "laughs", 'manifest "laughs" is not valid YAML; line 1, column 1: an alias or merge key'],
    [
      "--manifest",
      "deep",
      'manifest "deep" is not valid YAML; line 7, column 200: lists or maps are nested too deeply',
    ],
    ["--kubeconfig", "/dev/zero", 'kubeconfig "/dev/zero" cannot be read (it is a pipe or a device, not a file)'],
    ["--kubeconfig", "kubeconfig", 'pipe", which cannot be read (it is a pipe or a device, not a file)'],
  ])("fails at once with one sentence: %s %s", async (option, name, message) => {
    // A run that hangs or runs out of memory prints no sentence.
    const env = { NODE_OPTIONS: `--max-old-space-size=${memory}` };
    const { code, stdout, stderr } = await run(["get", option, name], env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^(?:warning: .*\n)?error: .*\n$/);
  });

  it("works if stderr has no reader, and fails if stdout has no reader", async () => {
    const terminal = join(dirname(cliFile), "output.js");
    const code = `const terminal = require(${JSON.stringify(terminal)}).processTerminal();
      process.stdin.once("data", () => terminal.err("warning: over http\\n"));
      process.stdin.once("end", () => terminal.out("no\\n"));`;
    const run = async (closed: "stdout" | "stderr") => {
      const child = spawn(process.execPath, ["-e", code]);
      await once(child[closed].destroy(), "close");
      const answer = closed === "stdout" ? undefined : text(child.stdout);
      child.stdin.end("now\n");
      const [status] = await once(child, "exit");
      return [status, await answer];
    };
    expect(await Promise.all([run("stderr"), run("stdout")])).toEqual([
      [0, "no\n"],
      [2, undefined],
    ]);
  });

  it("fails with one sentence if the disk of its output is full", () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [cliFile, "--version"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toBe("error: the output cannot be written (ENOSPC); free disk space, or write to another file\n");
  });
});

describe("a cluster that does not respond", () => {
  const { file, run, write } = cliDirectory({ config: "[default]\ncredential_process = sleep 400\n" });
  const silent = createServer((socket) => void socket.resume());

  beforeAll(async () => {
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const example = { server: "https://api.example" };
    const dead = { server: "https://127.0.0.1:9" };
    const status = JSON.stringify({ status: { token: "t0p-secret" } });
    write({
      "dead-proxy": hangingKubeconfig("dead-proxy", { ...example, "proxy-url": "http://127.0.0.1:9" }),
      "silent-server": hangingKubeconfig("silent-server", { server: `https://127.0.0.1:${port}` }),
      "hanging-plugin": hangingKubeconfig("hanging-plugin", example, "sleep 400"),
      "child-left": hangingKubeconfig("child-left", dead, `sleep 400 &\necho '${status}'`),
    });
  });
  afterAll(() => silent.close());

  /** @param plugin a shell script that prints the credentials of the user. */
  function hangingKubeconfig(name: string, cluster: object, plugin?: string): string {
    const command = { command: "sh", args: ["-c", plugin], interactiveMode: "Never" };
    const exec = { apiVersion: "client.authentication.k8s.io/v1", ...command };
    return JSON.stringify({
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: plugin === undefined ? { token: "t0p-secret" } : { exec } }],
      contexts: [{ name, context: { cluster: "c", user: "u" } }],
    });
  }

  const cases = [
    [
      "a dead proxy",
      "dead-proxy",
      /^the cluster of context "dead-proxy" cannot be reached .*ECONNREFUSED\); check the/,
    ],
    ["a silent server", "silent-server", /^the cluster of context "silent-server" .*: timed out; check the/],
    [
      "an exec plugin that hangs",
      "hanging-plugin",
      /^credential plugin .* of user "u" of .* failed \(timed out\); run it/,
    ],
    [
      "an exec plugin that leaves a child behind",
      "child-left",
      /^the cluster of context "child-left" .*ECONNREFUSED\)/,
    ],
    ["a credential process that hangs", undefined, /the source of AWS credentials cannot be .*: timed out; /],
  ] as const;

  it.concurrent.each(cases)("fails the command line within its limit for %s", async (_title, name, message) => {
    const to = name === undefined ? ["--cluster", "prod"] : ["--kubeconfig", name];
    const env = { AWS_CONFIG_FILE: file("config"), AWS_REGION: "eu-central-1" };
    const { code, stdout, stderr } = await run(["get", ...to], env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replace(/^error: /, "").trim()).toMatch(message);
    expect(stderr).not.toMatch(/t0p-secret|--run-program/);
  });
});
