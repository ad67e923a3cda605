import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AccessReview } from "../../provider/review/model.ts";
import { type CliResult, runCli } from "../support/cli/runCli.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { sample } from "../support/nightly.ts";
import { type EksOffice, startEksOffice } from "../support/rbac/eksOffice.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;
const [dev, ci, jane, aiops, nobody] = ["role/dev", "role/ci", "user/jane", "role/aiops", "role/nobody"].map(iam) as [
  string,
  string,
  string,
  string,
  string,
];
const reading = ["eks:ListAccessEntries", "eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"];

let office: EksOffice;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-entries-"));
  office = await startEksOffice();
});
afterAll(async () => {
  await office?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  office.setMode("API_AND_CONFIG_MAP");
  office.aws.permit(office.caller, ["*"]);
  office.aws.forgetCalls();
});

/** Runs a command on the EKS cluster. */
function run(...args: string[]): Promise<CliResult> {
  const { aws, caller } = office;
  return runCli([...args, "--cluster", "prod"], { cwd: directory, env: aws.env(caller) });
}

/** What a command prints for scripts. */
async function dataOf(...args: string[]) {
  return JSON.parse((await run(...args, "-o", "json")).stdout);
}

/** The calls of EKS so far, how often each. */
function calls(): Record<string, number> {
  const names = office.aws.calls.map(({ operation }) => operation).filter((name) => name !== "GetCallerIdentity");
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

describe("where access entries win", () => {
  it("reads only the access entry of the identity", async () => {
    await run("explain", dev);
    expect(calls()).toEqual({
      DescribeCluster: 1,
      ListAccessEntries: 1,
      DescribeAccessEntry: 1,
      ListAssociatedAccessPolicies: 1,
    });
  });

  const questions: readonly (readonly [code: number, arn: string, words: readonly string[]])[] = [
    [2, aiops, ["get", "pods"]],
    [0, dev, ["list", "pods", "-n", "team-a"]],
    [0, dev, ["list", "pods", "-n", "web"]],
    [1, dev, ["list", "pods", "-n", "other"]],
    [1, dev, ["delete", "pods", "-n", "web"]],
    // By its group, whose bindings still count.
    [0, dev, ["list", "pods"]],
    [0, ci, ["delete", "pods"]],
    [1, ci, ["delete", "pods", "-n", "kube-system"]],
    [1, ci, ["delete", "pods", "-A"]],
    [0, jane, ["get", "secrets", "-A"]],
    [1, jane, ["create", "secrets"]],
    [0, iam("role/platform/admin"), ["*", "/anything"]],
    [1, nobody, ["get", "pods"]],
    [0, iam("role/ops"), ["get", "/metrics/x"]],
  ];
  it.each(sample(questions, 4))("can-i exits with %i for %s %j", async (code, arn, words) => {
    const { stdout, ...result } = await run("can-i", arn, ...words);
    expect([result.code, result.stderr]).toEqual([code, ""]);
    expect(stdout.split("\n")[0]).toBe(["yes", "no", "unknown"][code]);
  });

  it("reviews identities with access entries in every form of output", async () => {
    const review: AccessReview = await dataOf("review");
    const [cluster] = review.clusters;
    expect(cluster).toMatchObject({ authenticationMode: "API_AND_CONFIG_MAP", unknown: [] });
    const of = (arn: string) => cluster?.identities.find(({ identity }) => identity === arn);
    expect(of(iam("role/admin"))?.entries).toMatchObject([{ place: "access entry" }, { effect: "shadowed" }]);
    expect(of(iam("role/admin"))?.findings[0]).toMatchObject({ rule: "everything" });
    expect(of(jane)?.findings.map(({ rule }) => rule)).toEqual(["secrets", "unclaimed"]);
    const printed = await Promise.all(["table", "html"].map((output) => run("review", "-o", output)));
    for (const { code, stdout } of printed) {
      expect(code).toBe(0);
      expect(stdout).toContain("access entry EC2_LINUX");
      expect(stdout).toContain("AmazonEKSEditPolicy (much as edit");
    }
  });
});

/** A command of each kind that knows access entries, with its exit codes: in mode CONFIG_MAP, in API, and without permission. */
const commands: readonly [args: string[], codes: Readonly<Record<"CONFIG_MAP" | "API" | "denied", number>>][] = [
  [["get"], { CONFIG_MAP: 0, API: 2, denied: 0 }],
  [["get", "--wide"], { CONFIG_MAP: 0, API: 0, denied: 0 }],
  [["explain", iam("role/ops")], { CONFIG_MAP: 0, API: 1, denied: 0 }],
  [["explain", nobody], { CONFIG_MAP: 1, API: 1, denied: 2 }],
  [["can-i", iam("role/ops"), "get", "/metrics/x"], { CONFIG_MAP: 0, API: 1, denied: 2 }],
  [["can-i", nobody, "get", "pods"], { CONFIG_MAP: 1, API: 1, denied: 2 }],
  [["who-can", "delete", "nodes"], { CONFIG_MAP: 0, API: 0, denied: 2 }],
  [["lint"], { CONFIG_MAP: 1, API: 0, denied: 1 }],
  [["review"], { CONFIG_MAP: 0, API: 0, denied: 2 }],
];

/** Runs each of the commands, side by side. */
function runAll<T>(act: (args: readonly string[], codes: (typeof commands)[number][1]) => Promise<T>): Promise<T[]> {
  return Promise.all(commands.map(([args, codes]) => act(args, codes)));
}

describe("every command", () => {
  it("asks for no access entry in mode CONFIG_MAP", async () => {
    office.setMode("CONFIG_MAP");
    await runAll(async (args, codes) => {
      const { code, stderr } = await run(...args);
      expect([args, code, stderr]).toEqual([args, codes.CONFIG_MAP, ""]);
    });
    expect(calls()).toEqual({ DescribeCluster: commands.length });
  });

  it("reports in mode API that aws-auth does not count", async () => {
    office.setMode("API");
    await runAll(async (args, codes) => {
      const { code, stdout, stderr } = await run(...args);
      expect([args, code]).toEqual([args, codes.API]);
      expect(`${stdout}${stderr}`).toMatch(
        /(?:EKS cluster "prod" \(eu-central-1\)|the cluster) has authentication mode API/,
      );
    });
  });

  it("needs what docs/permissions.md lets it do besides", async () => {
    const policy = JSON.parse(await readBlock("docs/permissions.md", '"eks:DescribeFargateProfile"'));
    const actions: string[] = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    expect(actions).toEqual(expect.arrayContaining(reading));
    office.aws.permit(office.caller, actions);
    const { code, stdout, stderr } = await run("review", "-o", "json");
    expect([code, stderr, JSON.parse(stdout).clusters[0].unknown]).toEqual([0, "", []]);
  });

  it.each(sample(reading))("uses only aws-auth if %s is not allowed, and reports it", async (missing) => {
    office.aws.permit(office.caller, ["eks:DescribeCluster", ...reading.filter((action) => action !== missing)]);
    await runAll(async (args, codes) => {
      const { code, stdout, stderr } = await run(...args);
      // There is nothing to describe of an identity without an access entry.
      const isAsked = missing === "eks:ListAccessEntries" || !/ops|nobody/.test(args.join());
      expect([args, /may not do (eks:\w+) \(/.exec(`${stdout}${stderr}`)?.[1]]).toEqual([
        args,
        isAsked ? missing : undefined,
      ]);
      expect([args, code]).toEqual([args, isAsked ? codes.denied : expect.any(Number)]);
    });
  });
});

describe("without permission to read access entries", () => {
  beforeEach(() => office.aws.permit(office.caller, ["eks:DescribeCluster"]));

  it("knows no identity in mode API, and exits with 2 if that is not an answer", async () => {
    office.setMode("API");
    expect((await run("explain", dev)).code).toBe(2);
    expect((await run("can-i", dev, "get", "pods")).code).toBe(2);
    const { code, stdout, stderr } = await run("who-can", "get", "secrets");
    expect([code, stdout]).toEqual([2, expect.stringContaining('can get secrets in namespace "default" for certain.')]);
    expect(stderr).toContain("who gets in is not known, since the access entries cannot be read");
  });

  it("tells scripts, and a review is incomplete", async () => {
    for (const args of [
      ["explain", dev],
      ["can-i", dev, "get", "pods"],
      ["who-can", "get", "pods"],
    ]) {
      const { unread } = await dataOf(...args);
      expect(unread).toContain("may not do eks:ListAccessEntries");
    }
    const { code, stdout } = await run("review", "-o", "json");
    const review: AccessReview = JSON.parse(stdout);
    expect([code, review.clusters[0]?.unknown]).toEqual([
      2,
      [expect.stringContaining("may not do eks:ListAccessEntries")],
    ]);
  });
});

it("a move from aws-auth to an access entry is not a change", async () => {
  const before = await dataOf("review");
  await writeFile(join(directory, "since.json"), JSON.stringify(before));
  office.aws.principals.create(iam("role/ops"));
  office.aws.addServiceEntry("prod", iam("role/ops"), {
    type: "STANDARD",
    username: "ops:{{SessionName}}",
    groups: ["operators"],
  });
  expect((await run("review", "--since", "since.json", "--fail-on", "change")).code).toBe(0);
});
