import { afterEach, expect, it } from "vitest";
import { tokenFor } from "../../support/aws/caller.ts";
import { adminName } from "../../support/cluster/startCluster.ts";
import { type AccessEntryCluster, startEntryCluster } from "../../support/eks/entryCluster.ts";
import type { TestProject } from "../../support/engine/testProject.ts";
import { exampleProject } from "../../support/exampleProject.ts";

let world: AccessEntryCluster;
let project: TestProject;
afterEach(async () => {
  await project?.remove();
  await world?.stop();
});

/** What `kubectl auth can-i` answers to a session of a role. */
async function canI(role: string, verb: string, group: string, resource: string): Promise<boolean> {
  const arn = `arn:aws:sts::111122223333:assumed-role/${role}/alice`;
  const token = await tokenFor(world.aws.caller("alice", arn), "prod");
  const { body } = await world.cluster.request(
    "POST",
    "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    { spec: { resourceAttributes: { namespace: "team-a", verb, group, resource } } },
    { authorization: `Bearer ${token}` },
  );
  expect(body).toMatchObject({ status: expect.anything() });
  return JSON.stringify(body).includes('"allowed":true');
}

it.each([
  ["index.ts", "team-access", "CONFIG_MAP", "team-a-developers"],
  ["yaml/Pulumi.yaml", "team-access/yaml", "API", "role"],
])("team-access/%s: grants the team exactly its rights", async (_file, name, mode, role) => {
  world = await startEntryCluster();
  const { aws, cluster, deployer } = world;
  const config = {
    "aws-auth:cluster": "prod",
    "aws-auth:region": "eu-central-1",
    "aws-auth:authenticationMode": mode,
    "kubernetes:context": adminName,
    [`aws-auth-${name.replace("/", "-")}:team`]: "team-a",
  };
  const standIns = { kubeconfig: cluster.kubeconfigFile() };
  project = await exampleProject(name, { config, standIns, env: aws.env(deployer) });
  const up = await project.up();
  expect(up.code, up.output).toBe(0);
  expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  const { output } = await project.pulumi("stack", "output", "role");
  expect(output.trim()).toBe(`arn:aws:iam::111122223333:role/${role}`);

  expect(await world.loginOf(role)).toMatchObject({ groups: ["team-a:developers"] });
  expect(await canI(role, "create", "apps", "deployments")).toBe(true);
  expect(await canI(role, "list", "", "secrets")).toBe(false);
  expect(await project.destroy()).toMatchObject({ code: 0 });
  expect(await world.loginOf(role)).toBeUndefined();
});
