import {
  type AuthenticationMode,
  DescribeClusterCommand,
  DescribeUpdateCommand,
  UpdateClusterConfigCommand,
} from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { account, createEntry, world as emptyWorld, refusal } from "./world.ts";

const name = "old";
const modes: readonly AuthenticationMode[] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];
const [linux, windows, pods, creator] = ["linux", "eng/windows", "pods", "creator"].map(
  (role) => `arn:aws:iam::${account}:role/${role}`,
);

/** A cluster "old" with two node groups, a Fargate profile and a creator. */
async function world(authenticationMode: AuthenticationMode = "CONFIG_MAP") {
  const all = await emptyWorld();
  for (const arn of [linux, windows, pods, creator]) {
    all.aws.principals.create(arn ?? "");
  }
  all.aws.addCluster({ name, authenticationMode, creator: creator ?? "" });
  all.aws.addNodegroup(name, { nodegroupName: "linux", nodeRole: linux ?? "" });
  all.aws.addNodegroup(name, {
    nodegroupName: "windows",
    nodeRole: windows ?? "",
    amiType: "WINDOWS_CORE_2022_x86_64",
  });
  all.aws.addFargateProfile(name, { fargateProfileName: "pods", podExecutionRoleArn: pods ?? "" });
  return all;
}

function step(authenticationMode: AuthenticationMode, clientRequestToken?: string) {
  return new UpdateClusterConfigCommand({ name, accessConfig: { authenticationMode }, clientRequestToken });
}

describe("a change of mode", () => {
  it("is under way for a while, and then there: entries are refused before, and allowed after", async () => {
    const { aws, eks } = await world();
    aws.behaviour.updateTakes = { reads: 2 };
    const { update } = await eks.send(step("API_AND_CONFIG_MAP"));
    expect(update).toMatchObject({ status: "InProgress", type: "AccessConfigUpdate" });
    await expect(createEntry(eks, { clusterName: name })).rejects.toMatchObject({ name: "InvalidRequestException" });
    const status = async () =>
      (await eks.send(new DescribeUpdateCommand({ name, updateId: update?.id }))).update?.status;
    expect([await status(), await status(), await status()]).toEqual(["InProgress", "InProgress", "Successful"]);
    expect((await eks.send(new DescribeClusterCommand({ name }))).cluster).toMatchObject({
      status: "ACTIVE",
      accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" },
    });
    expect(await createEntry(eks, { clusterName: name })).toMatchObject({ clusterName: name });
  });

  it.each(modes.flatMap((from) => modes.map((to) => [from, to] as const)))(
    "from %s to %s is allowed one step ahead",
    async (from, to) => {
      const { eks } = await world(from);
      const isAllowed = modes.indexOf(to) === modes.indexOf(from) + 1;
      const result = await eks.send(step(to)).catch((error: unknown) => error);
      expect(result).toMatchObject(
        isAllowed
          ? { update: { status: "InProgress" } }
          : refusal("InvalidParameterException", 400, `Unsupported authentication mode update from ${from} to ${to}`),
      );
    },
  );

  it("is refused while another is under way, and is the same one where it is asked for again", async () => {
    const { aws, eks } = await world();
    aws.behaviour.updateTakes = { milliseconds: 60_000 };
    const { update } = await eks.send(step("API_AND_CONFIG_MAP", "t"));
    expect((await eks.send(step("API_AND_CONFIG_MAP", "t"))).update?.id).toBe(update?.id);
    await expect(eks.send(step("API_AND_CONFIG_MAP"))).rejects.toMatchObject({
      name: "InvalidRequestException",
      message: `Cannot AccessConfigUpdate because cluster old currently has update ${update?.id} in progress`,
    });
  });
});

describe("what EKS does itself", () => {
  const own = async (all: Awaited<ReturnType<typeof world>>) => {
    all.aws.behaviour.updateTakes = {};
    await all.eks.send(step("API_AND_CONFIG_MAP"));
    const entries = all.aws.entries(name);
    return Object.fromEntries(entries.map(({ principalArn, type }) => [principalArn, type]));
  };

  it("makes entries at the first step: for the creator, managed node groups and Fargate profiles", async () => {
    const all = await world();
    expect(await own(all)).toEqual({
      [creator ?? ""]: "STANDARD",
      [linux ?? ""]: "EC2_LINUX",
      [windows ?? ""]: "EC2_WINDOWS",
      [pods ?? ""]: "FARGATE_LINUX",
    });
    expect(all.aws.entry(name, creator ?? "")?.policies).toMatchObject([
      { policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" },
    ]);
  });

  it("makes none for a creator without bootstrapClusterCreatorAdminPermissions", async () => {
    const { aws } = await world();
    const spec = { creator: creator ?? "", authenticationMode: "API" } as const;
    aws.addCluster({ name: "with", ...spec });
    aws.addCluster({ name: "without", ...spec, bootstrapClusterCreatorAdminPermissions: false });
    expect([aws.entries("with").length, aws.entries("without").length]).toEqual([1, 0]);
  });

  it("makes the entries of a new node group at once where the mode knows entries", async () => {
    const { aws } = await world("API");
    const nodeRole = aws.principals.create(`arn:aws:iam::${account}:role/later`).arn;
    aws.addNodegroup(name, { nodegroupName: "later", nodeRole });
    expect(aws.entry(name, nodeRole)).toMatchObject({ type: "EC2_LINUX" });
  });
});
