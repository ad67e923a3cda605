import {
  AssociateAccessPolicyCommand,
  DeleteAccessEntryCommand,
  DisassociateAccessPolicyCommand,
  EKSClient,
  UpdateAccessEntryCommand,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessEntryCluster, account, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const clusterName = "prod";
const admins = "AmazonEKSClusterAdminPolicy";

/** The mappings of the stack, and their groups. */
const mappings = {
  dev: ["viewers"],
  admin: ["system:masters", "auditors"],
  more: ["viewers"],
  gone: ["viewers"],
  free: ["viewers"],
};
const names = Object.keys(mappings);

const program = `
  for (const [name, groups] of Object.entries(${JSON.stringify(mappings)})) {
    const options = name === "free" ? { ignoreChanges: ["groups"] } : {};
    new IdentityMapping(name, { arn: "${roleOf("")}" + name, username: name, groups }, options);
  }
`;

describe("access entries that drift", () => {
  let world: AccessEntryCluster;
  let person: EKSClient;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    const { aws } = world;
    for (const name of names) {
      aws.principals.create(roleOf(name));
    }
    const credentials = aws.caller("person", aws.principals.create(`arn:aws:iam::${account}:user/person`).arn);
    person = new EKSClient({ region: "eu-central-1", credentials, endpoint: aws.url });
    project = await world.add("drift", program);
  });
  afterAll(async () => {
    person?.destroy();
    await world?.stop();
  });

  const of = (name: string) => ({ clusterName, principalArn: roleOf(name) });
  const policyArn = (name: string) => `arn:aws:eks::aws:cluster-access-policy/${name}`;
  const update = (name: string, username: string, kubernetesGroups: string[]) =>
    person.send(new UpdateAccessEntryCommand({ ...of(name), username, kubernetesGroups }));

  const saysNow = (name: string) => {
    const { username, kubernetesGroups, policies = [], tags } = world.aws.entry(clusterName, roleOf(name)) ?? {};
    return { username, kubernetesGroups, policies: policies.map((policy) => policy.policyArn), tags };
  };
  const allSay = () => Object.fromEntries(names.map((name) => [name, saysNow(name)]));

  /** A person changes what is in EKS. */
  async function drift(): Promise<void> {
    await update("dev", "hacked", ["x", "y"]);
    await person.send(new DisassociateAccessPolicyCommand({ ...of("admin"), policyArn: policyArn(admins) }));
    const view = { policyArn: policyArn("AmazonEKSViewPolicy"), accessScope: { type: "cluster" } } as const;
    await person.send(new AssociateAccessPolicyCommand({ ...of("more"), ...view }));
    await person.send(new DeleteAccessEntryCommand(of("gone")));
    await update("free", "free", ["other"]);
  }

  it.each(["API", "API_AND_CONFIG_MAP"] as const)(
    "are shown by property in a plain preview, and restored, in mode %s",
    async (mode) => {
      await world.inMode(project, mode);
      expect(await project.up()).toMatchObject({ code: 0 });
      const before = allSay();
      await drift();
      const { output } = await project.preview();
      for (const [name, text] of [
        ["dev", "username: cluster has hacked; up restores dev; groups: cluster has x, y; up restores viewers"],
        ["admin", "groups: cluster has auditors; up restores auditors, system:masters"],
        ["gone", "entry: is gone from the cluster; up adds it again"],
      ]) {
        expect(output).toContain(`drift of arn "${roleOf(name ?? "")}": ${text}`);
      }
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 3 updated") });
      const { more, free, ...restored } = allSay();
      expect(restored).toEqual({ dev: before["dev"], admin: before["admin"], gone: before["gone"] });
      expect(more?.policies).toEqual([policyArn("AmazonEKSViewPolicy")]);
      expect(free?.kubernetesGroups).toEqual(["other"]);
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }).destroy()).toMatchObject({ code: 0 });
      expect(world.aws.entries(clusterName)).toEqual([]);
    },
  );
});
