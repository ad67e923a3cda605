import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../../support/cli/runCli.ts";
import type { AwsAuthMap } from "../../support/cluster/awsAuth.ts";
import { readBlock } from "../../support/docs/markdown.ts";
import { type AccessEntryCluster, roleOf, startEntryCluster } from "../../support/eks/entryCluster.ts";
import type { EksStandIn } from "../../support/eks/standIn.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { exampleProject } from "../../support/exampleProject.ts";

// The account in Pulumi.prod.yaml.
const account = "333344445555";
const arn = (name: string) => roleOf(name, account);

let world: AccessEntryCluster;
let aws: EksStandIn;
let map: AwsAuthMap;
let project: TestProject;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await startEntryCluster("API_AND_CONFIG_MAP", account);
  ({ aws, map } = world);
  for (const name of ["platform/admins", "developers"]) {
    aws.principals.create(arn(name));
  }
  await map.reset(undefined);
  env = aws.env(world.deployer);
  project = await exampleProject("migrate", { stack: "prod", env });
});
afterAll(async () => {
  await project?.remove();
  await world?.stop();
});

/** Runs a command of the README on the test's stack, which already exists. */
async function runReadmeCommand(line: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const [program, command = "", ...args] = line.split(" ");
  if (program === "npx") {
    const { code, stdout, stderr } = await runCli(args, { cwd: project.directory, env });
    return { code, text: stdout + stderr };
  }
  const confirmed = command === "up" ? ["--yes", "--skip-preview"] : [];
  const { code, output } = await project.pulumi(command, ...args, ...confirmed);
  return { code, text: output };
}

async function commandsOf(block: string): Promise<readonly string[]> {
  const commands = (await readBlock("examples/migrate/README.md", block)).trim().split("\n");
  return commands.filter((line) => !line.startsWith("pulumi stack "));
}

it("migrate: the README's commands move eligible entries to access entries and back", async () => {
  const reports: string[] = [];
  for (const line of await commandsOf("pulumi stack init prod")) {
    const { code, text } = await runReadmeCommand(line);
    expect(code, `${line}\n${text}`).toBe(line.startsWith("npx") ? 1 : 0);
    reports.push(...(line.startsWith("npx") ? [text] : []));
  }
  expect(reports).toEqual([
    expect.stringContaining("ready for mode API: 0 of 3 entries"),
    expect.stringContaining("ready for mode API: 2 of 3 entries"),
    expect.stringContaining("ready for mode API: 0 of 1 entry"),
  ]);
  // The engine creates them in parallel.
  const moved = aws.entries("prod").map(({ principalArn }) => principalArn);
  expect(moved.toSorted()).toEqual([arn("developers"), arn("platform/admins")]);
  expect(await map.data()).toMatchObject({ mapRoles: "[]\n", mapAccounts: expect.stringContaining("444455556666") });
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

  for (const line of await commandsOf("authenticationMode CONFIG_MAP")) {
    expect(await runReadmeCommand(line)).toMatchObject({ code: 0 });
  }
  expect(aws.entries("prod")).toEqual([]);
  expect((await map.data())["mapRoles"]).toContain(`rolearn: ${arn("admins")}`);
  expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
});
