import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli } from "../../support/cli/runCli.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../cluster/support.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

it.each([
  ["the environment", (content: string) => ({ args: [], env: { AWS_AUTH_KUBECONFIG: content } })],
  [
    "the environment, with a context",
    (content: string) => ({ args: ["--context", "ctx"], env: { AWS_AUTH_KUBECONFIG: content } }),
  ],
  ["an option", (content: string) => ({ args: ["--kubeconfig", content], env: {} })],
])("import prints no content of a kubeconfig, which is secret: from %s", async (_title, given) => {
  const server = await startApiServer({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const { args, env } = given(kubeconfigOf({ ctx: server.url }));
  const { code, stdout, stderr } = await runCli(["import", ...args], { env });
  expect(code).toBe(0);
  expect(stdout).toContain(arn);
  expect(stdout + stderr).not.toContain("t0p-secret");
});

it("import names the context that was current, since another one may be when the program runs", async () => {
  const server = await startApiServer({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "kubeconfig"), kubeconfigOf({ staging: server.url, prod: "https://prod.example" }));
  const { stdout } = await runCli(["import", "--kubeconfig", "kubeconfig"], { cwd });
  expect(stdout).toContain('const cluster = { kubeconfig: "kubeconfig", context: "staging" };\n');
});
