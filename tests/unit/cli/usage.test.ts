import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, vi } from "vitest";
import { cliDirectory, cliFile } from "../../support/cli/runCli.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { entry, iam } from "../../support/migration/world.ts";

const dev = entry(iam("role/dev"), "dev", "viewers");
const { file, here, run } = cliDirectory({
  "a.yaml": manifestOf({ mapRoles: dev }),
  "large.yaml": manifestOf({ mapRoles: dev.repeat(3_000) }),
  "empty.yaml": "",
  "text.yaml": "a.yaml\n",
  "tab.yaml": "- manifest: a.yaml\n\t- x\n",
  "foreign.json": "{}",
  "stuck.cjs": `require(${JSON.stringify(join(dirname(cliFile), "program.js"))}).runCli = () => new Promise(() => {});`,
});

const ways = "--cluster NAME, --kubeconfig PATH with or without --context NAME, or --manifest FILE";

describe("the command line", () => {
  it.each([
    ["get --manifest a --cluster b", `more than one cluster is named; keep one of ${ways}`],
    ["lint --cluster b --context c", `more than one cluster is named; keep one of ${ways}`],
    ["get --role-arn a --context c", "--role-arn goes with --cluster NAME, which is missing"],
    ["explain a b", "too many arguments for 'explain'. Expected 1 argument but got 2."],
    ["import --from a.yaml --cluster b", '--from "a.yaml" reads no cluster; remove --cluster'],
    ["migrate --manifest a", "only an EKS cluster that is given by its name or ARN has access entries"],
    [
      "who-can get pods -n Team_A",
      '--namespace "Team_A" cannot be the name of a namespace; use lowercase letters, digits and "-", at most 63 of them',
    ],
    ["who-can get pods -n a -A", '--namespace "a" and --all-namespaces exclude each other; keep one of them'],
    ["who-can get /api --subresource log", '--subresource "log" cannot be combined with a URL path; remove it'],
    ["who-can get pods/", 'type "pods/" is not complete; write TYPE, TYPE.GROUP, TYPE/NAME, or a URL path'],
    ["review", `no cluster is named; give ${ways}`],
    ["review --region eu-central-1", "--region goes with --cluster NAME, which is missing"],
    [
      "review --fail-on change --manifest @a.yaml",
      "--fail-on change needs an earlier review; name it with --since FILE",
    ],
    [
      "review --fail-on other --manifest @a.yaml",
      "option '--fail-on <what>' argument 'other' is invalid. Allowed choices are change.",
    ],
    ["review --clusters @none.yaml", '--clusters "none.yaml" cannot be read: there is no such file'],
    ["review --clusters @text.yaml", '--clusters "text.yaml" is not a list of clusters; write one item for each: '],
    ["review --clusters @tab.yaml", '--clusters "tab.yaml:2:1": '],
    [
      "review --manifest @a.yaml --since @foreign.json",
      '--since "foreign.json" cannot be compared with: it is not an access review; ',
    ],
    [
      "review --manifest @a.yaml --since @none.json",
      '--since "none.json" cannot be compared with: there is no such file; ',
    ],
  ])("refuses %s with exit code 2 and one sentence", async (command, message) => {
    const { code, out, err } = await here(...command.split(" "));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(err).toContain(`error: ${message}`);
  });

  it("prints the package's version", async () => {
    expect(await here("--version")).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: "" });
  });

  it("reads an empty manifest as a map without entries", async () => {
    const { code, err } = await here("lint", "--manifest", "@empty.yaml");
    expect([code, err]).toEqual([0, "note: there is no ConfigMap kube-system/aws-auth\n"]);
  });

  it("uses AWS_AUTH_KUBECONFIG, unless an option names a kubeconfig, and never the current one", async () => {
    vi.stubEnv("KUBECONFIG", file("current"));
    expect(await here("get")).toEqual({ code: 2, out: "", err: `error: no cluster is named; give ${ways}\n` });
    vi.stubEnv("AWS_AUTH_KUBECONFIG", file("from-env"));
    expect((await here("get")).err).toMatch(/^error: [^\n]*from-env[^\n]*\n$/);
    expect((await here("get", "--kubeconfig", "@from-option")).err).toMatch(/^error: [^\n]*from-option[^\n]*\n$/);
    vi.unstubAllEnvs();
  });

  it("fails if it stops before its end", async () => {
    expect(await run(["get"], { NODE_OPTIONS: `--require ${file("stuck.cjs")}` })).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: this is a bug in pulumi-aws-auth, please report it: the command stopped before its end\n",
    });
  });

  it("exits silently when the reader of its output has gone", async () => {
    const shell = `"${process.execPath}" "${cliFile}" get --manifest large.yaml | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn("bash", ["-c", shell], { cwd: file(""), stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ARN\t.*\n0\n$/);
  });
});
