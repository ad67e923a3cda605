import * as pulumi from "@pulumi/pulumi";
import type { AuthenticationMode } from "../provider/accessEntries/accessEntry";
import { contextInput, inputNames, type ResourceContext } from "../provider/lifecycle/properties";
import { type Cluster, clusterInputOf, isAwaited } from "./cluster";
import { checkProvider, providerText, resourceType } from "./dynamicProvider";
import { checkArgs, userError } from "./programErrors";
import { checkSettings } from "./settings";

/** Arguments of an {@link IdentityMapping}: either `arn` with `username`, `groups` or both, or only `account`. */
export interface IdentityMappingArgs {
  /**
   * The cluster whose kube-system/aws-auth or access entries contain the mapping. Default: the cluster in the stack configuration
   * (`aws-auth:cluster`, `aws-auth:kubeconfig` and `aws-auth:context`, or `aws-auth:manifest`); an error if there is none. Changing the
   * cluster replaces the mapping. A different connection to the same cluster updates only the state.
   */
  cluster?: Cluster;
  /**
   * ARN of an IAM role or user, in any partition. An access entry requires a role's path. In aws-auth, the path is removed, since the
   * authenticator never matches an ARN with a path. The preview warns if a mapping with a role's path is stored only in aws-auth. The ARN
   * of a group, a session (`assumed-role`) or the root user is an error. Changing the identity replaces the mapping. Changing only the
   * letter case updates the mapping in place; adding a role's path changes nothing in aws-auth.
   */
  arn?: pulumi.Input<string>;
  /**
   * AWS account, 12 digits as a string, instead of an ARN: each of its identities gets its own ARN as username, and no groups. Changing
   * the account replaces the mapping.
   */
  account?: pulumi.Input<string>;
  /**
   * Kubernetes username. May contain the authenticator's templates `{{EC2PrivateDNSName}}`, `{{AccountID}}`, `{{SessionName}}`,
   * `{{SessionNameRaw}}` and `{{AccessKeyID}}`; any other template is an error. Default: none; the authenticator then uses an
   * empty username. Updated in place. Changing it is an error while another stack that shares the entry declares the old content.
   */
  username?: pulumi.Input<string>;
  /** Kubernetes groups, in any order. Supports the same templates as `username`. Default: none. Updated like `username`. */
  groups?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * `true`, the default: the preview fails if another entry conflicts with this mapping, unless `adopt` takes it over. `false` is refused,
   * because only the last entry for an ARN takes effect.
   */
  noDuplicateARNs?: pulumi.Input<boolean>;
  /**
   * Whether to take over existing entries for this identity: the entry that takes effect is updated in place, and entries that it
   * shadows are removed. Other stacks that claim one of them lose their claim, and their next preview reports it. Has no effect on an
   * entry that another stack has since taken over. Default: false, which still shares an entry in aws-auth with the same content.
   * Changing only this input does not cause an update.
   */
  adopt?: pulumi.Input<boolean>;
  /**
   * Where the mapping is stored. The values are those of EKS: `CONFIG_MAP` in aws-auth; `API_AND_CONFIG_MAP` in aws-auth and in an access
   * entry with the same content, which takes precedence; `API` in an access entry. The cluster's own mode must allow it. Changing the value
   * moves the mapping; between `CONFIG_MAP` and `API`, set `API_AND_CONFIG_MAP` and run `pulumi up` first. The new entry is verified before
   * the old one is removed. Default: `aws-auth:authenticationMode` of the stack, or `CONFIG_MAP`. Values other than `CONFIG_MAP` require an
   * EKS cluster, and a mapping that can be an access entry.
   */
  authenticationMode?: pulumi.Input<AuthenticationMode>;
}

/**
 * Maps an IAM role, user or account to a Kubernetes username and groups, in the ConfigMap `aws-auth`, in an EKS access entry, or in both,
 * as `authenticationMode` specifies. The owner is stored with the entry: in the annotation `pulumi-aws-auth/claims` of the ConfigMap, or
 * in a tag of the access entry. Entries that you do not manage are never modified.
 *
 * A preview fails if the entry conflicts with another one, or if another stack has taken it over. A preview also shows drift: what was
 * changed or removed outside Pulumi. `pulumi up` restores it.
 *
 * Stacks that map an identity to the same content share the entry in aws-auth, and deleting the last of these mappings removes the
 * entry. If the content differs, a preview fails and reports the owner; `adopt` takes over the entry.
 *
 * A delete removes the entry if it matches the state and no other stack claims it, even if the entry existed before the resource. It
 * succeeds if the entry is gone or was taken over.
 *
 * A replacement creates the new entry first and then removes the old one. Pulumi's options `protect`, `retainOnDelete`,
 * `ignoreChanges`, `aliases`, `deletedWith` and `--target` work as for other resources. A resource that is renamed without an alias keeps
 * its entry in aws-auth.
 * The ID consists of the cluster and the principal, such as `eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`.
 *
 * @remarks
 * Drift is reported as a warning on the resource, except for properties in `ignoreChanges`. A delete fails if the entry was changed outside
 * Pulumi, until `pulumi refresh` accepts the change.
 *
 * The outputs are `arn`, `account`, `username` and `groups`. In the resource plugin for other languages, every input is also an output.
 *
 * An input that {@link IdentityMappingArgs} does not have is an error. Pulumi's option `import` does not work for dynamic resources. To
 * take over an existing entry, set `adopt`. In aws-auth, a resource with the same content is sufficient, except for nodes.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * new awsAuth.IdentityMapping("admin", {
 *   cluster: "prod",
 *   arn: "arn:aws:iam::111122223333:role/admin",
 *   username: "admin",
 *   groups: ["system:masters"],
 * });
 * ```
 */
