import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { KubeconfigConnection } from "../../../../provider/cluster/kubeconfig/kubeconfigConnection.ts";
import { locateNamed } from "../../../../provider/cluster/kubeconfig/locate.ts";
import { repository } from "../../../support/engine/testProject.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";

/** Far more than a plugin of these tests takes, and less than what it leaves behind. */
const enough = 30_000;

const token = (name: string) => `printf %s '{"status":{"token":"${name}"}}'`;

/** A connection whose credentials a shell script gives; DIR in it becomes its directory. */
async function connect(script: string, exec: object = {}, cluster: object = {}) {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, "plugin"), `#!/bin/sh\n${script.replaceAll("DIR", cwd)}\n`);
  await chmod(join(cwd, "plugin"), 0o755);
  const version = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };
  const user = { exec: { ...version, command: join(cwd, "plugin"), ...exec } };
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://api.example", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
  const settings = settingsOf({ cwd });
  const connection = new KubeconfigConnection(
    await locateNamed({ kubeconfig, context: undefined }, settings),
    settings,
  );
  return {
    cwd,
    authorize: async (signal = AbortSignal.timeout(enough), renew = false) =>
      (await connection.authorize(renew, signal)).headers["authorization"],
    /** What the script has appended to the file `log`. */
    log: async () => (await readFile(join(cwd, "log"), "utf8")).trim().split("\n"),
  };
}

async function failureOf(script: string, exec: object = {}, cluster: object = {}): Promise<string> {
  const { authorize } = await connect(script, exec, cluster);
  return authorize().then(String, (error: Error) => error.message);
}

/** Waits until a process is no longer there, or only its entry. */
async function expectEnded(pid: string): Promise<void> {
  await vi.waitFor(
    () => {
      const shown = execFileSync("sh", ["-c", `ps -o stat= -p ${pid} || true`], { encoding: "utf8" });
      expect(shown.trim()).toMatch(/^(?:Z.*)?$/);
    },
    { timeout: 10_000, interval: 50 },
  );
}

