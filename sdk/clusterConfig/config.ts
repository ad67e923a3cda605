import { AwsAuthError } from "../../provider/errors";
import { parseIamArn } from "../../provider/mapping";

/** An item of `iamIdentityMappings`: one of an ARN, an account or a service. The keys are eksctl's. */
export interface ClusterConfigMapping {
  /** ARN of an IAM role or user. */
  arn?: string | undefined;
  /** Kubernetes username, with `arn`. */
  username?: string | undefined;
  /** Kubernetes groups, with `arn`. */
  groups?: string[] | undefined;
  /** AWS account, 12 digits as a string, alone. */
  account?: string | undefined;
  /** Name of an AWS service, such as `emr-containers`, with `namespace`. */
  serviceName?: string | undefined;
  /** Namespace that the service works in; it has to exist. */
  namespace?: string | undefined;
  /** Whether another entry of the same ARN is an error. Default: false, as in eksctl. */
  noDuplicateARNs?: boolean | undefined;
}

/** The parts of an eksctl ClusterConfig that are read here; what else it holds is ignored. */
export interface ClusterConfig {
  /** `eksctl.io/v1alpha5`; may be left out in a program. */
  apiVersion?: string | undefined;
  /** `ClusterConfig`; may be left out in a program. */
  kind?: string | undefined;
  /** Which cluster it is about: `name` and `region`. Not needed where the cluster is given otherwise. */
  metadata?: { name?: string | undefined; region?: string | undefined; [key: string]: unknown } | undefined;
  /** The mappings. */
  iamIdentityMappings?: ClusterConfigMapping[] | undefined;
  [section: string]: unknown;
}

/** What one item becomes. */
export type ConfigItem =
  | {
      readonly kind: "identity";
      readonly arn: string;
      readonly username: string | undefined;
      readonly groups: readonly string[] | undefined;
      readonly noDuplicateARNs: boolean;
    }
  | { readonly kind: "account"; readonly account: string }
  | {
      readonly kind: "service";
      readonly serviceName: string;
      readonly namespace: string;
      readonly noDuplicateARNs: boolean;
    };

/** A step from a ClusterConfig's root to a value in it. */
export type Path = readonly (string | number)[];

/** Something wrong with a ClusterConfig, or odd about it. */
export interface Finding {
  /** Where it is. */
  readonly path: Path;
  /** One sentence: subject, rule, remedy. */
  readonly reason: string;
}

/**
 * The error for a ClusterConfig that cannot be used, with everything that is wrong with it.
 *
 * @param summary what cannot be used.
 * @param reasons one line for each problem, its place first.
 */
export function configError(summary: string, reasons: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", [`${summary}:`, ...reasons].join("\n  "));
}

/** A ClusterConfig before it is checked, and how to point a user at a part of it. */
export interface ConfigSource {
  /** What messages call it: a file's path as given, or `config`. */
  readonly name: string;
  /** Whether it is a whole eksctl file, which says what it is. */
  readonly isFile: boolean;
  /** Its content: plain values. */
  readonly value: unknown;
  /** Where a part of it is, as the head of a message: `cluster.yaml:12`, or the name alone. */
  locate(path: Path): string;
  /** How a scalar, or a map in braces, is spelt in the file; undefined for anything else, and where nothing is spelt. */
  spelling(path: Path): string | undefined;
}

/** A ClusterConfig that a program gives as a value. */
export function valueSource(value: unknown): ConfigSource {
  return { name: "config", isFile: false, value, locate: () => "config", spelling: () => undefined };
}

/** A path as a program would write it: `iamIdentityMappings[2].arn`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}

/**
 * Names an item by what it maps, and by nothing else: neither its place nor any other item counts, so that adding an item never
 * renames another, and new groups for a role are a change of its resource and not another resource.
 *
 * The name is that of the ARN in its order: `111122223333-role-admin`, `111122223333-user-eng/alice`, `account-111122223333`,
 * `emr-containers-spark`. The account is always there, since roles of one name in many accounts are the rule; a partition other than
 * `aws` comes first.
 */
export function itemName(item: ConfigItem): string {
  switch (item.kind) {
    case "account":
      return `account-${item.account}`;
    case "service":
      return `${item.serviceName}-${item.namespace}`;
    case "identity": {
      const arn = parseIamArn(item.arn);
      if (arn.kind === "invalid") {
        return item.arn;
      }
      const partition = arn.partition === "aws" ? "" : `${arn.partition}-`;
      // A user's path tells two users apart, a role's does not.
      const path = arn.kind === "user" ? arn.path : "";
      return `${partition}${arn.account}-${arn.kind}-${path}${arn.name}`;
    }
  }
}
