import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CliResult, runCli } from "../support/cli/runCli.ts";
import { readPages } from "../support/docs/markdown.ts";
import { actionsOf, documentedPolicy } from "../support/eks/iamPolicy.ts";
import { isNightly } from "../support/nightly.ts";
import { roleArn, type SampleEksCluster, startSampleCluster } from "../support/rbac/sampleCluster.ts";

const [dev, ops, unmapped] = ["dev", "ops", "nobody"].map(roleArn) as [string, string, string];
const reading = ["eks:ListAccessEntries", "eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"];

let sample: SampleEksCluster;
beforeAll(async () => {
  sample = await startSampleCluster();
});
afterAll(() => sample?.stop());
beforeEach(() => {
  sample.setMode("API_AND_CONFIG_MAP");
  sample.aws.permit(sample.caller, ["*"]);
  sample.aws.forgetCalls();
});

/** Runs a command on the EKS cluster. */
function run(...args: readonly string[]): Promise<CliResult> {
  const { aws, caller } = sample;
  return runCli([...args, "--cluster", "prod"], { env: aws.env(caller) });
}

/** The JSON output of a command. */
async function dataOf(...args: readonly string[]) {
  return JSON.parse((await run(...args, "-o", "json")).stdout);
}

/** The EKS calls so far. */
function calls(): string[] {
  return sample.aws.operations.filter((name) => name !== "GetCallerIdentity");
}

it("can-i and who-can print what docs/command-line.md shows", async () => {
  sample.setMode("CONFIG_MAP");
  const blocks = readPages().flatMap((page) => (page.file === "docs/command-line.md" ? page.blocks : []));
  const shown = blocks.flatMap(({ language, text }) => {
    const found = /^\$ npx pulumi-aws-auth ((?:can-i|who-can)[^\n]*) --cluster prod\n(.*)$/s.exec(text);
    return language === "text" && found !== null ? [[found[1] ?? "", found[2]] as const] : [];
  });
  expect(shown.map(([command]) => command.split(" ")[0])).toEqual(["can-i", "who-can"]);
  for (const [command, output] of shown) {
    expect((await run(...command.split(" "))).stdout).toBe(output);
  }
});

it("explain reads only the access entry and the role of the identity", async () => {
  await run("explain", dev);
  const names = [
    "DescribeAccessEntry",
    "DescribeCluster",
    "GetRole",
    "ListAccessEntries",
    "ListAssociatedAccessPolicies",
  ];
  expect(calls().toSorted()).toEqual(names);
});

/** Every kind of command that reads access entries, with its exit codes in mode CONFIG_MAP, in mode API, and without permission. */
const commands: readonly [args: string[], codes: Readonly<Record<"CONFIG_MAP" | "API" | "denied", number>>][] = [
  [["get"], { CONFIG_MAP: 0, API: 2, denied: 0 }],
  [["get", "--wide"], { CONFIG_MAP: 0, API: 0, denied: 0 }],
  [["explain", ops], { CONFIG_MAP: 0, API: 1, denied: 0 }],
  [["explain", unmapped], { CONFIG_MAP: 1, API: 1, denied: 2 }],
  [["can-i", ops, "get", "/metrics/x"], { CONFIG_MAP: 0, API: 1, denied: 2 }],
  [["can-i", unmapped, "get", "pods"], { CONFIG_MAP: 1, API: 1, denied: 2 }],
  [["who-can", "delete", "nodes"], { CONFIG_MAP: 0, API: 0, denied: 2 }],
  [["lint"], { CONFIG_MAP: 1, API: 0, denied: 1 }],
  [["review"], { CONFIG_MAP: 0, API: 0, denied: 2 }],
];

/** Runs all commands concurrently. */
function runAll<T>(act: (args: readonly string[], codes: (typeof commands)[number][1]) => Promise<T>): Promise<T[]> {
  return Promise.all(commands.map(([args, codes]) => act(args, codes)));
}

describe.runIf(isNightly)("every command", () => {
  it("reads no access entry in mode CONFIG_MAP", async () => {
    sample.setMode("CONFIG_MAP");
    await runAll(async (args, codes) => {
      const { code, stderr } = await run(...args);
      expect([args, code, stderr]).toEqual([args, codes.CONFIG_MAP, ""]);
    });
    // lint and review look for the roles and users of the map, explain and can-i for their own, and lint for the roles of nodes.
    const counts = [...Map.groupBy(calls(), (name) => name)].map(([name, all]) => [name, all.length]);
    const nodes = { ListNodegroups: 1, ListFargateProfiles: 1 };
    expect(Object.fromEntries(counts)).toEqual({ DescribeCluster: commands.length, GetRole: 14, GetUser: 2, ...nodes });
  });

  it("reports in mode API that aws-auth has no effect", async () => {
    sample.setMode("API");
    await runAll(async (args, codes) => {
      const { code, stdout, stderr } = await run(...args);
      expect([args, code]).toEqual([args, codes.API]);
      expect(`${stdout}${stderr}`).toMatch(
        /(?:EKS cluster "prod" \(eu-central-1\)|the cluster) has authentication mode API/,
      );
    });
  });

  it("needs only the additional permissions of docs/permissions.md", async () => {
    const actions = actionsOf(await documentedPolicy("reads", "commands"));
    expect(actions).toEqual(expect.arrayContaining(reading));
    sample.aws.permit(sample.caller, actions);
    const { code, stdout, stderr } = await run("review", "-o", "json");
    expect([code, stderr, JSON.parse(stdout).clusters[0].unknown]).toEqual([0, "", []]);
  });

  it.each(reading)("uses only aws-auth if %s is not allowed, and reports it", async (missing) => {
    sample.aws.permit(sample.caller, ["eks:DescribeCluster", ...reading.filter((action) => action !== missing)]);
    await runAll(async (args, codes) => {
      const { code, stdout, stderr } = await run(...args);
      // An identity without an access entry needs no further calls.
      const isAsked = missing === "eks:ListAccessEntries" || !/ops|nobody/.test(args.join());
      expect([args, /cannot perform (eks:\w+) \(/.exec(`${stdout}${stderr}`)?.[1]]).toEqual([
        args,
        isAsked ? missing : undefined,
      ]);
      expect([args, code]).toEqual([args, isAsked ? codes.denied : expect.any(Number)]);
    });
  });

  it("resolves no identity in mode API without eks:ListAccessEntries, and also reports it in JSON", async () => {
    sample.setMode("API");
    sample.aws.permit(sample.caller, ["eks:DescribeCluster"]);
    for (const args of [
      ["explain", dev],
      ["can-i", dev, "get", "pods"],
      ["who-can", "get", "pods"],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(`${stdout}${stderr}`).toContain("cannot perform eks:ListAccessEntries");
      expect(await dataOf(...args)).toMatchObject({ unread: expect.stringContaining("cannot perform") });
    }
    const { clusters } = await dataOf("review");
    expect(clusters[0].unknown).toContainEqual(expect.stringContaining("cannot perform eks:ListAccessEntries"));
  });
});
