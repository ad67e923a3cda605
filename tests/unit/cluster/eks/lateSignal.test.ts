import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { repository } from "../../../support/engine/testProject.ts";
import { temporaryDirectory } from "../support.ts";

it("what goes on after the time is over, and fails then, does not end the process", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "config"), "[default]\ncredential_process = sh -c 'sleep 0.3; exit 3'\n");
  const module = join(repository, "dist/provider/cluster/eks/eksConnection.js");
  const code = `const { EksConnection } = require(${JSON.stringify(module)});
    const settings = { config: () => undefined, env: {}, cwd: "/" };
    const connection = new EksConnection({ kind: "eks", name: "prod", region: "eu-central-1" }, settings);
    connection.describe(AbortSignal.abort(new DOMException("late", "TimeoutError"))).catch((error) => console.log(error.code));
    setTimeout(() => console.log("still there"), 2_000);`;
  const env = {
    PATH: process.env["PATH"],
    AWS_CONFIG_FILE: join(directory, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, "nothing"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const child = spawn(process.execPath, ["-e", code], { env, stdio: ["ignore", "pipe", "ignore"] });
  const said = text(child.stdout);
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(await said).toBe("clusterUnreachable\nstill there\n");
});
