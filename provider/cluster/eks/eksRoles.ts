import { partOf } from "./awsErrors";
import type { EksCalls } from "./eksCalls";

/** A role for which EKS makes an access entry itself. */
export interface EksRole {
  /** What uses it. */
  readonly kind: "nodegroup" | "fargateProfile";
  /** The name of the node group or Fargate profile. */
  readonly name: string;
  /** ARN, with its path. */
  readonly roleArn: string;
  /** Whether it is a node group of Windows, as far as its AMI tells: a custom one does not. */
  readonly isWindows?: boolean;
}

/**
 * The roles of the managed node groups and Fargate profiles of a cluster.
 *
 * @throws AwsAuthError `accessDenied` for eks:ListNodegroups, eks:DescribeNodegroup, eks:ListFargateProfiles or
 * eks:DescribeFargateProfile, and others.
 */
export async function readEksRoles(calls: EksCalls, clusterName: string): Promise<readonly EksRole[]> {
  const [nodegroups, profiles] = await Promise.all([nodegroupsOf(calls, clusterName), profilesOf(calls, clusterName)]);
  return [...nodegroups, ...profiles];
}

async function nodegroupsOf(calls: EksCalls, clusterName: string): Promise<EksRole[]> {
  const names = await calls.list(
    "ListNodegroups",
    (eks, page, options) => eks.listNodegroups({ clusterName, ...page }, options),
    ({ nodegroups }) => nodegroups,
  );
  const roles = names.map(async (name): Promise<EksRole[]> => {
    const found = await calls.find("DescribeNodegroup", async (eks, options) =>
      partOf((await eks.describeNodegroup({ clusterName, nodegroupName: name }, options)).nodegroup),
    );
    const { nodeRole: roleArn, amiType } = found ?? {};
    const isWindows = amiType?.startsWith("WINDOWS");
    return roleArn === undefined ? [] : [{ kind: "nodegroup", name, roleArn, ...(isWindows && { isWindows }) }];
  });
  return (await Promise.all(roles)).flat();
}

async function profilesOf(calls: EksCalls, clusterName: string): Promise<EksRole[]> {
  const names = await calls.list(
    "ListFargateProfiles",
    (eks, page, options) => eks.listFargateProfiles({ clusterName, ...page }, options),
    ({ fargateProfileNames }) => fargateProfileNames,
  );
  const roles = names.map(async (name): Promise<EksRole[]> => {
    const found = await calls.find("DescribeFargateProfile", async (eks, options) =>
      partOf((await eks.describeFargateProfile({ clusterName, fargateProfileName: name }, options)).fargateProfile),
    );
    const roleArn = found?.podExecutionRoleArn;
    return roleArn === undefined ? [] : [{ kind: "fargateProfile", name, roleArn }];
  });
  return (await Promise.all(roles)).flat();
}
