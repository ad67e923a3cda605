import * as pulumi from "@pulumi/pulumi";
import { contextInput } from "../provider/lifecycle/context";
import { type Cluster, clusterInput } from "./cluster";
import { checkProviderIsFound, contextOf, groupsInput, resourceType } from "./context";
import { checkArgs, userError } from "./messages";
import { providerText } from "./providerText";
import { guardRemovals } from "./removalGuard";
import { checkSettings } from "./settings";

/** What an {@link IdentityMapping} is made from: either `arn` with `username`, `groups` or both, or `account` alone. */
export interface IdentityMappingArgs {
  /**
   * The cluster whose kube-system/aws-auth holds the entry. Default: what the stack's configuration names (`aws-auth:cluster`,
   * `aws-auth:kubeconfig` and `aws-auth:context`, or `aws-auth:manifest`); an error if it names none. Another cluster replaces the
   * mapping; another way to reach the same one updates the state alone.
   */
  cluster?: Cluster;
  /**
   * ARN of an IAM role or user, in any partition. A role's path is stripped with a warning, since the authenticator never matches
   * one; a group, a session (`assumed-role`) and the root user are errors. Another identity replaces the mapping; another letter case
   * of the same one updates it, and a path makes no change.
   */
  arn?: pulumi.Input<string>;
  /**
   * AWS account, 12 digits as a string, in place of an ARN: each of its identities gets its own ARN as username, and no groups.
   * Another account replaces the mapping.
   */
  account?: pulumi.Input<string>;
  /**
   * Kubernetes username; may hold the authenticator's templates `{{EC2PrivateDNSName}}`, `{{AccountID}}`, `{{SessionName}}`,
   * `{{SessionNameRaw}}` and `{{AccessKeyID}}`; another template is an error. Default: none, which the authenticator takes for the
   * empty name. Updated in place; an error while another
   * stack shares the entry and wants it as it is.
   */
  username?: pulumi.Input<string>;
  /** Kubernetes groups, a set: their order makes no difference. Templates as in `username`. Default: none. Updated as `username`. */
  groups?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Whether another entry of the same identity is an error, in preview already. Of several entries the authenticator obeys only the
   * last: an extra entry silently overrides the others. Default: `aws-auth:noDuplicateARNs` of the stack, else true. Changing only
   * this does not update the entry.
   */
  noDuplicateARNs?: pulumi.Input<boolean>;
  /**
   * Whether to take over what the map already says about this identity: the entry in force is edited in its place, and entries
   * that it shadows are removed. Other stacks that claim one of them lose it, and their next preview says so; it takes no entry back
   * that another stack has taken over. Default: false, which still shares an entry that says the same. Changing only this does not
   * update the entry.
   */
  adopt?: pulumi.Input<boolean>;
}

/**
 * One entry of an EKS cluster's kube-system/aws-auth: an IAM role, user or account, and the Kubernetes user and groups that it
 * becomes. Nothing else in the ConfigMap is touched, but for the line in the annotation `pulumi-aws-auth/claims` that says who wants
 * the entry.
 *
 * A preview fails when the entry is in the way of another one, or when another stack has taken it over, and tells, as a message of the
 * resource, what was changed or removed outside of Pulumi; `pulumi up` puts that back.
 *
 * Stacks that map an identity to the same content share the entry; it goes with the last of them. With other content a preview fails
 * and names the owner; `adopt` takes the entry over from there.
 *
 * A delete removes what the state says once no other stack wants it, also where the entry was there before the resource. It succeeds
 * where the entry is gone or taken over, and fails where somebody changed it: `pulumi refresh` accepts that first.
 *
 * A replacement makes the new entry first and then removes the old one. Pulumi's options `protect`, `retainOnDelete`,
 * `ignoreChanges`, `aliases`, `deletedWith` and `--target` work as usual; what `ignoreChanges` names is no drift. A resource that is
 * renamed without an alias keeps its entry. The ID names cluster and principal, such as
 * `eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`; a mapping of version 0.1.0 keeps the ID without the
 * cluster's account. An unknown input is an error with "did you mean". Pulumi's option
 * `import` does not work for dynamic resources: an entry that exists is taken over by a resource that says the same, or by `adopt`.
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
  /** The resource's type, by which a policy pack's `validateResourceOfType` knows it. */
  static readonly __pulumiType: string = resourceType;

  /** ARN of the role or user, without the role's path; undefined in an account's mapping. */
  declare readonly arn: pulumi.Output<string | undefined>;
  /** The account, in an account's mapping. */
  declare readonly account: pulumi.Output<string | undefined>;
  /** Kubernetes username, if any. */
  declare readonly username: pulumi.Output<string | undefined>;
  /** Kubernetes groups, if any. */
  declare readonly groups: pulumi.Output<string[] | undefined>;

  constructor(name: string, args: IdentityMappingArgs, options: pulumi.CustomResourceOptions = {}) {
    checkProviderIsFound();
    checkArgs("IdentityMapping", name, args);
    if (options.import !== undefined) {
      throw userError(
        `IdentityMapping "${name}": the option import does not work for dynamic resources; leave it out: a resource that says what the entry says takes it over, and one with adopt: true takes over any entry for its identity; "npx pulumi-aws-auth import" prints the program`,
      );
    }
    const urn = urnOf(name, options.parent);
    const ignoreChanges = options.ignoreChanges ?? [];
    super(
      resourceType,
      name,
      {
        // It comes first, since the SDK waits for each input before it looks at the next.
        [contextInput]: contextOf(urn, name, args, ignoreChanges),
        ...args,
        ...(args.groups !== undefined && { groups: groupsInput(args.groups) }),
        // Of an input that is not there Pulumi makes an output as well, which costs as much as any other.
        ...(args.cluster !== undefined && { cluster: clusterInput(args.cluster) }),
        __provider: providerText,
      },
      options,
    );
    // So that what is not passed has an output all the same.
    Object.assign(this, Object.fromEntries(outputNames.filter((output) => !(output in this)).map(absent)));
    checkSettings();
    guardRemovals({ mapping: this, urn, given: args, ignoreChanges });
  }
}

const outputNames = ["arn", "account", "username", "groups"] as const;

const nothing = pulumi.output(undefined);

function absent(name: string): [string, pulumi.Output<undefined>] {
  return [name, nothing];
}

/**
 * The URN as a plain value or promise. As the output that it comes from, it would make the resource depend on its parent, and so on
 * everything in it: two mappings in one component would wait for each other for ever.
 */
function urnOf(name: string, parent: pulumi.Resource | undefined): string | Promise<string> {
  if (parent === undefined) {
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${resourceType}::${name}`;
  }
  return new Promise((resolve) => {
    pulumi.createUrn(name, resourceType, parent).apply(resolve);
  });
}
