import type { AssociatedAccessPolicy, AccessEntry as AwsAccessEntry } from "@aws-sdk/client-eks";
import type { AccessEntryContent, AccessPolicy, LiveAccessEntry } from "../../accessEntries";
import { accessEntryTypes } from "../../accessEntries/accessEntry";
import { waitFor } from "../../async/waiting";
import { AwsAuthError } from "../../errors";
import { parseIamArn } from "../../mapping";
import { quoted } from "../../text/text";
import type { EksRef } from "../clusterRef";
import type { Settings } from "../settings";
import { partOf } from "./awsErrors";
import { type CallLimits, callLimits, EksCalls, ifFound, type Send } from "./eksCalls";
import { type EksCluster, EksConnection } from "./eksConnection";
import { type EksRole, readEksRoles } from "./eksRoles";
import { Iam, type IamPrincipal } from "./iam";

/** How long ago, in milliseconds, a role or user was made that EKS may not know yet. */
const newFor = 5 * 60_000;

/**
 * The access entries of one EKS cluster, through the EKS API. Errors name the missing IAM action.
 *
 * @throws AwsAuthError (all methods) `accessDenied`, `credentials`, `clusterUnreachable`, or `rejected` if EKS refuses the content.
 */
export class AccessEntryApi {
  /** The cluster's name in messages. */
  readonly label: string;
  readonly #connection: EksConnection;
  readonly #cluster: { readonly clusterName: string };
  readonly #calls: EksCalls;
  readonly #iam: Iam;

  constructor(
    ref: EksRef,
    settings: Settings,
    connection = new EksConnection(ref, settings),
    limits: CallLimits = callLimits,
  ) {
    this.#connection = connection;
    this.#cluster = { clusterName: ref.name };
    this.#calls = new EksCalls(connection, limits);
    this.#iam = new Iam(() => connection.client(), settings, limits.attempts);
    this.label = connection.label;
  }

  /** The cluster itself, whose account is checked if the ref gives one. */
  cluster(): Promise<EksCluster> {
    return this.#connection.cluster();
  }

  /** The ARNs of all principals that have an access entry. */
  async list(): Promise<readonly string[]> {
    const found = await this.#calls.list(
      "ListAccessEntries",
      (eks, page, options) => eks.listAccessEntries({ ...this.#cluster, ...page }, options),
      ({ accessEntries }) => accessEntries,
    );
    // An entry that is made meanwhile may move others to the next page.
    return [...new Set(found)];
  }

  /**
   * Reads one access entry with its policies.
   *
   * @param principalArn with the role's path.
   * @returns undefined if the principal has none.
   */
  async read(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const names = { ...this.#cluster, principalArn };
    const [entry, policies] = await Promise.all([
      this.#calls.find("DescribeAccessEntry", async (eks, options) =>
        partOf((await eks.describeAccessEntry(names, options)).accessEntry),
      ),
      ifFound(
        this.#calls.list(
          "ListAssociatedAccessPolicies",
          (eks, page, options) => eks.listAssociatedAccessPolicies({ ...names, ...page }, options),
          ({ associatedAccessPolicies }) => associatedAccessPolicies,
        ),
      ),
    ]);
    return entry === undefined || policies === undefined ? undefined : liveEntry(entry, policies);
  }

