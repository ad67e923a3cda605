import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { type QuestionOptions, requestOf } from "../../../cli/question.ts";
import type { ApiVersion } from "../../../provider/rights/authorizer.ts";
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

const clusterOptions = "--cluster NAME, --kubeconfig PATH [--context NAME], or --manifest FILE";

describe("the command line", () => {
  it.each([
    ["get --manifest a --cluster b", `more than one cluster is specified; use only one of ${clusterOptions}`],
    ["import --cluster b --context c", `more than one cluster is specified; use only one of ${clusterOptions}`],
    ["get --role-arn a --context c", "--role-arn requires --cluster NAME"],
    ["explain a b", "too many arguments for 'explain'. Expected 1 argument but got 2."],
    ["import --from a.yaml --cluster b", "option '--from <file>' cannot be used with option '--cluster <name>'"],
    ["migrate", "required option '--cluster <name>' or '--clusters <file>' not specified"],
    ["migrate --cluster a --manifest a", "unknown option '--manifest'"],
    [
      "who-can get pods -n Team_A",
      '--namespace "Team_A" is not a valid namespace name; use at most 63 lowercase letters, digits and "-"',
    ],
    ["who-can get pods -n a -A", "option '-A, --all-namespaces' cannot be used with option '-n, --namespace <name>'"],
    ["who-can get /api --subresource log", '--subresource "log" cannot be combined with a URL path; remove it'],
    ["who-can get pods/", 'type "pods/" is not valid; use TYPE, TYPE.GROUP, TYPE/NAME, or a URL path'],
    ["review", `no cluster is specified; use ${clusterOptions}`],
    ["review --region eu-central-1", "--region requires --cluster NAME"],
    [
      "review --fail-on change --manifest @a.yaml",
      "--fail-on change requires an earlier review; specify it with --since FILE",
    ],
    [
      "review --fail-on other --manifest @a.yaml",
      "option '--fail-on <what>' argument 'other' is invalid. Allowed choices are change.",
    ],
    ...["0", "401", "1.5", "30d"].map((days): [string, string] => [
      `review --unused ${days} --manifest @a.yaml`,
      `--unused "${days}" is not a whole number from 1 to 400 (IAM keeps records for 400 days); specify a number of days, such as 90`,
    ]),
    ["review --clusters @none.yaml", '--clusters "none.yaml" cannot be read: there is no such file'],
    ["review --clusters @text.yaml", '--clusters "text.yaml" is not a list of clusters; write one item per cluster, '],
    ["review --clusters @tab.yaml", '--clusters "tab.yaml:2:1": '],
    [
      "review --manifest @a.yaml --since @foreign.json",
      '--since "foreign.json" cannot be used: it is not an access review; ',
    ],
    ["review --manifest @a.yaml --since @none.json", '--since "none.json" cannot be used: there is no such file; '],
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

  it("fails if the process ends before the command completes", async () => {
    expect(await run(["get"], { NODE_OPTIONS: `--require ${file("stuck.cjs")}` })).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: internal error; please report this as a bug: the command ended unexpectedly\n",
    });
  });

  it("exits silently if the reader of its output closes the pipe", async () => {
    const shell = `"${process.execPath}" "${cliFile}" get --manifest large.yaml | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn("bash", ["-c", shell], { cwd: file(""), stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^ARN\t.*\n0\n$/);
  });
});

describe("the question of can-i and who-can", () => {
  const type = (name: string, shortName: string, isNamespaced: boolean, ...subresources: string[]) => {
    return { name, singular: name.replace(/s$/, ""), shortNames: [shortName], isNamespaced, subresources };
  };
  const core = [type("pods", "po", true, "log"), type("namespaces", "ns", false, "status")];
  const versions: readonly ApiVersion[] = [
    { group: "", version: "v1", resources: core },
    { group: "example.com", version: "v1", resources: [type("widgets", "wi", false)] },
  ];

  type Given = Omit<QuestionOptions, "output">;

  const ask = (verb: string, target: string, given: Given = {}) =>
    requestOf({ ...given, output: "table", verb, target }, versions, "team");

  const pods = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "team" };
  it.each<[target: string, given: Given, request: object]>([
    ["po", {}, pods],
    ["pods/web", {}, { ...pods, name: "web" }],
    ["pods", { namespace: "other" }, { ...pods, namespace: "other" }],
    ["pods", { allNamespaces: true }, { ...pods, namespace: "" }],
    ["pods", { subresource: "log" }, { ...pods, subresource: "log" }],
    ["*", {}, { ...pods, resource: "*" }],
    ["users", {}, { ...pods, resource: "users", namespace: "" }],
    [
      "signers/a.io/*",
      {},
      { ...pods, group: "certificates.k8s.io", resource: "signers", name: "a.io/*", namespace: "" },
    ],
    // Cluster-scoped resources are requested without a namespace, but a namespace in itself.
    ["widgets.example.com", {}, { ...pods, group: "example.com", resource: "widgets", namespace: "" }],
    ["ns", {}, { ...pods, resource: "namespaces", namespace: "" }],
    ["ns/dev", {}, { ...pods, resource: "namespaces", name: "dev", namespace: "dev" }],
    ["/healthz", { namespace: "x" }, { verb: "get", path: "/healthz" }],
  ])("requests get %s with %j as %j", (target, given, request) => {
    expect(ask("get", target, given)).toEqual(request);
  });

  it.each<[verb: string, target: string, given: Given, missing: string]>([
    ["get", "things.example.org", {}, 'resource type "things.example.org"'],
    ["get", "pods", { subresource: "lgo" }, 'subresource "lgo" of pods; valid subresources: log'],
    ["frob", "pods", {}, 'verb "frob"; valid verbs: get, list'],
    ["list", "/healthz", {}, 'verb "list"; valid verbs: get, put'],
    ["get pods", "pods", {}, 'verb "get pods"'],
  ])("fails %s %s with %j as unknown to the server", (verb, target, given, missing) => {
    const message = expect.stringContaining(`unknown: the server has no ${missing}`);
    expect(() => ask(verb, target, given)).toThrow(expect.objectContaining({ exitCode: 2, message }));
  });
});