export class IdentityMapping extends pulumi.CustomResource {
  /** The resource's type, for `validateResourceOfType` of policy packs. */
  static readonly __pulumiType: string = resourceType;

  /** ARN of the role or user, without the role's path; undefined for an account. */
  declare readonly arn: pulumi.Output<string | undefined>;
  /** AWS account; undefined for a role or user. */
  declare readonly account: pulumi.Output<string | undefined>;
  /** Kubernetes username; undefined if none is set. */
  declare readonly username: pulumi.Output<string | undefined>;
  /** Kubernetes groups; undefined if none are set. */
  declare readonly groups: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: IdentityMappingArgs, options: pulumi.CustomResourceOptions = {}) {
    checkProvider();
    checkSettings();
    checkArgs("IdentityMapping", name, args);
    if (options.import !== undefined) {
      throw userError(
        `IdentityMapping "${name}": the option import is not supported for dynamic resources; remove it, and set adopt: true if the entry has different content ("npx pulumi-aws-auth import" prints a program for all entries)`,
      );
    }
    const { parent, ignoreChanges = [] } = options;
    const urn = urnOf(name, parent);
    const inputs = {
      // First, since the SDK awaits the inputs one after another.
      [contextInput]: resourceContextOf(urn, args, ignoreChanges),
      ...Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)),
      // Omitted if undefined, since Pulumi would create an output for it, which is as slow as any other.
      ...(args.cluster !== undefined && { cluster: clusterInputOf(args.cluster) }),
      __provider: providerText,
    };
    // For "*", the engine would also replace the context with the old inputs.
    const ignored = ignoreChanges.includes("*") && { ignoreChanges: [...inputNames] };
    super(resourceType, name, inputs, { ...options, ...ignored });
    // Outputs exist for omitted inputs too.
    this.arn ??= absent;
    this.account ??= absent;
    this.username ??= absent;
    this.groups ??= absent;
  }
}

const absent = pulumi.output(undefined);

/**
 * The URN as a plain value or promise. The output itself would make the resource depend on its parent and all its
 * children, so that two mappings in one component would wait for each other forever.
 */
function urnOf(name: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  if (parent === undefined) {
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${resourceType}::${name}`;
  }
  return new Promise((resolve) => {
    pulumi.createUrn(name, resourceType, parent).apply(resolve);
  });
}

/**
 * The context that is passed to `check` with a mapping: a string, or a promise if it contains one. Not an output, which
 * could make the mapping depend on other resources.
 */
function resourceContextOf(
  urn: string | Promise<string>,
  inputs: object,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const unsure = Object.entries(inputs).filter(([name, input]) => name !== "cluster" && !isPlain(input));
  // One string, since each field of an object takes as much time as another input.
  const write = (urn: string, secrets: readonly string[]) =>
    JSON.stringify({ urn, ignoreChanges, isPreview, secrets } satisfies ResourceContext);
  return typeof urn === "string" && unsure.length === 0
    ? write(urn, [])
    : Promise.all([urn, secretsAmong(unsure)]).then((known) => write(...known));
}

/** The inputs that are secret, entirely or in part, since a dynamic provider gets only the values. */
async function secretsAmong(inputs: readonly (readonly [name: string, input: unknown])[]): Promise<string[]> {
  const found = await Promise.all(inputs.map(async ([name, input]) => ((await isSecret(input)) ? [name] : [])));
  return found.flat();
}

function isPlain(input: unknown): boolean {
  return Array.isArray(input) ? input.every(isPlain) : !isAwaited(input);
}

/** Never rejects, since the resource reports errors of its inputs. */
async function isSecret(input: unknown): Promise<boolean> {
  try {
    // Await first, since Pulumi would derive several promises from a rejected one, whose rejections would be unhandled.
    const value: unknown = pulumi.Output.isInstance(input) ? input : await input;
    return Array.isArray(value)
      ? (await Promise.all(value.map(isSecret))).includes(true)
      : pulumi.Output.isInstance(value) && (await pulumi.isSecret(pulumi.output(value)));
  } catch {
    return false;
  }
}
