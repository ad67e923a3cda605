import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster";
import { IdentityMapping } from "./identityMapping";
import { grantService } from "./serviceGrant";
import { serviceRoleArn } from "./serviceRoleArn";
import {
  describeUnknownService,
  isServiceName,
  namespaceFault,
  type Service,
  type ServiceName,
  services,
} from "./services";

/** What a {@link ServiceIdentityMapping} is made from. */
export interface ServiceIdentityMappingArgs {
  /**
   * The cluster whose kube-system/aws-auth gets the entry, as for an {@link IdentityMapping}. The Role and RoleBinding go where the
   * Kubernetes provider leads: pass one for the same cluster in the options (`providers: { kubernetes: ... }`).
   */
  cluster?: Cluster;
  /** The AWS service: `emr-containers` (EMR on EKS) or `aws-batch` (AWS Batch on EKS). Another service replaces everything. */
  serviceName: ServiceName;
  /** Namespace that the service works in; it has to exist. Another namespace replaces the Role and RoleBinding. */
  namespace: pulumi.Input<string>;
  /**
   * ARN of the service-linked role; its path is stripped. Default: the role's usual name in the account and partition of the
   * cluster's ARN where `cluster` has one, else of the AWS provider, which takes the package @pulumi/aws. Another role replaces the
   * mapping.
   */
  roleArn?: pulumi.Input<string>;
  /**
   * Whether another entry of the role is an error. Default: false, as in eksctl, so that the service can be mapped for several
   * namespaces; an entry that says the same is taken over all the same. No change by itself.
   */
  noDuplicateARNs?: pulumi.Input<boolean>;
  /** Whether to take over what the map already says about the role, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
}

/**
 * Lets an AWS service work in a namespace of a cluster: a Role with the permissions that the service documents, a RoleBinding, and
 * the mapping of the service-linked role to the Kubernetes user that they are bound to. It does what
 * `eksctl create iamidentitymapping --service-name` does, and needs the package @pulumi/kubernetes.
 *
 * The option `providers` may hold the Kubernetes and AWS providers to use. A Role of that name that eksctl made is taken over by a
 * Kubernetes provider with `upsertExistingObjects: true`.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * new awsAuth.ServiceIdentityMapping("emr", { cluster: "prod", serviceName: "emr-containers", namespace: "spark" });
 * ```
 */
export class ServiceIdentityMapping extends pulumi.ComponentResource {
  /** ARN of the service-linked role that is mapped. */
  readonly roleArn: pulumi.Output<string>;
  /** The role's mapping. */
  readonly mapping: IdentityMapping;

  constructor(name: string, args: ServiceIdentityMappingArgs, options?: pulumi.ComponentResourceOptions) {
    const service = checkedService(name, args);
    super("aws-auth:index:ServiceIdentityMapping", name, {}, options);
    grantService(this, name, service, args.namespace);
    this.roleArn =
      args.roleArn === undefined ? serviceRoleArn(service, args.cluster, this) : pulumi.output(args.roleArn);
    this.mapping = new IdentityMapping(
      name,
      {
        ...(args.cluster !== undefined && { cluster: args.cluster }),
        arn: this.roleArn,
        username: service.username,
        noDuplicateARNs: args.noDuplicateARNs ?? false,
        ...(args.adopt !== undefined && { adopt: args.adopt }),
      },
      { parent: this },
    );
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

/** Programs that no compiler checks may name any service, or a namespace that cannot be. */
function checkedService(name: string, { serviceName, namespace }: ServiceIdentityMappingArgs): Service {
  const given: string = serviceName;
  const fault = typeof namespace === "string" ? namespaceFault(namespace) : undefined;
  const faults = [
    ...(isServiceName(given) ? [] : [describeUnknownService(given)]),
    ...(fault === undefined ? [] : [fault]),
  ];
  if (faults.length > 0) {
    throw new pulumi.RunError(`ServiceIdentityMapping "${name}": ${faults.join("; and ")}`);
  }
  return services[serviceName];
}
