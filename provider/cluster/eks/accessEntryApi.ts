import type { AssociatedAccessPolicy, AccessEntry as AwsAccessEntry } from "@aws-sdk/client-eks";
import type { Role, User } from "@aws-sdk/client-iam";
import type { AccessEntryContent, AccessPolicy, IamPrincipal, LiveAccessEntry } from "../../accessEntries/accessEntry";
import { accessEntryTypes } from "../../accessEntries/accessEntry";
import { allPages, waitFor } from "../../async";
import { AwsAuthError, hasCode } from "../../errors";
import type { IamArn } from "../../mapping";
import { fieldsOf } from "../../text/fields";
import { quoted } from "../../text/text";
import type { EksRef } from "../clusterRef";
import type { Settings } from "../settings";
import type { AwsClients } from "./awsClients";
import { required } from "./awsErrors";
import { type EksCluster, EksConnection } from "./eksConnection";

/** Limits in milliseconds; tests use shorter ones. */
export const entryLimits = {
  /** For one call with its retries. */
  call: 90_000,
  /** Until EKS finds a new principal or entry. */
  found: { total: 60_000, first: 200, most: 1_000 },
  /** Until EKS shows a write. */
  shown: { total: 60_000, first: 250, most: 4_000 },
  /** Until EKS reliably shows a new claim of another run. */
  claimed: { total: 5_000, first: 250, most: 2_000 },
  /** Until an entry that EKS shows grants access: up to 30 seconds in gravitational/teleport#49467. */
  inForce: 30_000,
};

