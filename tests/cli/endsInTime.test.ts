import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cliDirectory } from "../support/cli/runCli.ts";
import { repository } from "../support/engine/testProject.ts";

/** The limit is 15 seconds; a busy machine takes some more to start the processes. */
const limit = 60_000;

const { file, run, write } = cliDirectory({ config: "[default]\ncredential_process = sleep 400\n" });
const silent = createServer((socket) => void socket.resume());

beforeAll(async () => {
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const dead = { server: "https://127.0.0.1:9", "insecure-skip-tls-verify": true };
  const status = JSON.stringify({ status: { token: "t" } });
  write({
    "dead-proxy": kubeconfigOf("dead-proxy", { server: "https://api.example", "proxy-url": "http://127.0.0.1:9" }),
    "silent-server": kubeconfigOf("silent-server", { server: `https://127.0.0.1:${port}` }),
    "hanging-plugin": kubeconfigOf("hanging-plugin", { server: "https://api.example" }, "sleep 400"),
    "child-left": kubeconfigOf("child-left", dead, `sleep 400 &\necho '${status}'`),
  });
});
afterAll(() => silent.close());

/** @param plugin a shell script that prints the credentials of the user. */
function kubeconfigOf(name: string, cluster: object, plugin?: string): string {
  const command = { command: "sh", args: ["-c", plugin], interactiveMode: "Never" };
  const exec = { apiVersion: "client.authentication.k8s.io/v1", ...command };
  return JSON.stringify({
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: plugin === undefined ? { token: "t" } : { exec } }],
    contexts: [{ name, context: { cluster: "c", user: "u" } }],
  });
}

const cases = [
  ["a dead proxy", "dead-proxy", /^the cluster of context "dead-proxy" cannot be reached .*ECONNREFUSED\); check the/],
  ["a silent server", "silent-server", /^the cluster of context "silent-server" .*: no response in time; check the/],
  [
    "an exec plugin that hangs",
    "hanging-plugin",
    /^user "u" of .*, which failed \(no response in time\); run it by hand/,
  ],
  ["an exec plugin that leaves a child behind", "child-left", /^the cluster of context "child-left" .*ECONNREFUSED\)/],
  ["a credential process that hangs", undefined, /the source of AWS credentials cannot be .*: no response in time; /],
] as const;

const awsEnv = () => ({ AWS_CONFIG_FILE: file("config"), AWS_REGION: "eu-central-1" });

it.concurrent.each(cases)("the command line ends in time with one sentence for %s", async (_title, name, message) => {
  const began = performance.now();
  const to = name === undefined ? ["--cluster", "prod"] : ["--kubeconfig", name];
  const { code, stdout, stderr } = await run(["get", ...to], awsEnv());
  expect(performance.now() - began).toBeLessThan(limit);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.replace(/^error: /, "").trim()).toMatch(message);
});

it.concurrent.for(cases)(
  "a preview ends in time with one sentence for %s",
  async ([, name, message], { onTestFinished }) => {
    const began = performance.now();
    const config = name === undefined ? { "aws-auth:cluster": "prod" } : { "aws-auth:kubeconfig": file(name) };
    const env = {
      PATH: process.env["PATH"],
      ...awsEnv(),
      TEST_PROVIDER: join(repository, "dist", "provider", "index.js"),
      TEST_CONFIG: JSON.stringify(config),
    };
    const child = spawn(process.execPath, ["-e", preview], { env, stdio: ["ignore", "pipe", "inherit"] });
    // The engine ends the provider, as it does here: a credential process that hangs keeps it alive.
    onTestFinished(() => void child.kill());
    const [line] = await once(createInterface(child.stdout), "line");
    expect(performance.now() - began).toBeLessThan(limit);
    expect(JSON.parse(line)).toEqual([{ property: "", reason: expect.stringMatching(message) }]);
  },
);

/** What the provider's process does in a preview of one mapping. */
const preview = `
const provider = require(process.env.TEST_PROVIDER);
const config = JSON.parse(process.env.TEST_CONFIG);
const urn = "urn:pulumi:test::test::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::a";
const __context = JSON.stringify({ urn, isPreview: true });
provider
  .configure({ config: { get: (key) => config[key], require: (key) => config[key] } })
  .then(() => provider.check({}, { arn: "arn:aws:iam::111122223333:role/a", username: "a", __context }))
  .then(({ failures }) => console.log(JSON.stringify(failures)));
`;