  /**
   * Creates an access entry, without its policies. EKS refuses a principal that has one already: `conflict`. Waits for a role or user
   * that was made a moment ago, in the same run for example, until EKS knows it.
   */
  async create(content: AccessEntryContent, tags: Readonly<Record<string, string>>): Promise<void> {
    const { principalArn, type, username, groups } = content;
    let refusal: unknown;
    const attempt = async () => {
      try {
        await this.#calls.send("CreateAccessEntry", (eks, options) => {
          // EKS sets username and groups of node entries itself, and refuses them in a request.
          const user = type === "STANDARD" ? { username, kubernetesGroups: [...groups] } : {};
          return eks.createAccessEntry({ ...this.#cluster, principalArn, type, ...user, tags }, options);
        });
        return true;
      } catch (error) {
        refusal = error;
        if (error instanceof AwsAuthError && error.code === "rejected" && (await this.#isNew(principalArn))) {
          return undefined;
        }
        throw error;
      }
    };
    if ((await waitFor(attempt, this.#calls.limits.unseen)) === undefined) {
      throw refusal;
    }
  }

  /** Replaces username and groups of a standard entry. EKS gives its default to whatever is left out. */
  async update({ principalArn, username, groups }: AccessEntryContent): Promise<void> {
    const user = { username, kubernetesGroups: [...groups] };
    await this.#change(principalArn, "UpdateAccessEntry", (eks, options) =>
      eks.updateAccessEntry({ ...this.#cluster, principalArn, ...user }, options),
    );
  }

  /** Associates a policy, or changes its scope. */
  async associate(principalArn: string, { policyArn, scope }: AccessPolicy): Promise<void> {
    const accessScope = scope.type === "cluster" ? scope : { type: scope.type, namespaces: [...scope.namespaces] };
    await this.#change(principalArn, "AssociateAccessPolicy", (eks, options) =>
      eks.associateAccessPolicy({ ...this.#cluster, principalArn, policyArn, accessScope }, options),
    );
  }

  /** Takes a policy away. Succeeds if it is gone. */
  async disassociate(principalArn: string, policyArn: string): Promise<void> {
    await this.#calls.find("DisassociateAccessPolicy", (eks, options) =>
      eks.disassociateAccessPolicy({ ...this.#cluster, principalArn, policyArn }, options),
    );
  }

  /** @param entryArn the ARN of the access entry. */
  async tag(entryArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#change(entryArn, "TagResource", (eks, options) =>
      eks.tagResource({ resourceArn: entryArn, tags }, options),
    );
  }

  /** Takes tags away. Succeeds if they, or the entry, are gone. */
  async untag(entryArn: string, tagKeys: readonly string[]): Promise<void> {
    await this.#calls.find("UntagResource", (eks, options) =>
      eks.untagResource({ resourceArn: entryArn, tagKeys: [...tagKeys] }, options),
    );
  }

  /** Deletes an access entry with its policies. Succeeds if it is gone. */
  async delete(principalArn: string): Promise<void> {
    await this.#calls.find("DeleteAccessEntry", (eks, options) =>
      eks.deleteAccessEntry({ ...this.#cluster, principalArn }, options),
    );
  }

  /**
   * Asks IAM for a role or user of the cluster's account, which is that of the credentials: EKS knows the clusters of no other.
   *
   * @param arn a role's path does not matter, since names are unique in an account.
   * @returns undefined if the account has none of that name.
   * @throws AwsAuthError `accessDenied` also for a principal of another account, of whom IAM knows nothing here.
   */
  async principal(arn: string): Promise<IamPrincipal | undefined> {
    const parsed = parseIamArn(arn);
    if (parsed.kind === "invalid") {
      throw new AwsAuthError("invalidInput", parsed.reason);
    }
    const { account } = await this.cluster();
    if (parsed.account !== account) {
      throw new AwsAuthError(
        "accessDenied",
        `${quoted(arn)} is of account ${parsed.account}, and IAM tells ${this.#connection.identity} of account ${account} alone`,
      );
    }
    const action = parsed.kind === "user" ? "iam:GetUser" : "iam:GetRole";
    return this.#calls.run(action, (signal) => this.#iam.principal(parsed, signal));
  }

  /** The roles of the cluster's managed node groups and Fargate profiles, for which EKS makes access entries. */
  eksRoles(): Promise<readonly EksRole[]> {
    return readEksRoles(this.#calls, this.#cluster.clusterName);
  }

  /**
   * Changes an access entry that is there, which EKS may not find for some seconds after it was made.
   *
   * @throws AwsAuthError `conflict` if it is gone.
   */
  async #change(name: string, action: string, send: Send<object>): Promise<void> {
    const change = () => this.#calls.find(action, send);
    if ((await waitFor(change, this.#calls.limits.unseen)) === undefined) {
      throw new AwsAuthError(
        "conflict",
        `${this.label} has no access entry of ${quoted(name)} any more, or does not show it yet; run again`,
      );
    }
  }

  /** Whether a role or user was made so recently that EKS may not know it yet. */
  async #isNew(principalArn: string): Promise<boolean> {
    const principal = await this.principal(principalArn).catch(() => undefined);
    return principal !== undefined && Date.now() - principal.createdAt.getTime() < newFor;
  }
}

/** An access entry as the SDK has it, with its policies. */
function liveEntry(entry: AwsAccessEntry, policies: readonly AssociatedAccessPolicy[]): LiveAccessEntry {
  return {
    principalArn: entry.principalArn ?? "",
    // A type that this version does not know is as good as any that has no username and groups of one's own.
    type: accessEntryTypes.find((known) => known === entry.type) ?? "EC2",
    username: entry.username ?? "",
    groups: entry.kubernetesGroups ?? [],
    policies: policies.map(({ policyArn = "", accessScope }) => ({
      policyArn,
      scope:
        accessScope?.type === "namespace"
          ? { type: "namespace", namespaces: accessScope.namespaces ?? [] }
          : { type: "cluster" },
    })),
    arn: entry.accessEntryArn ?? "",
    tags: entry.tags ?? {},
    createdAt: entry.createdAt ?? new Date(0),
    // Nothing says that the association of a policy is a change of the entry itself.
    modifiedAt: new Date(Math.max(...[entry, ...policies].map(({ modifiedAt }) => modifiedAt?.getTime() ?? 0))),
  };
}