type Call<T> = (clients: AwsClients, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** The access entries of one EKS cluster, through the EKS API. Errors name the missing IAM action. */
export class AccessEntryApi {
  readonly label: string;
  /** The credentials, for messages: see {@link EksConnection.identity}. */
  readonly identity: string;
  readonly limits: typeof entryLimits;
  readonly #connection: EksConnection;
  readonly #cluster: { readonly clusterName: string };

  constructor(ref: EksRef, settings: Settings, connection = new EksConnection(ref, settings), limits = entryLimits) {
    this.#connection = connection;
    this.#cluster = { clusterName: ref.name };
    this.limits = limits;
    this.label = connection.label;
    this.identity = connection.identity;
  }

  cluster(): Promise<EksCluster> {
    return this.#connection.cluster();
  }

  /** The time that the clock of AWS has certainly reached, in milliseconds; minus infinity if it is unknown. */
  async now(): Promise<number> {
    const { clock = Number.NEGATIVE_INFINITY } = await this.#connection.clients();
    return clock + performance.now();
  }

  async list(): Promise<readonly string[]> {
    const found = await this.#call("ListAccessEntries", ({ eks }, options) =>
      allOf(
        (nextToken) => eks.listAccessEntries({ ...this.#cluster, maxResults: 100, nextToken }, options),
        (page) => page.accessEntries,
      ),
    );
    // An entry that is created meanwhile may move others to the next page.
    return [...new Set(found)];
  }

  /** @param principalArn the ARN with the role's path. */
  async read(principalArn: string): Promise<LiveAccessEntry | undefined> {
    const names = { ...this.#cluster, principalArn };
    const [entry, policies] = await Promise.all([
      this.#find("DescribeAccessEntry", async ({ eks }, options) =>
        required((await eks.describeAccessEntry(names, options)).accessEntry),
      ),
      this.#find("ListAssociatedAccessPolicies", ({ eks }, options) =>
        allOf(
          (nextToken) => eks.listAssociatedAccessPolicies({ ...names, nextToken }, options),
          (page) => page.associatedAccessPolicies,
        ),
      ),
    ]);
    return entry === undefined || policies === undefined ? undefined : liveEntry(entry, policies);
  }

  /**
   * Creates an access entry without policies. Throws `conflict` if the principal already has one. Waits until EKS knows
   * a new role or user, such as one that the same run created.
   */
  async create(content: AccessEntryContent, tags: Readonly<Record<string, string>>): Promise<void> {
    const { principalArn, type, username, groups } = content;
    // EKS sets the username and groups of node entries itself, and refuses them in a request.
    const user = type === "STANDARD" ? { username, kubernetesGroups: [...groups] } : {};
    let refusal: unknown;
    const attempt = async () => {
      try {
        return await this.#call("CreateAccessEntry", ({ eks }, options) =>
          eks.createAccessEntry({ ...this.#cluster, principalArn, type, ...user, tags }, options),
        );
      } catch (error) {
        refusal = error;
        if (hasCode(error, "rejected") && /invalid principal/i.test(error.message)) {
          return undefined;
        }
        throw error;
      }
    };
    if ((await waitFor(attempt, this.limits.found)) === undefined) {
      throw refusal;
    }
  }

  /** Replaces the username and groups of a standard entry. EKS sets defaults for omitted values. */
  async update({ principalArn, username, groups }: AccessEntryContent): Promise<void> {
    await this.#change(principalArn, "UpdateAccessEntry", ({ eks }, options) =>
      eks.updateAccessEntry({ ...this.#cluster, principalArn, username, kubernetesGroups: [...groups] }, options),
    );
  }

  async associate(principalArn: string, { policyArn, scope }: AccessPolicy): Promise<void> {
    const accessScope = scope.type === "cluster" ? scope : { type: scope.type, namespaces: [...scope.namespaces] };
    await this.#change(principalArn, "AssociateAccessPolicy", ({ eks }, options) =>
      eks.associateAccessPolicy({ ...this.#cluster, principalArn, policyArn, accessScope }, options),
    );
  }

  /** Removes a policy. Succeeds if it is already gone. */
  async disassociate(principalArn: string, policyArn: string): Promise<void> {
    await this.#find("DisassociateAccessPolicy", ({ eks }, options) =>
      eks.disassociateAccessPolicy({ ...this.#cluster, principalArn, policyArn }, options),
    );
  }

  /** @param entryArn the ARN of the access entry, not of its principal. */
  async tag(entryArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#change(entryArn, "TagResource", ({ eks }, options) =>
      eks.tagResource({ resourceArn: entryArn, tags }, options),
    );
  }

  /** Removes tags. Succeeds if they or the entry are already gone. */
  async untag(entryArn: string, tagKeys: readonly string[]): Promise<void> {
    await this.#find("UntagResource", ({ eks }, options) =>
      eks.untagResource({ resourceArn: entryArn, tagKeys: [...tagKeys] }, options),
    );
  }

  /** Deletes an access entry with its policies. Succeeds if it is already gone. */
  async delete(principalArn: string): Promise<void> {
    await this.#find("DeleteAccessEntry", ({ eks }, options) =>
      eks.deleteAccessEntry({ ...this.#cluster, principalArn }, options),
    );
  }

  /** Reads a role or user of the cluster's account from IAM; undefined if the account has none of that name. */
  async principal({ kind, name }: IamArn): Promise<IamPrincipal | undefined> {
    const found = this.#run(kind === "user" ? "iam:GetUser" : "iam:GetRole", async (clients, options) => {
      const iam = await clients.iam();
      return kind === "user"
        ? principalIn(required((await iam.getUser({ UserName: name }, options)).User))
        : roleIn(required((await iam.getRole({ RoleName: name }, options)).Role));
    });
    return ifFound(found);
  }

  /** The ARNs of the account's roles of IAM Identity Center, whose path contains its region unless that is us-east-1. */
  async ssoRoles(): Promise<readonly string[]> {
    const PathPrefix = "/aws-reserved/sso.amazonaws.com/";
    const roles = await this.#run("iam:ListRoles", async (clients, options) => {
      const iam = await clients.iam();
      return allOf(
        (Marker) => iam.listRoles({ PathPrefix, Marker }, options),
        ({ Roles }) => Roles,
      );
    });
    return roles.map(({ Arn }) => required(Arn));
  }

  /** The ARNs, with paths, of the roles for which EKS creates access entries: of managed node groups, Fargate profiles and Auto Mode. */
  async eksRoles(): Promise<readonly string[]> {
    const [nodegroups, profiles] = await Promise.all([
      this.#call("ListNodegroups", ({ eks }, options) =>
        allOf(
          (nextToken) => eks.listNodegroups({ ...this.#cluster, nextToken }, options),
          (page) => page.nodegroups,
        ),
      ),
      this.#call("ListFargateProfiles", ({ eks }, options) =>
        allOf(
          (nextToken) => eks.listFargateProfiles({ ...this.#cluster, nextToken }, options),
          (page) => page.fargateProfileNames,
        ),
      ),
    ]);
    // A node group or profile that was deleted meanwhile has no role.
    const roles = await Promise.all([
      this.cluster().then(({ nodeRole }) => nodeRole),
      ...nodegroups.map((nodegroupName) =>
        this.#find("DescribeNodegroup", async ({ eks }, options) => {
          const { nodegroup } = await eks.describeNodegroup({ ...this.#cluster, nodegroupName }, options);
          return required(nodegroup).nodeRole;
        }),
      ),
      ...profiles.map((fargateProfileName) =>
        this.#find("DescribeFargateProfile", async ({ eks }, options) => {
          const names = { ...this.#cluster, fargateProfileName };
          return required((await eks.describeFargateProfile(names, options)).fargateProfile).podExecutionRoleArn;
        }),
      ),
    ]);
    return roles.filter((arn) => arn !== undefined);
  }

  /** Changes an existing access entry, which EKS may not find for some seconds after its creation. */
  async #change(name: string, action: string, call: Call<object>): Promise<void> {
    if ((await waitFor(() => this.#find(action, call), this.limits.found)) === undefined) {
      const text = `${this.label} has no access entry for ${quoted(name)}, or EKS does not list it yet; run again`;
      throw new AwsAuthError("conflict", text);
    }
  }

  #find<T>(action: string, call: Call<T>): Promise<T | undefined> {
    return ifFound(this.#call(action, call));
  }

  /** @param action without its service, for messages: `CreateAccessEntry`. */
  #call<T>(action: string, call: Call<T>): Promise<T> {
    return this.#run(`eks:${action}`, async (clients, options) => {
      await this.#connection.assertAccount(options.abortSignal);
      return call(clients, options);
    });
  }

  async #run<T>(step: `eks:${string}` | `iam:${string}`, call: Call<T>): Promise<T> {
    const clients = await this.#connection.clients();
    const limit = AbortSignal.timeout(this.limits.call);
    return this.#connection.ask(step, limit, (abortSignal) => call(clients, { abortSignal }));
  }
}

