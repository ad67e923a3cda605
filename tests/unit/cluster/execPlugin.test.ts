import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ExecCredential, runExecPlugin } from "../../../provider/cluster/kubeconfig/execPlugin.ts";
import { locateNamed } from "../../../provider/cluster/kubeconfig/locate.ts";
import { expectFailure, settingsOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";

/** Runs a shell script as the plugin of a kubeconfig's only user. */
async function plugin(script: string, more: object = {}, time?: number): Promise<ExecCredential> {
  const directory = await temporaryDirectory();
  const command = join(directory, "plugin");
  await writeFile(command, `#!/bin/sh\n${script}\n`);
  await chmod(command, 0o755);
  return run({ command, ...more }, time);
}

async function run(exec: object, time?: number): Promise<ExecCredential> {
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://api.example" } }],
    users: [{ name: "u", user: { exec: { apiVersion: "client.authentication.k8s.io/v1", ...exec } } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  });
  const { target } = locateNamed({ kubeconfig, context: undefined }, settingsOf({}));
  if (target.user?.exec === undefined) {
    throw new Error("the user has no plugin");
  }
  return runExecPlugin(target.user.exec, "the user", time);
}

const print = (status: object) => `echo '${JSON.stringify({ kind: "ExecCredential", status })}'`;

describe("an exec plugin", () => {
  it("returns a token and its expiry, or a certificate", async () => {
    const expirationTimestamp = "2126-01-01T00:00:00Z";
    expect(await plugin(print({ token: "t", expirationTimestamp }))).toEqual({
      token: "t",
      expires: Date.parse(expirationTimestamp),
    });
    expect(await plugin(print({ clientCertificateData: "C", clientKeyData: "K" }))).toEqual({ cert: "C", key: "K" });
  });

  it("receives its arguments, its environment variables and the API version", async () => {
    const python = `python3 -c 'import json,os,sys; print(json.dumps({"status":{"token":" ".join([sys.argv[1],os.environ["MINE"],os.environ["KUBERNETES_EXEC_INFO"]])}}))' "$1"`;
    const more = { args: ["a b"], env: [{ name: "MINE", value: "v" }] };
    const { token } = await plugin(python, more);
    expect(token).toContain("a b v ");
    expect(JSON.parse(token?.slice("a b v ".length) ?? "")).toMatchObject({
      apiVersion: "client.authentication.k8s.io/v1",
      spec: { interactive: false },
    });
  });

  it.each<[title: string, script: string, message: RegExp, time?: number]>([
    ["prints something else", "echo hello", /did not print an ExecCredential with a token/],
    ["prints a certificate without its key", print({ clientCertificateData: "C" }), /did not print an ExecCredential/],
    ["exits 1", "echo expired token >&2; exit 1", /failed \(expired token\); run it manually, or log in again/],
    ["prints too much", "yes", /failed \(more than 1048576 bytes of output\); run it/],
    ["hangs", "sleep 600", /failed \(timed out\); run it manually/, 500],
  ])("fails with one sentence if it %s", async (_title, script, message, time) => {
    await expectFailure(plugin(script, {}, time), "credentials", message);
  });

  it("is included in the error if it does not exist", async () => {
    const message = /"no-such-program-anywhere" of the user failed \(not found on PATH\); run/;
    await expectFailure(run({ command: "no-such-program-anywhere" }), "credentials", message);
  });

  it("does not delay the run if a child process keeps its output open", async () => {
    const pid = join(await temporaryDirectory(), "pid");
    const script = `sleep 60 & echo $! >${pid}; ${print({ token: "t" })}`;
    expect(await plugin(script)).toMatchObject({ token: "t" });
    // Fails if the child has ended.
    process.kill(Number(await readFile(pid, "utf8")));
  });

  it("reports its stderr only if its environment variables contain no secret", async () => {
    const script = 'echo "denied: $PASSWORD$AWS_PROFILE" >&2; exit 1';
    const env = (name: string) => ({ env: [{ name, value: "hunter2" }] });
    await expect(plugin(script, env("PASSWORD"))).rejects.toThrow(/failed; run it/);
    await expect(plugin(script, env("AWS_PROFILE"))).rejects.toThrow(/failed \(denied: hunter2\)/);
    await expect(plugin(`echo "Bearer abcdefghijkl" >&2; exit 1`)).rejects.not.toThrow(/abcdefghijkl/);
  });
});