describe("a credential plugin that leaves a process behind", () => {
  it.each([
    ["its standard error", "sleep 60 > /dev/null &"],
    ["all its output", "sleep 60 &"],
  ])(
    "has its say although that holds %s open",
    async (_title, left) => {
      const { authorize } = await connect(`${left}\n${token("t")}`);
      expect(await authorize()).toBe("Bearer t");
    },
    enough,
  );

  it(
    "is heard when it fails, too",
    async () => {
      expect(await failureOf("sleep 60 &\necho no login >&2\nexit 3")).toMatch(/ended with exit code 3 \(no login\)/);
    },
    enough,
  );

  it("is heard to the end of its output, and of its errors when it fails", async () => {
    const { authorize } = await connect(`(sleep 0.1; ${token("late")}) &`);
    expect(await authorize()).toBe("Bearer late");
    expect(await failureOf("(sleep 0.1; echo no login >&2) > /dev/null &\nexit 3")).toMatch(/code 3 \(no login\)/);
  });

  it("is ended with all that it started when the time is over", async () => {
    const { authorize, log } = await connect('sleep 60 &\necho "$!" >> "DIR/log"\nwait');
    const end = new AbortController();
    const failure = expect(authorize(end.signal)).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/did not respond in time/),
    });
    const [pid = ""] = await vi.waitFor(log, { timeout: 10_000, interval: 50 });
    end.abort();
    await failure;
    await expectEnded(pid);
  });

  /** A process of its own that runs a script as a plugin, and code before that, after and meanwhile. */
  function startRunner(script: string, before = "", after = "", meanwhile = "") {
    const module = join(repository, "dist/provider/cluster/kubeconfig/runProgram.js");
    const code = `${before}; const { runProgram } = require(${JSON.stringify(module)});
      runProgram("sh", ["-c", ${JSON.stringify(script)}], process.env, new AbortController().signal).then(() => { ${after} });
      ${meanwhile}`;
    return spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  }

  it("does not keep our process alive", async () => {
    const runner = startRunner("sleep 60 & echo done");
    const timer = setTimeout(() => runner.kill("SIGKILL"), enough);
    expect(await once(runner, "exit")).toEqual([0, null]);
    clearTimeout(timer);
  });

  /** One whose plugin waits, once that has begun. */
  async function startWaiting(before = "", after = "") {
    const directory = await temporaryDirectory();
    const runner = startRunner(`sleep 60 & echo "$!" > ${directory}/log; wait`, before, after);
    const pid = await vi.waitFor(
      async () => {
        const written = (await readFile(join(directory, "log"), "utf8")).trim();
        expect(written).not.toBe("");
        return written;
      },
      { timeout: enough, interval: 50 },
    );
    return { runner, pid };
  }

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("is ended with us by %s", async (signal) => {
    const { runner, pid } = await startWaiting();
    runner.kill(signal);
    expect(await once(runner, "exit")).toEqual([null, signal]);
    await expectEnded(pid);
  });

  it("is ended with us by a signal that comes while it is started", async () => {
    const directory = await temporaryDirectory();
    const spawning = `const own = require("node:child_process"); const { spawn } = own;
      own.spawn = (...args) => {
        const child = spawn(...args);
        require("node:fs").writeFileSync(${JSON.stringify(join(directory, "log"))}, String(child.pid));
        process.kill(process.pid, "SIGTERM");
        return child;
      }`;
    expect(await once(startRunner("sleep 60", spawning), "exit")).toEqual([null, "SIGTERM"]);
    await expectEnded(await readFile(join(directory, "log"), "utf8"));
  });

  it("is ended with us where the program ends itself", async () => {
    const { runner, pid } = await startWaiting("process.once('SIGUSR2', () => process.exit(7))");
    runner.kill("SIGUSR2");
    expect(await once(runner, "exit")).toEqual([7, null]);
    await expectEnded(pid);
  });

  it("goes on where the program itself listens to the signal, which may want to finish, and ends with it", async () => {
    const { runner, pid } = await startWaiting(
      "process.on('SIGINT', () => console.log('heard')); process.once('SIGUSR2', () => process.exit(7))",
    );
    runner.kill("SIGINT");
    await once(runner.stdout, "data");
    expect(execFileSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" })).toMatch(/^[^Z]/);
    runner.kill("SIGUSR2");
    expect(await once(runner, "exit")).toEqual([7, null]);
    await expectEnded(pid);
  });

  it("changes nothing of the process, and leaves no listener", async () => {
    const unchanged = "console.log(process.emit === emit, process.reallyExit === reallyExit)";
    const listeners =
      "console.log(...['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)))";
    const runner = startRunner("true", "const { emit, reallyExit } = process", listeners, unchanged);
    expect(await text(runner.stdout)).toBe("true true\n0 0 0 0\n");
  });
});

describe("a credential plugin that prints too much", () => {
  it.each([
    ["without an end", "exec yes"],
    ["and ends", "head -c 1100000 /dev/zero"],
  ])("is refused, %s", async (_title, script) => {
    expect(await failureOf(script)).toMatch(/which printed more than 1048576 bytes, and a credential is shorter;/);
  });

  it("is heard to its last words when it fails", async () => {
    const said = await failureOf("head -c 3000000 /dev/zero | tr '\\0' ' .' >&2\necho 'x y the reason' >&2\nexit 1");
    expect(said).toMatch(/ended with exit code 1 \(.*the reason\)/);
    expect(said.length).toBeLessThan(2_000);
  });
});

