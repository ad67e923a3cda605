import type { IamPrincipal } from "../accessEntries/accessEntry";
import { CachedLookup, Slots } from "../async";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import { asAwsAuthError } from "../errors";
import type { ReadResult } from "../identity/clusterAccess";
import { formatArn, type IamArn, parseIamArn, principalKey } from "../mapping";

/** How many calls of IAM run concurrently, for all clusters of a run. */
const callsAtOnce = 16;

/** The roles and users in IAM, as one run knows them. Each is read once, even if several clusters map it. */
export class KnownPrincipals {
  readonly #slots = new Slots(callsAtOnce);
  /** By credentials and principal, since other credentials may have other permissions. */
  readonly #found = new Map<string, CachedLookup<ReadResult<IamPrincipal | undefined>>>();
  /** By credentials and account. */
  readonly #ssoRoles = new Map<string, CachedLookup<ReadResult<readonly string[]>>>();
  /** Why IAM does not answer at all, by credentials. */
  readonly #silence = new Map<string, string>();

  /** @param api the API of a cluster in the account of the principal. */
  find(arn: IamArn, api: AccessEntryApi): Promise<ReadResult<IamPrincipal | undefined>> {
    const key = keyOf(api, principalKey(formatArn(arn)));
    return lookupIn(this.#found, key).get(() => this.#ask(api, () => api.principal(arn)));
  }

  forget(arn: string, api: AccessEntryApi): void {
    this.#found.delete(keyOf(api, principalKey(arn)));
  }

  /**
   * The role that IAM Identity Center uses now for the permission set of a role that IAM lacks. It renames the role after the
   * last assignment in an account was removed and made again.
   *
   * @returns undefined if there is none, or if the ARN is not that of such a role.
   */
  async ssoSuccessor({ account, name }: IamArn, api: AccessEntryApi): Promise<ReadResult<string | undefined>> {
    const set = permissionSetOf(name);
    if (set === undefined) {
      return { value: undefined };
    }
    const roles = await lookupIn(this.#ssoRoles, keyOf(api, account)).get(() => this.#ask(api, () => api.ssoRoles()));
    return "unread" in roles
      ? roles
      : { value: roles.value.find((arn) => permissionSetOf(parseIamArn(arn)?.name ?? "") === set) };
  }

  async #ask<T>(api: AccessEntryApi, ask: () => Promise<T>): Promise<ReadResult<T>> {
    return this.#slots.run(async () => {
      const silence = this.#silence.get(api.identity);
      if (silence !== undefined) {
        return { unread: silence };
      }
      try {
        return { value: await ask() };
      } catch (error) {
        const { code, message } = asAwsAuthError(error);
        // Stop querying an unreachable IAM, since each query would wait for the timeout.
        if (code === "clusterUnreachable") {
          this.#silence.set(api.identity, message);
        }
        return { unread: message };
      }
    });
  }
}

function keyOf({ identity }: AccessEntryApi, name: string): string {
  return JSON.stringify([identity, name]);
}

function lookupIn<T>(lookups: Map<string, CachedLookup<T>>, key: string): CachedLookup<T> {
  const lookup = lookups.get(key) ?? new CachedLookup();
  lookups.set(key, lookup);
  return lookup;
}

/** The permission set of a role of IAM Identity Center; undefined for any other role. */
function permissionSetOf(roleName: string): string | undefined {
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/i.exec(roleName)?.[1];
}
