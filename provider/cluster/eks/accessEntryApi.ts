import type { AssociatedAccessPolicy, AccessEntry as AwsAccessEntry, EKSClient } from "@aws-sdk/client-eks";
import {
  type AccessEntryContent,
  type AccessEntryType,
  type AccessPolicy,
  type AuthenticationMode,
  accessEntryTypes,
  type LiveAccessEntry,
} from "../../accessEntries";
import { Slots } from "../../concurrency";
import { AwsAuthError } from "../../errors";
import type { EksRef } from "../clusterRef";
import type { Settings } from "../settings";
import { EksConnection } from "./eksConnection";
import { type IamPrincipal, readIamPrincipal } from "./iam";

/** What EKS says of a cluster as a whole. */
export interface EksCluster {
  /** Where the cluster looks for identities. */
  readonly authenticationMode: AuthenticationMode;
  /** 12 digits. */
  readonly account: string;
  /** Such as `aws` or `aws-cn`. */
  readonly partition: string;
}

/** How many calls for one cluster are in progress at once. EKS limits their rate for a whole account and region. */
const callsAtOnce = 8;

/** How often a call that EKS throttles is sent, with pauses that grow to 20 seconds (the SDK's standard retries). */
const maxAttempts = 8;

/** How long one call may take with its retries, in milliseconds. */
const callTime = 90_000;

/** The most that ListAccessEntries and ListAssociatedAccessPolicies return at once. */
const pageSize = 100;

/**
 * The access entries of one EKS cluster, through the EKS API. Errors name the missing IAM action.
 *
 * @throws AwsAuthError (all methods) `accessDenied`, `credentials`, `clusterUnreachable`, or `rejected` if EKS refuses the content.
 */
export class AccessEntryApi {
  /** The cluster's name in messages. */
  readonly label: string;
  readonly #connection: EksConnection;
  readonly #ref: EksRef;
  readonly #settings: Settings;
  readonly #slots = new Slots(callsAtOnce);
  #client: Promise<EKSClient> | undefined;

  constructor(ref: EksRef, settings: Settings, connection = new EksConnection(ref, settings)) {
    this.#connection = connection;
    this.#ref = ref;
    this.#settings = settings;
    this.label = connection.label;
  }

  /** The cluster itself, whose account is checked if the ref gives one. */
  async cluster(): Promise<EksCluster> {
    const signal = AbortSignal.timeout(callTime);
    await this.#connection.account(this.#ref.account, signal);
    const cluster = await this.#connection.describe(signal);
    const [, partition = "aws", , , account = ""] = (cluster?.arn ?? "").split(":");
    // Clusters of before access entries have no configuration of access.
    const authenticationMode = cluster?.accessConfig?.authenticationMode ?? "CONFIG_MAP";
    return { authenticationMode, account, partition };
  }

