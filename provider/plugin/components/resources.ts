import * as pulumi from "@pulumi/pulumi";
import { clusterInput } from "../../../sdk/cluster";
import { declareItems, type IdentityMappingsArgs, readItems } from "../../../sdk/configItems";
import { resourceType as dynamicType } from "../../../sdk/dynamicProvider";
import type { IdentityMappingArgs } from "../../../sdk/identityMapping";
import {
  type AwsAccount,
  checkedService,
  declareService,
  type ServiceIdentityMappingArgs,
} from "../../../sdk/serviceAccess";
import type { Settings } from "../../cluster";
import { AwsAuthError } from "../../errors";
import { identityMappingsType, mappingType, serviceIdentityMappingType } from "../../lifecycle/context";
import { redact } from "../../text/text";

/** What components know of the plugin. */
export interface PluginContext {
  /** The version of the package. */
  readonly version: string;
  /** The settings of the provider. */
  readonly settings: Settings;
}

/** A mapping as a resource of the package. A stack that had the component of the npm package keeps its mappings. */
class PluginMapping extends pulumi.CustomResource {
  constructor(name: string, args: IdentityMappingArgs, parent: pulumi.Resource, { version }: PluginContext) {
    const inputs = { ...args, ...(args.cluster !== undefined && { cluster: clusterInput(args.cluster) }) };
    super(mappingType, name, inputs, { parent, version, aliases: [{ type: dynamicType }] });
  }
}

/** The component of this name, with resources of the package. */
export class PluginIdentityMappings extends pulumi.ComponentResource {
  /** What programs see of it. */
  readonly outputs: pulumi.Inputs;

  constructor(
    name: string,
    args: IdentityMappingsArgs,
    options: pulumi.ComponentResourceOptions,
    context: PluginContext,
  ) {
    const read = readItems(name, args, context.settings);
    super(identityMappingsType, name, {}, options);
    const { mappings, services } = declareItems(name, args, read, {
      mapping: (child, childArgs) => new PluginMapping(child, childArgs, this, context),
      service: (child, childArgs) => new PluginServiceMapping(child, childArgs, { parent: this }, context),
    });
    this.outputs = { mappings, services };
    this.registerOutputs(this.outputs);
  }
}

/** The component of this name, with resources of the package. It needs no npm package for the objects of Kubernetes. */
export class PluginServiceMapping extends pulumi.ComponentResource {
  /** What programs see of it. */
  readonly outputs: pulumi.Inputs;

  constructor(
    name: string,
    args: ServiceIdentityMappingArgs,
    options: pulumi.ComponentResourceOptions,
    context: PluginContext,
  ) {
    const service = checkedService(name, args);
    super(serviceIdentityMappingType, name, {}, options);
    const { roleArn, mapping } = declareService(this, name, args, service, {
      rbac: rbacClass,
      aws: askProvider(this),
      mapping: (mappingArgs) => new PluginMapping(name, mappingArgs, this, context),
      setting: (key) => context.settings.config(`aws-auth:${key}`),
    });
    this.outputs = { roleArn, mapping };
    this.registerOutputs(this.outputs);
  }
}

/** A class of Kubernetes objects. Those of @pulumi/kubernetes do the same: the provider knows the types, not the package. */
function rbacClass(kind: string) {
  const group = "rbac.authorization.k8s.io/v1";
  return class extends pulumi.CustomResource {
    constructor(name: string, fields: object, options: pulumi.CustomResourceOptions) {
      super(`kubernetes:${group}:${kind}`, name, { apiVersion: group, kind, ...fields }, options);
    }
  };
}

function askProvider(parent: pulumi.Resource): AwsAccount {
  const ask = async (name: string, property: string): Promise<string> => {
    try {
      const token = `aws:index/get${name}:get${name}`;
      return (await pulumi.runtime.invoke(token, {}, { parent }))[property];
    } catch (error) {
      const why = redact(error instanceof Error ? error.message : String(error));
      const problem = `the account of the role is not known, since the AWS provider does not tell it: ${why}; set roleArn`;
      throw new AwsAuthError("invalidInput", problem, { cause: error });
    }
  };
  return { partition: () => ask("Partition", "partition"), account: () => ask("CallerIdentity", "accountId") };
}
