import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { repository } from "../../../support/engine/testProject.ts";

it("a source of AWS credentials that does not answer keeps no program from its end", { timeout: 60_000 }, async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const module = join(repository, "dist/provider/cluster/eks/eksConnection.js");
  const code = `const { EksConnection } = require(${JSON.stringify(module)});
    const settings = { config: () => undefined, env: {}, cwd: "/" };
    const roleArn = "arn:aws:iam::111122223333:role/deploy";
    const connection = new EksConnection({ kind: "eks", name: "prod", region: "eu-central-1", roleArn }, settings);
    connection.cluster(AbortSignal.timeout(200)).catch((error) => console.log(error.code));`;
  const env = {
    PATH: process.env["PATH"],
    AWS_CONFIG_FILE: "/nothing",
    AWS_SHARED_CREDENTIALS_FILE: "/nothing",
    AWS_ACCESS_KEY_ID: "AKIATEST",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    AWS_MAX_ATTEMPTS: "1",
  };
  const child = spawn(process.execPath, ["-e", code], { env, stdio: ["ignore", "pipe", "ignore"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), 40_000);
  const said = text(child.stdout);
  expect(await once(child, "exit")).toEqual([0, null]);
  clearTimeout(timer);
  expect(await said).toBe("clusterUnreachable\n");
});