  /** The ARNs of all principals that have an access entry. */
  async list(): Promise<readonly string[]> {
    const { ListAccessEntriesCommand } = await import("@aws-sdk/client-eks");
    const found: string[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListAccessEntriesCommand({ ...this.#cluster, maxResults: pageSize, nextToken });
      const page = await this.#send("ListAccessEntries", (client, abortSignal) =>
        client.send(command, { abortSignal }),
      );
      found.push(...(page?.accessEntries ?? []));
      nextToken = page?.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  /**
   * Reads one access entry with its policies.
   *
   * @param principalArn with the role's path.
   * @returns undefined if the principal has none.
   */
  async read(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const [entry, policies] = await Promise.all([this.#describe(principalArn), this.#policies(principalArn)]);
    return entry === undefined || policies === undefined ? undefined : liveEntry(entry, policies);
  }

  /** Creates an access entry, without its policies. EKS refuses a principal that has one already: `conflict`. */
  async create(
    { principalArn, type, username, groups }: AccessEntryContent,
    tags: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { CreateAccessEntryCommand } = await import("@aws-sdk/client-eks");
    // EKS sets username and groups of node entries itself, and refuses them in a request.
    const user = type === "STANDARD" ? { username, kubernetesGroups: [...groups] } : {};
    const command = new CreateAccessEntryCommand({ ...this.#cluster, principalArn, type, ...user, tags });
    await this.#send("CreateAccessEntry", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Replaces username and groups of a standard entry. EKS gives its default to whatever is left out. */
  async update({ principalArn, username, groups }: AccessEntryContent): Promise<void> {
    const { UpdateAccessEntryCommand } = await import("@aws-sdk/client-eks");
    const command = new UpdateAccessEntryCommand({
      ...this.#cluster,
      principalArn,
      username,
      kubernetesGroups: [...groups],
    });
    await this.#send("UpdateAccessEntry", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Associates a policy, or changes its scope. */
  async associate(principalArn: string, { policyArn, scope }: AccessPolicy): Promise<void> {
    const { AssociateAccessPolicyCommand } = await import("@aws-sdk/client-eks");
    const accessScope = scope.type === "cluster" ? scope : { type: scope.type, namespaces: [...scope.namespaces] };
    const command = new AssociateAccessPolicyCommand({ ...this.#cluster, principalArn, policyArn, accessScope });
    await this.#send("AssociateAccessPolicy", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Takes a policy away. Succeeds if it is gone. */
  async disassociate(principalArn: string, policyArn: string): Promise<void> {
    const { DisassociateAccessPolicyCommand } = await import("@aws-sdk/client-eks");
    const command = new DisassociateAccessPolicyCommand({ ...this.#cluster, principalArn, policyArn });
    await this.#send("DisassociateAccessPolicy", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** @param entryArn the ARN of the access entry. */
  async tag(entryArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    const { TagResourceCommand } = await import("@aws-sdk/client-eks");
    const command = new TagResourceCommand({ resourceArn: entryArn, tags });
    await this.#send("TagResource", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Takes tags away. Succeeds if they, or the entry, are gone. */
  async untag(entryArn: string, tagKeys: readonly string[]): Promise<void> {
    const { UntagResourceCommand } = await import("@aws-sdk/client-eks");
    const command = new UntagResourceCommand({ resourceArn: entryArn, tagKeys: [...tagKeys] });
    await this.#send("UntagResource", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /** Deletes an access entry with its policies. Succeeds if it is gone. */
  async delete(principalArn: string): Promise<void> {
    const { DeleteAccessEntryCommand } = await import("@aws-sdk/client-eks");
    const command = new DeleteAccessEntryCommand({ ...this.#cluster, principalArn });
    await this.#send("DeleteAccessEntry", (client, abortSignal) => client.send(command, { abortSignal }));
  }

  /**
   * Asks IAM for a role or user of the credentials' own account.
   *
   * @param arn a role's path does not matter, since names are unique in an account.
   * @returns undefined if the account has none of that name.
   */
  async principal(arn: string): Promise<IamPrincipal | undefined> {
    const action = /:user\//i.test(arn) ? "iam:GetUser" : "iam:GetRole";
    return this.#slots.run(() =>
      this.#connection.ask(action, AbortSignal.timeout(callTime), async (signal) =>
        readIamPrincipal(await this.#connection.client(), arn, this.#settings, signal),
      ),
    );
  }

  get #cluster(): { readonly clusterName: string } {
    return { clusterName: this.#ref.name };
  }

  async #describe(principalArn: string): Promise<AwsAccessEntry | undefined> {
    const { DescribeAccessEntryCommand } = await import("@aws-sdk/client-eks");
    const command = new DescribeAccessEntryCommand({ ...this.#cluster, principalArn });
    const found = await this.#send("DescribeAccessEntry", (client, abortSignal) =>
      client.send(command, { abortSignal }),
    );
    return found?.accessEntry;
  }

  async #policies(principalArn: string): Promise<readonly AssociatedAccessPolicy[] | undefined> {
    const { ListAssociatedAccessPoliciesCommand } = await import("@aws-sdk/client-eks");
    const found: AssociatedAccessPolicy[] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListAssociatedAccessPoliciesCommand({
        ...this.#cluster,
        principalArn,
        maxResults: pageSize,
        nextToken,
      });
      const page = await this.#send("ListAssociatedAccessPolicies", (client, abortSignal) =>
        client.send(command, { abortSignal }),
      );
      if (page === undefined) {
        return undefined;
      }
      found.push(...(page.associatedAccessPolicies ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  /** Sends one call; undefined if what it names does not exist. The cluster does, since it was looked up before. */
  #send<T>(action: string, send: (client: EKSClient, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    return this.#slots.run(async () => {
      try {
        return await this.#connection.ask(`eks:${action}`, AbortSignal.timeout(callTime), async (signal) =>
          send(await this.#patientClient(), signal),
        );
      } catch (error) {
        if (error instanceof AwsAuthError && error.code === "clusterNotFound") {
          return undefined;
        }
        throw error;
      }
    });
  }

  /** The connection's client with more retries, since calls for many entries are throttled sooner than a single one. */
  #patientClient(): Promise<EKSClient> {
    this.#client ??= this.#connection.client().then(async ({ config }) => {
      const { EKSClient } = await import("@aws-sdk/client-eks");
      const { region, credentials, requestHandler } = config;
      return new EKSClient({ region, credentials, requestHandler, maxAttempts });
    });
    return this.#client;
  }
}

function liveEntry(entry: AwsAccessEntry, policies: readonly AssociatedAccessPolicy[]): LiveAccessEntry {
  return {
    principalArn: entry.principalArn ?? "",
    type: entryType(entry.type),
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
    modifiedAt: entry.modifiedAt ?? new Date(0),
  };
}

/** A type that this version does not know is as good as any that has no username and groups of one's own. */
function entryType(type: string | undefined): AccessEntryType {
  return accessEntryTypes.find((known) => known === type) ?? "EC2";
}