describe("callers who need new credentials at once", () => {
  const counting = `echo run >> "DIR/log"\nwhile [ ! -e "DIR/go" ]; do sleep 0.05; done\n${token("t")}`;

  it.each([
    ["where there are none", false],
    ["where the server does not accept the old ones", true],
  ])("run the plugin once, %s", async (_title, renew) => {
    const { authorize, log, cwd } = await connect(counting);
    const all = Array.from({ length: 5 }, () => authorize(undefined, renew));
    await writeFile(join(cwd, "go"), "");
    expect(await Promise.all(all)).toEqual(Array(5).fill("Bearer t"));
    expect(await log()).toEqual(["run"]);
    // Later it runs again.
    await authorize(undefined, true);
    expect(await log()).toEqual(["run", "run"]);
  });

  it("wait for it until the last of them gives up", async () => {
    const { authorize, cwd } = await connect(counting);
    const [first, second] = [new AbortController(), new AbortController()];
    const all = Promise.all([authorize(first.signal), authorize(second.signal)]);
    first.abort();
    await writeFile(join(cwd, "go"), "");
    expect(await all).toEqual(["Bearer t", "Bearer t"]);
    const other = await connect(counting);
    const failures = [first, second].map(() => new AbortController());
    const outcomes = Promise.allSettled(failures.map(({ signal }) => other.authorize(signal)));
    for (const failure of failures) {
      failure.abort();
    }
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});

describe("what a failing plugin was given stays out of messages:", () => {
  const repeats = `echo "called with: $*; $ONE $TWO; $KUBERNETES_EXEC_INFO" >&2; exit 1`;

  it.each<[title: string, exec: object, cluster?: object]>([
    ["--name=value", { args: ["--client-secret=hunter2"] }],
    ["--name value", { args: ["--password", "hunter2"] }],
    ["a value with spaces", { args: ["--password", "hunter2 of mine"] }],
    ["one in a longer argument", { args: ["-c", "curl -d client_secret=hunter2&x=y"] }],
    ["an option in a longer argument", { args: ["-c", "curl --token hunter2 -v"] }],
    [
      "a short variable",
      {
        env: [
          { name: "ONE", value: "x" },
          { name: "MY_TOKEN", value: "hunter2" },
          { name: "TWO", value: "hunter2" },
        ],
      },
    ],
    ["a long variable of any name", { env: [{ name: "ONE", value: "hunter2 of mine" }] }],
    ["one that is the beginning of another", { args: ["--key=of mine", "--token=of mine hunter2"] }],
    [
      "the cluster's own settings",
      { provideClusterInfo: true },
      { extensions: [{ name: "client.authentication.k8s.io/exec", extension: { clientSecret: "hunter2" } }] },
    ],
    ["the proxy's password", { provideClusterInfo: true }, { "proxy-url": "http://me:hunter2@proxy.example" }],
    [
      "the cluster's own settings, at any depth",
      { provideClusterInfo: true },
      {
        extensions: [{ name: "client.authentication.k8s.io/exec", extension: { auth: [{ clientSecret: "hunter2" }] } }],
      },
    ],
    [
      "the proxy's password, decoded",
      { args: ["p@ss hunter2"] },
      { "proxy-url": "http://me:p%40ss%20hunter2@proxy.example" },
    ],
    ["the server's password", { provideClusterInfo: true }, { server: "https://me:hunter2@api.example" }],
    ["the server's query", { provideClusterInfo: true }, { server: "https://api.example?auth=hunter2-of-mine" }],
    ["an inherited variable", { args: ["inherited hunter2"] }],
    ["the password of an inherited proxy", { args: ["inherited/hunter2"] }],
  ])("%s", async (_title, exec, cluster) => {
    vi.stubEnv("MY_API_KEY", "inherited hunter2");
    vi.stubEnv("HTTPS_PROXY", "http://me:inherited%2Fhunter2@proxy.example");
    const said = await failureOf(repeats, exec, cluster);
    expect(said).toMatch(/\(called with:.*<redacted>/);
    expect(said).not.toContain("hunter2");
  });

  it.each(["--token-url=https://login.example", "--key-file=/a/b", "--cluster=production"])(
    "but not %s",
    async (argument) => {
      expect(await failureOf(repeats, { args: [argument] })).toContain(argument);
    },
  );

  it("nor does what cannot be run have its arguments in the error, whose cause Pulumi prints", async () => {
    const { authorize } = await connect("", { command: "/no/such/plugin", args: ["--client-secret", "hunter2"] });
    const error: unknown = await authorize().catch((failure: unknown) => failure);
    expect(inspect(error)).toMatch(/which cannot be run/);
    expect(inspect(error)).not.toContain("hunter2");
  });

  it("nor does an argument that no program can be given", async () => {
    const said = await failureOf("", { args: ["--client-secret=hunter2\0"] });
    expect(said).toMatch(/which cannot be run: its path, an argument or a variable has a null byte;/);
  });
});