/** Returns undefined if AWS does not have the named object, but not if it does not have the cluster. */
function ifFound<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (hasCode(error, "notFound")) {
      return undefined;
    }
    throw error;
  });
}

async function allOf<Page extends object, Item>(
  read: (token: string | undefined) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const pages = await allPages(read, (page) => fieldsOf(page)["nextToken"] ?? fieldsOf(page)["Marker"]);
  return pages.flatMap((page) => required(itemsOf(page)));
}

function principalIn({ Arn, CreateDate }: User | Role): IamPrincipal {
  return { arn: required(Arn), createdAt: required(CreateDate) };
}

function roleIn(role: Role): IamPrincipal {
  const { AssumeRolePolicyDocument: trustPolicy = "", RoleLastUsed: { LastUsedDate: at, Region: region } = {} } = role;
  return { ...principalIn(role), role: { lastUsed: at && { at, region }, trustPolicy } };
}

function liveEntry(entry: AwsAccessEntry, policies: readonly AssociatedAccessPolicy[]): LiveAccessEntry {
  const dates = [entry.createdAt, ...[entry, ...policies].map(({ modifiedAt }) => modifiedAt)];
  return {
    principalArn: entry.principalArn ?? "",
    // Treat an unknown type as HYPERPOD_LINUX, which also has no username and groups that can be set.
    type: accessEntryTypes.find((known) => known === entry.type) ?? "HYPERPOD_LINUX",
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
    // Associating a policy may not update `modifiedAt` of the entry itself.
    modifiedAt: new Date(Math.max(...dates.map((date) => date?.getTime() ?? 0))),
  };
}
