import * as pulumi from "@pulumi/pulumi";
import { type Cluster, clusterInput } from "./cluster";
import { loadOptionalPackage } from "./optionalPackage";
import type { Service } from "./services";

/**
 * ARN of a service's service-linked role, without its path, as aws-auth needs it. Its account and partition are those of the cluster,
 * which a cluster's ARN tells; else the AWS provider is asked, which is the caller's account.
 *
 * @param parent the resource whose AWS provider is asked.
 */
export function serviceRoleArn(
  service: Service,
  cluster: Cluster | undefined,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  return clusterName(cluster).apply((name) => {
    const [, partition, account] = typeof name === "string" ? (clusterArn.exec(name) ?? []) : [];
    return partition === undefined || account === undefined
      ? askProvider(service, parent)
      : pulumi.output(roleArn(service, partition, account));
  });
}

const clusterArn = /^arn:([\w-]+):eks:[a-z0-9-]+:(\d{12}):cluster\//;

function roleArn({ iamRole }: Service, partition: string, account: string): string {
  return `arn:${partition}:iam::${account}:role/${iamRole}`;
}

/** What names the cluster in EKS: its name or ARN. Not a kubeconfig, which would make a secret of the role's ARN. */
function clusterName(cluster: Cluster | undefined): pulumi.Output<unknown> {
  const input = clusterInput(cluster);
  if (typeof input !== "object" || input === null || pulumi.Output.isInstance(input) || input instanceof Promise) {
    return pulumi.output(input);
  }
  return pulumi.output("name" in input ? input.name : undefined);
}

/** Only the part of @pulumi/aws that is used, since the types of all of it take long to check. */
interface Aws {
  readonly getCallerIdentityOutput: typeof import("@pulumi/aws/getCallerIdentity").getCallerIdentityOutput;
  readonly getPartitionOutput: typeof import("@pulumi/aws/getPartition").getPartitionOutput;
}

function askProvider(service: Service, parent: pulumi.Resource): pulumi.Output<string> {
  const purpose = "a ServiceIdentityMapping without roleArn";
  const aws: Aws = loadOptionalPackage("@pulumi/aws", purpose);
  const caller = aws.getCallerIdentityOutput({}, { parent });
  const current = aws.getPartitionOutput({}, { parent });
  return pulumi
    .all([current.partition, caller.accountId])
    .apply(([partition, account]) => roleArn(service, partition, account));
}
