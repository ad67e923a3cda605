import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries";
import { AwsAuthError } from "../provider/errors";
import type { Cluster } from "./cluster";
import type { ClusterConfig, ConfigItem } from "./clusterConfig";
import { IdentityMapping } from "./identityMapping";
import { checkArgs, userError, warn } from "./messages";
import { ServiceIdentityMapping } from "./serviceIdentityMapping";
import { isServiceName } from "./services";

/** Arguments of {@link IdentityMappings}: either `file` or `config`. */
export interface IdentityMappingsArgs {
  /** Path of an eksctl ClusterConfig file, relative to the program's directory. */
  file?: string;
  /** A ClusterConfig as a value, in which `apiVersion` and `kind` are optional. It cannot contain outputs of other resources. */
  config?: ClusterConfig;
  /**
   * The cluster, as for an {@link IdentityMapping}. Default: `name` and `region` of the ClusterConfig's `metadata`. Another cluster
   * replaces the mappings.
   */
  cluster?: Cluster;
  /** Whether every item takes over existing entries for its identity, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
  /** Where the mappings are kept, as for an {@link IdentityMapping}. Those of AWS services stay in aws-auth. */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
}

/**
 * The `iamIdentityMappings` of an eksctl ClusterConfig, each an {@link IdentityMapping} or a {@link ServiceIdentityMapping}. Other
 * sections are ignored. Unknown keys in `metadata` and in the items are errors, and so is everything that eksctl rejects. All
 * errors of a file are reported together, with their lines.
 *
 * Children are named after what they map (`team-111122223333-role-admin`), so that adding an item does not affect the others. Of
 * several items for one identity only the last is mapped, with a warning, since the authenticator uses no other. The option
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
    checkArgs("IdentityMappings", name, args);
    const { itemName, ...parsed } = readConfig(name, args);
    super("aws-auth:index:IdentityMappings", name, {}, options);
    for (const warning of parsed.warnings) {
      warn(warning, this);
    }
    const cluster = args.cluster ?? parsed.cluster;
    const common = { ...(cluster && { cluster }), ...(args.adopt !== undefined && { adopt: args.adopt }) };
    const mode = args.authenticationMode !== undefined && { authenticationMode: args.authenticationMode };
    const mappings: IdentityMapping[] = [];
    const services: ServiceIdentityMapping[] = [];
    for (const item of parsed.items) {
      const child = `${name}-${itemName(item)}`;
      if (item.kind !== "service") {
        mappings.push(new IdentityMapping(child, { ...common, ...mode, ...identityArgs(item) }, { parent: this }));
      } else if (isServiceName(item.serviceName)) {
        const { serviceName, namespace, noDuplicateARNs } = item;
        const serviceArgs = { ...common, ...mode, serviceName, namespace, noDuplicateARNs };
        services.push(new ServiceIdentityMapping(child, serviceArgs, { parent: this }));
      }
    }
    this.mappings = mappings;
    this.services = services;
    this.registerOutputs({});
  }
}

function identityArgs(item: Exclude<ConfigItem, { kind: "service" }>) {
  if (item.kind === "account") {
    return { account: item.account };
  }
  const { arn, username, groups, noDuplicateARNs } = item;
  return { arn, noDuplicateARNs, ...(username !== undefined && { username }), ...(groups && { groups: [...groups] }) };
}

function readConfig(name: string, { file, config, cluster }: IdentityMappingsArgs) {
  if ((file === undefined) === (config === undefined)) {
    const problem =
      file === undefined ? "neither file nor config is set; set one" : "both file and config are set; keep one";
    throw userError(`IdentityMappings "${name}": ${problem}`);
  }
  if (hasOutput(file ?? config)) {
    throw userError(
      `IdentityMappings "${name}": ${file === undefined ? "config" : "file"} contains an output of another resource, which is not known in time to create a mapping from it; use an IdentityMapping for that`,
    );
  }
  // Loaded on demand, since the YAML library would slow down programs without a file.
  const {
    itemName,
    parseClusterConfig,
    readConfigFile,
    valueSource,
  }: typeof import("./clusterConfig") = require("./clusterConfig");
  try {
    const source = file === undefined ? valueSource(config) : readConfigFile(file);
    const parsed = parseClusterConfig(source, cluster === undefined);
    return { ...parsed, itemName };
  } catch (error) {
    // An error that the user can fix is shown without a stack.
    throw error instanceof AwsAuthError ? userError(`IdentityMappings "${name}": ${error.message}`) : error;
  }
}

function hasOutput(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(hasOutput);
}
