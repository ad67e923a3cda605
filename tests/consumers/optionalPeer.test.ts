import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { repository } from "../support/engine/testProject.ts";
import { startApiServer } from "../unit/cluster/apiServer.ts";
import { unpackInto } from "./support/unpack.ts";

const client = "@kubernetes/client-node";

describe("a kubeconfig whose user has an auth-provider", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), "aws-auth-peer-")));
    await unpackInto(directory);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const run = async () => {
    await writeFile(join(directory, "kubeconfig"), kubeconfig((await startApiServer({})).url));
    const file = join(directory, "node_modules", "pulumi-aws-auth", "dist", "cli", "main.js");
    return runCli(["get", "--kubeconfig", "kubeconfig", "-o", "json"], { cwd: directory, file });
  };

  it("needs an optional package, and the error says which, where to install it, and the other way out", async () => {
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
    await mkdir(join(directory, "node_modules", dirname(client)), { recursive: true });
    await symlink(join(repository, "node_modules", client), join(directory, "node_modules", client));
    expect(await run()).toMatchObject({ code: 0, stdout: "[]\n", stderr: expect.not.stringContaining("needs") });
  });
});

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
