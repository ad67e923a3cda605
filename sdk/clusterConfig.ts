import { parseIamArn } from "../provider/mapping";
import { quoted } from "../provider/text/text";

/** An item of `iamIdentityMappings`, for an ARN, an account or a service. The keys are those of eksctl. */
export interface ClusterConfigMapping {
  /** ARN of an IAM role or user. */
  arn?: string | undefined;
  /** Kubernetes username; only with `arn`. */
  username?: string | undefined;
  /** Kubernetes groups; only with `arn`. */
  groups?: string[] | undefined;
  /** AWS account, 12 digits as a string; not with `arn` or `serviceName`. */
  account?: string | undefined;
  /** Name of an AWS service, `emr-containers`; requires `namespace`. */
  serviceName?: string | undefined;
  /** Namespace that the service uses; it must exist. */
  namespace?: string | undefined;
  /** `true` is the default; `false` is refused. */
  noDuplicateARNs?: boolean | undefined;
}

/** The parts of an eksctl ClusterConfig that this package reads. Other parts are ignored. */
export interface ClusterConfig {
  /** `eksctl.io/v1alpha5`; optional in a program. */
  apiVersion?: string | undefined;
  /** `ClusterConfig`; optional in a program. */
  kind?: string | undefined;
  /** `name` and `region` of the cluster. Optional if the cluster is specified elsewhere. */
  metadata?: { name?: string | undefined; region?: string | undefined; [key: string]: unknown } | undefined;
  /** The mappings. */
  iamIdentityMappings?: ClusterConfigMapping[] | undefined;
  [section: string]: unknown;
}

/** The resource of an item. */
export type ConfigItem =
  | { readonly kind: "identity"; readonly arn: string; readonly username?: string; readonly groups?: string[] }
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "service"; readonly namespace: string };

/**
 * Names a mapping only after its identity, so that adding an item never renames another
 * one, and changing a role's groups updates its resource.
 *
 * Examples: `111122223333-role-admin`, `111122223333-user-eng/alice`, `account-111122223333`. Always includes the account, since roles
 * with the same name in many accounts are common. A partition other than `aws` comes first.
 */
export function itemName(item: Exclude<ConfigItem, { kind: "service" }>): string {
  if (item.kind === "account") {
    return `account-${item.account}`;
  }
  const arn = parseIamArn(item.arn);
  if (arn === undefined) {
    return item.arn;
  }
  const partition = arn.partition === "aws" ? "" : `${arn.partition}-`;
  // A user's path is part of the identity; a role's path is not.
  const path = arn.kind === "user" ? arn.path : "";
  return `${partition}${arn.account}-${arn.kind}-${path}${arn.name}`;
}

/** Name of a service, as in eksctl's `serviceName`. */
export type ServiceName = "emr-containers";

/** The only service. */
export const serviceName: ServiceName = "emr-containers";

/** Describes the problem with a service name; undefined if the service exists. */
export function serviceProblem(name: string): string | undefined {
  return name === serviceName ? undefined : `invalid service name ${quoted(name)}; the only service is ${serviceName}`;
}
