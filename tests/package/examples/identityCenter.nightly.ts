import { afterEach, expect, it } from "vitest";
import { readBlock } from "../../support/docs/markdown.ts";
import { type AccessEntryCluster, roleOf, startEntryCluster } from "../../support/eks/entryCluster.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { exampleProject } from "../../support/exampleProject.ts";

const ssoRole = (name: string) => roleOf(`aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_${name}`);
const [earlier, later] = [ssoRole("Admin_0123456789abcdef"), ssoRole("Admin_fedcba9876543210")];
const others = [ssoRole("Admin_ReadOnly_0123456789abcdef"), roleOf("break-glass")];

let world: AccessEntryCluster;
let project: TestProject;
afterEach(async () => {
  await project?.remove();
  await world?.stop();
});

async function expectRefused(problem: string): Promise<void> {
  const { code, output } = await project.preview();
  expect(output).toContain(`error: ${problem}`);
  expect(output).not.toMatch(/^ +at /m);
  expect(code).not.toBe(0);
}

it.each(["CONFIG_MAP", "API"])("identity-center maps a role that was created again, in mode %s", async (mode) => {
  world = await startEntryCluster();
  const { aws, deployer, map } = world;
  for (const arn of [earlier, ...others]) {
    aws.principals.create(arn);
  }
  const config = { "aws-auth:authenticationMode": mode };
  const env = { ...aws.env(deployer), AWS_AUTH_LOCKOUT_PROTECTION: "off" };
  const standIns = { kubeconfig: world.cluster.kubeconfigFile() };
  project = await exampleProject("identity-center", { stack: "prod", config, standIns, env });
  expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 6 created") });

  aws.principals.delete(earlier);
  await expectRefused('no role for permission set "Admin" in this account; assign the set to the account');
  aws.principals.create(later);
  const { output: shown } = await project.preview();
  const documented = await readBlock("examples/identity-center/README.md", "+-1 to replace");
  for (const part of documented.split(/^ *\.\.\.\n/m).slice(mode === "API" ? 0 : 1)) {
    expect(shown).toContain(part.trim());
  }
  const { output } = await project.up();
  const steps = output.matchAll(/IdentityMapping admins (created replacement|deleted original)/g);
  expect(Array.from(steps, ([, step]) => step)).toEqual(["created replacement", "deleted original"]);

  const { username } = (await world.loginOf("AWSReservedSSO_Admin_fedcba9876543210")) ?? {};
  expect(username).toMatch(/^admin:session/);
  const { mapRoles = "" } = await map.data();
  const inMap = Array.from(mapRoles.matchAll(/rolearn: (\S+)/g), ([, arn]) => arn).toSorted();
  const inEntries = aws.entries("prod").map(({ principalArn }) => principalArn);
  const all = [later, ...others].toSorted();
  const withoutPaths = all.map((arn) => arn.replace(/role\/.*\//, "role/")).toSorted();
  expect([inMap, inEntries.toSorted()]).toEqual(mode === "API" ? [[], all] : [withoutPaths, []]);
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

  aws.principals.create(earlier);
  await expectRefused('several roles for permission set "Admin": arn:aws:iam::111122223333:role/aws-reserved/');
  expect(await project.destroy()).toMatchObject({ code: 0 });
});
