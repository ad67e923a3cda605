import type { PrincipalAnswer } from "../accessEntries";
import { CachedLookup } from "../cluster/cachedLookup";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { IamPrincipal } from "../cluster/eks/iam";
import { AwsAuthError } from "../errors";
import { type IamArn, parseIamArn } from "../mapping";

/**
 * The roles and users of a cluster's account, as far as one run knows them. Each is asked for once, and no more of a kind once IAM has
 * refused one, nor any once IAM has not answered.
 */
export class KnownPrincipals {
  readonly #api: AccessEntryApi;
  readonly #asked = new Map<string, CachedLookup<IamPrincipal | undefined>>();
  readonly #refused = new Set<IamArn["kind"]>();
  #refusal: AwsAuthError | undefined;
  #isOutOfReach = false;

  constructor(api: AccessEntryApi) {
    this.#api = api;
  }

  /** Why some of them are not known; undefined if all that were asked for are. */
  get refusal(): AwsAuthError | undefined {
    return this.#refusal;
  }

  /**
   * A role or user, as IAM knows it.
   *
   * @returns undefined if there is none of that name, or if it is not known, as in {@link lookUp}.
   */
  async find(arn: string): Promise<IamPrincipal | undefined> {
    const answer = await this.lookUp(arn);
    return answer.kind === "found" ? answer : undefined;
  }

  /**
   * The same, which tells a role or user that does not exist from one that is not known: IAM may not be asked, cannot be reached, or
   * tells nothing of its account.
   */
  async lookUp(arn: string): Promise<PrincipalAnswer> {
    const parsed = parseIamArn(arn);
    const isAsked = parsed.kind !== "invalid" && parsed.account === (await this.#api.cluster()).account;
    if (!isAsked || this.#isOutOfReach || this.#refused.has(parsed.kind)) {
      return { kind: "unknown" };
    }
    try {
      const principal = await this.#ask(arn);
      return principal === undefined ? { kind: "missing" } : { kind: "found", ...principal };
    } catch (error) {
      if (!(error instanceof AwsAuthError && (error.code === "accessDenied" || error.code === "clusterUnreachable"))) {
        throw error;
      }
      if (error.code === "accessDenied") {
        this.#refused.add(parsed.kind);
      } else {
        this.#isOutOfReach = true;
      }
      this.#refusal ??= error;
      return { kind: "unknown" };
    }
  }

  /** Asks for one that somebody may need soon. A refusal counts once somebody does. */
  begin(arn: string): void {
    if (this.#refusal === undefined) {
      this.#ask(arn).catch(() => undefined);
    }
  }

  /** Makes it be asked for anew, since the run may have made it again. */
  forget(arn: string): void {
    this.#asked.delete(nameIn(arn));
  }

  #ask(arn: string): Promise<IamPrincipal | undefined> {
    const key = nameIn(arn);
    const known = this.#asked.get(key) ?? new CachedLookup<IamPrincipal | undefined>();
    this.#asked.set(key, known);
    return known.get(() => this.#api.principal(arn));
  }
}

/** What IAM knows a role or user of one account by: without its path, and letter by letter. */
function nameIn(arn: string): string {
  const parsed = parseIamArn(arn);
  return parsed.kind === "invalid" ? arn : `${parsed.kind}/${parsed.name}`;
}
