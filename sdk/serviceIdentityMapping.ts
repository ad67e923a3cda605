import * as pulumi from "@pulumi/pulumi";
import { loadOptionalPackage } from "../provider/engine/optionalPackage";
import { serviceIdentityMappingType } from "../provider/lifecycle/context";
import { IdentityMapping } from "./identityMapping";
import { checkArgs, userError } from "./messages";
import {
  type AwsAccount,
  checkedService,
  declareService,
  type ServiceIdentityMappingArgs,
  serviceIdentityMappingArgNames,
} from "./serviceAccess";

/**
 * Loads a package that only services need.
 *
 * @param purpose describes what needs it.
 * @param others packages that are needed later, to name everything that is missing at once.
 */
function loadPackage(name: string, purpose: string, others: readonly string[] = []) {
  const found = loadOptionalPackage(name, process.cwd());
  if (found === undefined) {
    const missing = [name, ...others.filter((other) => loadOptionalPackage(other, process.cwd()) === undefined)];
    const packages = missing.length === 1 ? "the package" : "the packages";
    const verb = missing.length === 1 ? "is" : "are";
    throw userError(
      `${purpose} needs ${packages} ${missing.join(" and ")}, which ${verb} not installed; run "npm install ${missing.join(" ")}"`,
    );
  }
  return found;
}

/** Only the used part of @pulumi/aws, since checking all of its types takes long. */
interface Aws {
  readonly getCallerIdentityOutput: typeof import("@pulumi/aws/getCallerIdentity").getCallerIdentityOutput;
  readonly getPartitionOutput: typeof import("@pulumi/aws/getPartition").getPartitionOutput;
}

function askProvider(parent: pulumi.Resource): AwsAccount {
  const aws = (): Aws => loadPackage("@pulumi/aws", "a ServiceIdentityMapping without roleArn");
  return {
    partition: () => aws().getPartitionOutput({}, { parent }).partition,
    account: () => aws().getCallerIdentityOutput({}, { parent }).accountId,
  };
}

/**
 * Gives an AWS service access to a namespace of a cluster: a Role with the permissions that the service documents, a RoleBinding,
 * and a mapping of the service-linked role to the Kubernetes user in the binding. Equivalent to `eksctl create iamidentitymapping
 * --service-name`. Requires the Kubernetes provider, which for the npm package `pulumi-aws-auth` is the package `@pulumi/kubernetes`.
 *
 * The mapping stays in aws-auth, whatever `authenticationMode` says: EKS refuses an access entry for a service-linked role, unless the
 * service makes it. EMR makes its own for new virtual clusters, and AWS Batch if all its compute environments on the cluster say so.
 * A cluster in mode `API` ignores aws-auth, so that this is an error there: remove the resource, and leave access to the service.
 *
 * The option `providers` may contain the Kubernetes and AWS providers to use. A Kubernetes provider with `upsertExistingObjects:
 * true` takes over a Role of the same name that eksctl created.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * new awsAuth.ServiceIdentityMapping("emr", { cluster: "prod", serviceName: "emr-containers", namespace: "spark" });
 * ```
 */
export class ServiceIdentityMapping extends pulumi.ComponentResource {
  /** ARN of the mapped service-linked role. */
  readonly roleArn: pulumi.Output<string>;
  /** The role's mapping. */
  readonly mapping: IdentityMapping;

  constructor(name: string, args: ServiceIdentityMappingArgs, options?: pulumi.ComponentResourceOptions) {
    checkArgs("ServiceIdentityMapping", name, args, serviceIdentityMappingArgNames);
    const service = checkedService(name, args);
    const hasAccount = typeof args.cluster === "string" && args.cluster.startsWith("arn:");
    const later = args.roleArn !== undefined || hasAccount ? [] : ["@pulumi/aws"];
    super(serviceIdentityMappingType, name, {}, options);
    const { roleArn, mapping } = declareService(this, name, args, service, {
      rbac: (kind) => loadPackage("@pulumi/kubernetes", "a ServiceIdentityMapping", later).rbac.v1[kind],
      aws: askProvider(this),
      mapping: (mappingArgs) => new IdentityMapping(name, mappingArgs, { parent: this }),
      setting: (key) => new pulumi.Config("aws-auth").get(key),
    });
    this.roleArn = roleArn;
    this.mapping = mapping;
    this.registerOutputs({ roleArn: this.roleArn });
  }
}
