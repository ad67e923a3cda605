import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries";
import type { Settings } from "../provider/cluster";
import { AwsAuthError } from "../provider/errors";
import { quoted } from "../provider/text/text";
import type { Cluster } from "./cluster";
import type { ClusterConfig, ConfigItem } from "./clusterConfig";
import type { IdentityMappingArgs } from "./identityMapping";
import { userError, warn } from "./messages";
import type { ServiceIdentityMappingArgs } from "./serviceIdentityMapping";

/** Arguments of {@link IdentityMappings}: either `file` or `config`. */
export interface IdentityMappingsArgs {
  /** Path of an eksctl ClusterConfig file, relative to the program's directory. */
  file?: string;
  /**
   * A ClusterConfig as a value, in which `apiVersion` and `kind` are optional. It cannot contain outputs of other resources; the resource
   * plugin accepts those that are known in a preview.
   */
  config?: ClusterConfig;
  /**
   * The cluster, as for an {@link IdentityMapping}. Default: `name` and `region` of the ClusterConfig's `metadata`, then the cluster in
   * the stack's configuration; an error if the two are different clusters. Another cluster replaces the mappings.
   */
  cluster?: Cluster;
  /** Whether every item takes over existing entries for its identity, as for an {@link IdentityMapping}. Default: false. */
  adopt?: pulumi.Input<boolean>;
  /** Where the mappings are kept, as for an {@link IdentityMapping}. Those of AWS services stay in aws-auth. */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
  /** ARN of the role of the service in the ClusterConfig, as `roleArn` of a {@link ServiceIdentityMapping}. */
  serviceRoleArn?: pulumi.Input<string>;
}

/** The names of all of them. */
export const identityMappingsArgNames = Object.keys({
  file: true,
  config: true,
  cluster: true,
  adopt: true,
  authenticationMode: true,
  serviceRoleArn: true,
} satisfies Record<keyof IdentityMappingsArgs, true>);

/**
 * Declares the resources of a component's items, in order.
 *
 * @param make makes them: as this package's classes, or as those of the resource plugin.
 */
export function declareItems<Mapping, Service>(
  component: pulumi.ComponentResource,
  name: string,
  args: IdentityMappingsArgs,
  read: ReturnType<typeof readItems>,
  make: {
    mapping(name: string, args: IdentityMappingArgs): Mapping;
    service(name: string, args: ServiceIdentityMappingArgs): Service;
  },
): { readonly mappings: readonly Mapping[]; readonly services: readonly Service[] } {
  for (const warning of read.warnings) {
    void warn(warning, component);
  }
  const cluster = args.cluster ?? read.cluster;
  const common = {
    ...(cluster !== undefined && { cluster }),
    ...(args.adopt !== undefined && { adopt: args.adopt }),
    ...(args.authenticationMode !== undefined && { authenticationMode: args.authenticationMode }),
  };
  const mappings = read.items.flatMap((item) =>
    item.kind === "service"
      ? []
      : [make.mapping(`${name}-${read.itemName(item)}`, { ...common, ...identityArgs(item) })],
  );
  // One mapping of the service's role for all of its namespaces.
  const namespace = read.items.flatMap((item) => (item.kind === "service" ? [item.namespace] : []));
  const serviceName = "emr-containers";
  const { serviceRoleArn: roleArn } = args;
  const ofService = { ...common, serviceName, namespace, ...(roleArn !== undefined && { roleArn }) } as const;
  const services = namespace.length === 0 ? [] : [make.service(`${name}-${serviceName}`, ofService)];
  return { mappings, services };
}

function identityArgs(item: Exclude<ConfigItem, { kind: "service" }>) {
  if (item.kind === "account") {
    return { account: item.account };
  }
  const { arn, username, groups } = item;
  return { arn, ...(username !== undefined && { username }), ...(groups && { groups: [...groups] }) };
}

/**
 * Reads the items of a component, and what names them.
 *
 * @param settings the stack's, or those of the provider that makes the component.
 * @throws RunError with every problem.
 */
export function readItems(name: string, { file, config, cluster }: IdentityMappingsArgs, settings: Settings) {
  if ((file === undefined) === (config === undefined)) {
    const problem =
      file === undefined ? "neither file nor config is set; set one" : "both file and config are set; keep one";
    throw componentError(name, problem);
  }
  if (hasOutput(file ?? config)) {
    throw componentError(name, notKnownInTime(file === undefined ? "config" : "file"));
  }
  if (file !== undefined && typeof file !== "string") {
    throw componentError(name, `file ${quoted(file)} must be a string`);
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
    // A program without type checks may pass null.
    const parsed = parseClusterConfig(source, cluster === undefined || cluster === null ? settings : undefined);
    return { ...parsed, itemName };
  } catch (error) {
    // An error that the user can fix is shown without a stack.
    throw error instanceof AwsAuthError ? componentError(name, error.message) : error;
  }
}

/** The problem of an input that has to be known when the component starts. */
export function notKnownInTime(input: string): string {
  return `${input} contains an output of another resource, which is not known in time to create a mapping from it; use an IdentityMapping for that`;
}

function componentError(name: string, problem: string): pulumi.RunError {
  return userError(`IdentityMappings "${name}": ${problem}`);
}

function hasOutput(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(hasOutput);
}
