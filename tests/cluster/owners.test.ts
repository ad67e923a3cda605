import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { programOf, roleArn, roleEntry, type Stacks, startStacks } from "../support/cluster/stacks.ts";
import type { TestProject } from "../support/engine/testProject.ts";

let stacks: Stacks;
let infra: TestProject;
const dev = { arn: roleArn("dev"), username: "dev", groups: ["viewers"] };

beforeAll(async () => {
  stacks = await startStacks(roleEntry("node", "system:node", "system:nodes"));
  infra = await stacks.add("infra");
  const apps = await stacks.add("apps");
  await infra.program(programOf({ shared: dev }));
  await apps.program(programOf({ dev: { ...dev, arn: roleArn("Dev") } }));
  expect(await infra.up()).toMatchObject({ code: 0 });
  expect(await apps.up()).toMatchObject({ code: 0 });
});
afterAll(() => stacks?.stop());

it("whoever claimed an entry is named to a program and on the command line, and nobody for a foreign one", async () => {
  const owners = ["organization/apps/test dev", "organization/infra/test shared"];
  const listed = await runCli(["get", "--wide", "-o", "json", "--kubeconfig", stacks.cluster.kubeconfigFile()]);
  const entries: { owners: string[] }[] = JSON.parse(listed.stdout);
  expect(entries.map((entry) => entry.owners.toSorted())).toEqual([[], owners]);
  await infra.program(`${programOf({ shared: dev })} exports.found = awsAuth.getIdentityMappings();`);
  expect(await infra.up()).toMatchObject({ code: 0 });
  const { output } = await infra.pulumi("stack", "output", "--json");
  const { found }: { found: { arn: string; owners: string[] }[] } = JSON.parse(output);
  expect(found.map((mapping) => [mapping.arn, mapping.owners.toSorted()])).toEqual([
    [roleArn("node"), []],
    [roleArn("dev"), owners],
  ]);
});
