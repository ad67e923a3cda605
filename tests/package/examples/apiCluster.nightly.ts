import { afterEach, expect, it } from "vitest";
import { adminName } from "../../support/cluster/startCluster.ts";
import { type AccessEntryCluster, roleOf, startEntryCluster } from "../../support/eks/entryCluster.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { exampleProject, linkExample } from "../../support/exampleProject.ts";

let world: AccessEntryCluster;
const projects: TestProject[] = [];
afterEach(async () => {
  await Promise.all(projects.splice(0).map((project) => project.remove()));
  await world?.stop();
});

async function add(...args: Parameters<typeof exampleProject>): Promise<TestProject> {
  const project = await exampleProject(...args);
  projects.push(project);
  return project;
}

async function expectUp(project: TestProject): Promise<void> {
  const { code, output } = await project.up();
  expect(code, output).toBe(0);
}

it("api-cluster: previews before the cluster exists, and a team's stack finds it; ci: its roles preview and deploy that stack", async () => {
  world = await startEntryCluster("API");
  const { aws, cluster, deployer } = world;
  const [admins, developers] = [aws.principals.create(roleOf("admins")), aws.principals.create(roleOf("developers"))];
  const standIns = { kubeconfig: cluster.kubeconfigFile() };
  const env = aws.env(deployer);
  const created = await add("api-cluster", {
    config: {
      "aws-auth-api-cluster:subnetIds": ["subnet-1", "subnet-2"],
      "aws-auth-api-cluster:adminRoleArn": admins.arn,
    },
    standIns,
    env,
    install: linkExample,
  });
  const { code, output } = await created.preview();
  expect(output).toContain("+ 5 to create");
  expect(output).toMatch(
    /IdentityMapping::admins\]\n +arn +: ".+"\n +authenticationMode: "API"\n +cluster +: \[unknown\]/,
  );
  expect(output.replace(/^warning: using pulumi-resource-aws from \$PATH.*$/m, "")).not.toMatch(/error|warning/i);
  expect(code).toBe(0);
  await expectUp(created);

  const ci = await add("ci", {
    config: {
      "aws-auth-ci:clusterArn": "arn:aws:eks:eu-central-1:111122223333:cluster/prod",
      "aws-auth-ci:repository": "example/access",
      "kubernetes:context": adminName,
    },
    standIns,
    env,
    install: linkExample,
  });
  await expectUp(ci);
  const { deployment } = JSON.parse((await ci.pulumi("stack", "export")).output);
  const callerOf = (job: string) => {
    const find = (type: string) =>
      deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith(`${type}::aws-auth-${job}`));
    const caller = aws.caller(job, `arn:aws:sts::111122223333:assumed-role/aws-auth-${job}/session`);
    aws.attach(caller, JSON.parse(find("aws:iam/rolePolicy:RolePolicy").inputs.policy));
    return aws.env(caller);
  };

  const access = await add("api-cluster/access", {
    config: {
      "aws-auth-api-access:clusterStack": "organization/aws-auth-api-cluster/test",
      "aws-auth-api-access:roleArn": developers.arn,
    },
    standIns,
    env: { PULUMI_BACKEND_URL: `file://${created.backend}` },
  });
  expect(await access.cli("stack", "init", "test")).toMatchObject({ code: 0 });
  const [reader, writer] = [access.with(callerOf("preview")), access.with(callerOf("deploy"))];
  expect(await reader.preview()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 to create") });
  expect(await reader.up()).toMatchObject({
    code: 1,
    output: expect.stringContaining("cannot perform eks:CreateAccessEntry"),
  });
  await expectUp(writer);
  expect(await world.loginOf("developers")).toMatchObject({ groups: ["developers"] });
  expect(await writer.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  expect(await writer.destroy()).toMatchObject({ code: 0 });
});
