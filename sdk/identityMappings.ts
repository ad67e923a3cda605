import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries/accessEntry";
import { asAwsAuthError } from "../provider/errors";
import { quoted } from "../provider/text/text";
import { type Cluster, isAwaited } from "./cluster";
import { type ClusterConfig, itemName, serviceName } from "./clusterConfig";
import { IdentityMapping } from "./identityMapping";
import { checkArgs, userError } from "./programErrors";
import { ServiceIdentityMapping } from "./serviceIdentityMapping";
import { checkedSettings } from "./settings";

/** Arguments of {@link IdentityMappings}: either `file` or `config`. */
export interface IdentityMappingsArgs {
  /** Path to an eksctl ClusterConfig file, relative to the program's directory. */
  file?: string;
  /** A ClusterConfig as a value, in which `apiVersion` and `kind` are optional. It cannot contain outputs of other resources. */
  config?: ClusterConfig;
  /**
   * The cluster, as for an {@link IdentityMapping}. Default: `name` and `region` of the ClusterConfig's `metadata`, then the cluster in
   * the stack configuration; an error if the two are different clusters. Changing the cluster replaces the mappings.
   */
  cluster?: Cluster;
  /** Whether every item takes over existing entries for its identity, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
  /** Where the mappings are stored, as for an {@link IdentityMapping}. Mappings of AWS services stay in aws-auth. */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
  /** ARN of the role of the service in the ClusterConfig, as `roleArn` of a {@link ServiceIdentityMapping}. */
  serviceRoleArn?: pulumi.Input<string>;
}

/**
 * The `iamIdentityMappings` of an eksctl ClusterConfig, each an {@link IdentityMapping} or a {@link ServiceIdentityMapping}. Other
 * sections are ignored. Unknown keys in `metadata` and in the items, wrong types, and two items for one identity are errors. Errors are
 * reported with their lines.
 *
 * The name of a child contains the identity or service (`team-111122223333-role-admin`), so a new item does not affect the others. The
 * option `providers` may contain the Kubernetes provider for services.
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
  readonly services: readonly ServiceIdentityMapping[] = [];

  constructor(name: string, args: IdentityMappingsArgs, options?: pulumi.ComponentResourceOptions) {
    const allowed = ["file", "config", "cluster", "adopt", "authenticationMode", "serviceRoleArn"];
    checkArgs("IdentityMappings", name, args, allowed);
    const { mappings, namespaces, cluster: ofFile } = readConfig(name, args);
    super("aws-auth:index:IdentityMappings", name, {}, options);
    const { file: _file, config: _config, cluster: given, serviceRoleArn: roleArn, ...others } = args;
    const cluster = given ?? ofFile;
    const common = { ...others, ...(cluster !== undefined && { cluster }) };
    this.mappings = mappings.map((item) => {
      const { kind: _kind, ...fields } = item;
      return new IdentityMapping(`${name}-${itemName(item)}`, { ...common, ...fields }, { parent: this });
    });
    if (namespaces.length > 0) {
      const fields = { ...common, ...(roleArn !== undefined && { roleArn }), serviceName, namespace: namespaces };
      this.services = [new ServiceIdentityMapping(`${name}-${serviceName}`, fields, { parent: this })];
    }
    this.registerOutputs({});
  }
}

/**
 * Reads the ClusterConfig of a component.
 *
 * @throws RunError with every problem, without a stack trace.
 */
function readConfig(name: string, { file, config, cluster }: IdentityMappingsArgs) {
  const failure = (problem: string) => userError(`IdentityMappings "${name}": ${problem}`);
  if ((file === undefined) === (config === undefined)) {
    throw failure(
      file === undefined ? "neither file nor config is set; set one" : "both file and config are set; keep one",
    );
  }
  if (hasOutput(file ?? config)) {
    const input = file === undefined ? "config" : "file";
    throw failure(`${input} contains an output, but must be a plain value; use an IdentityMapping instead`);
  }
  if (file !== undefined && typeof file !== "string") {
    throw failure(`file ${quoted(file)} must be a string`);
  }
  // Loaded on demand, since the YAML library would slow down programs without a file.
  const { parseClusterConfig, readConfigFile, valueSource }: typeof import("./configFile") = require("./configFile");
  const settings = checkedSettings();
  try {
    const source = file === undefined ? valueSource(config) : readConfigFile(file);
    // A program without type checks may pass null.
    return parseClusterConfig(source, cluster === undefined || cluster === null ? settings : undefined);
  } catch (error) {
    throw failure(asAwsAuthError(error).message);
  }
}

function hasOutput(value: unknown): boolean {
  return isAwaited(value) || (typeof value === "object" && value !== null && Object.values(value).some(hasOutput));
}
