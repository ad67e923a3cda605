import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";
import { unpackInto } from "./support/unpack.ts";

const client = "@kubernetes/client-node";

describe("a kubeconfig whose user has an auth-provider", () => {
  it("needs an optional package, and the error says which, where to install it, and the other way out", async () => {
    const { directory, run } = await installedWith([]);
    const { code, stderr } = await run();
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /the auth-provider of user "u" of kubeconfig ".*" needs the package @kubernetes\/client-node,/,
    );
    expect(stderr).toContain(`run "npm install ${client}@latest" in ${directory}`);
    expect(stderr).toContain("give the user an exec plugin");
    expect(stderr).not.toContain("    at ");
  });

  it("works with that package", async () => {
    const { run } = await installedWith([client]);
    expect(await run()).toMatchObject({ code: 0, stdout: "[]\n", stderr: expect.not.stringContaining("needs") });
  });
});

/** The packed package in a directory of its own, with `others` besides what it always needs. */
async function installedWith(others: readonly string[]) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "aws-auth-peer-")));
  onTestFinished(() => rm(directory, { recursive: true }));
  await unpackInto(directory, undefined, others);
  await writeFile(join(directory, "kubeconfig"), kubeconfig((await startApiServer({})).url));
  const file = join(directory, "node_modules", "pulumi-aws-auth", "dist", "cli", "main.js");
  return {
    directory,
    run: () => runCli(["get", "--kubeconfig", "kubeconfig", "-o", "json"], { cwd: directory, file }),
  };
}

function kubeconfig(server: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const idToken = `${part({ alg: "none" })}.${part({ exp: Date.now() / 1000 + 3600 })}.x`;
  const config = {
    "client-id": "c",
    "idp-issuer-url": "https://idp.invalid",
    "id-token": idToken,
    "refresh-token": "r",
  };
  return JSON.stringify({
    kind: "Config",
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: { "auth-provider": { name: "oidc", config } } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}
