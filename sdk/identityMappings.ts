import * as pulumi from "@pulumi/pulumi";
import { identityMappingsType } from "../provider/lifecycle/context";
import { declareItems, type IdentityMappingsArgs, identityMappingsArgNames, readItems } from "./configItems";
import { IdentityMapping } from "./identityMapping";
import { checkArgs } from "./messages";
import { ServiceIdentityMapping } from "./serviceIdentityMapping";
import { checkedSettings } from "./settings";

/**
 * The `iamIdentityMappings` of an eksctl ClusterConfig, each an {@link IdentityMapping} or a {@link ServiceIdentityMapping}. Other
 * sections are ignored. Unknown keys in `metadata` and in the items are errors, and so are wrong types and two items for one identity,
 * all reported together with their lines.
 *
 * Children are named after what they map (`team-111122223333-role-admin`), so that adding an item does not affect the others. The option
 * `providers` may contain the Kubernetes and AWS providers for services.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * new awsAuth.IdentityMappings("team", { file: "cluster.yaml" });
 * ```
 */
export class IdentityMappings extends pulumi.ComponentResource {
  /** The mappings of roles, users and accounts, in the order of the items. */
  readonly mappings: readonly IdentityMapping[];
  /** The mappings of AWS services, in the order of the items. */
  readonly services: readonly ServiceIdentityMapping[];

  constructor(name: string, args: IdentityMappingsArgs, options?: pulumi.ComponentResourceOptions) {
    checkArgs("IdentityMappings", name, args, identityMappingsArgNames);
    const read = readItems(name, args, checkedSettings());
    super(identityMappingsType, name, {}, options);
    const { mappings, services } = declareItems(name, args, read, {
      mapping: (child, childArgs) => new IdentityMapping(child, childArgs, { parent: this }),
      service: (child, childArgs) => new ServiceIdentityMapping(child, childArgs, { parent: this }),
    });
    this.mappings = mappings;
    this.services = services;
    this.registerOutputs({});
  }
}
