import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { repository } from "../../../support/engine/testProject.ts";
import { temporaryDirectory } from "../support.ts";

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a process that runs a credential plugin and has locked a manifest before",
  async (signal) => {
    const directory = await temporaryDirectory();
    const module = join(repository, "dist/provider/cluster/kubeconfig/runProgram.js");
    const lockfile = join(repository, "node_modules/proper-lockfile");
    const code = `require(${JSON.stringify(lockfile)});
      const { runProgram } = require(${JSON.stringify(module)});
      runProgram("sh", ["-c", 'sleep 60 & echo "$!" > ${directory}/log; wait'], process.env, new AbortController().signal);`;
    const runner = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "ignore", "inherit"] });
    const pid = await vi.waitFor(
      async () => {
        const written = (await readFile(join(directory, "log"), "utf8")).trim();
        expect(written).not.toBe("");
        return written;
      },
      { timeout: 20_000, interval: 50 },
    );
    runner.kill(signal);
    const timer = setTimeout(() => runner.kill("SIGKILL"), 5_000);
    const end = await once(runner, "exit");
    clearTimeout(timer);
    execFileSync("sh", ["-c", `kill -9 ${pid} 2> /dev/null || true`]);
    expect(end).toEqual([null, signal]);
  },
);
