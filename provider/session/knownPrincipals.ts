import { Asked } from "../cluster/asked";
import type { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { IamPrincipal } from "../cluster/eks/iam";
import { AwsAuthError } from "../errors";
import { parseIamArn, principalKey } from "../mapping";

/** From how many roles or users on all of the account are listed. */
const many = 10;

/** How often IAM may refuse one kind, and never answer, before it is not asked again. */
const mostDenials = 3;

type Kind = "role" | "user";

/**
 * The roles and users of a cluster's account, as far as one run knows them. A few are asked for one by one; from the tenth on, and once
 * one is refused, all are listed.
 */
export class KnownPrincipals {
  readonly #api: AccessEntryApi;
  readonly #asked = new Map<string, Asked<IamPrincipal | undefined>>();
  readonly #kinds: Readonly<Record<Kind, KnownKind>> = { role: new KnownKind(), user: new KnownKind() };
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
   * A role or user of the cluster's account, as IAM knows it.
   *
   * @returns undefined if there is none of that name, or if IAM may not be asked.
   * @throws AwsAuthError if IAM does not answer.
   */
  find(arn: string): Promise<IamPrincipal | undefined> {
    const key = principalKey(arn);
    const known = this.#asked.get(key) ?? new Asked<IamPrincipal | undefined>();
    this.#asked.set(key, known);
    return known.get(() => this.#ask(arn));
  }

  /** The same for what may stay unknown: also undefined if IAM does not answer, in which case it is not asked again. */
  async findIfPossible(arn: string): Promise<IamPrincipal | undefined> {
    if (this.#isOutOfReach || this.#kinds[kindOf(arn)].isRefused) {
      return undefined;
    }
    try {
      return await this.find(arn);
    } catch (error) {
      if (!(error instanceof AwsAuthError && error.code === "clusterUnreachable")) {
        throw error;
      }
      this.#isOutOfReach = true;
      this.#refusal ??= error;
      return undefined;
    }
  }

  async #ask(arn: string): Promise<IamPrincipal | undefined> {
    const kind = this.#kinds[kindOf(arn)];
    kind.asked++;
    if (kind.asked >= many || kind.denials > 0) {
      const found = (await this.#list(kindOf(arn)))?.get(nameIn(arn));
      // One that was made since is not in the list.
      if (found !== undefined) {
        return found;
      }
    }
    try {
      const found = await this.#api.principal(arn);
      kind.answers++;
      return found;
    } catch (error) {
      return this.#refused(error, kind);
    }
  }

  /** By name; undefined if they may not be listed. */
  #list(name: Kind): Promise<ReadonlyMap<string, IamPrincipal> | undefined> {
    const kind = this.#kinds[name];
    return kind.list.get(async () => {
      try {
        const all = await this.#api.principals(name);
        kind.answers++;
        return new Map(all.map((principal) => [nameIn(principal.arn), principal]));
      } catch (error) {
        return this.#refused(error, kind);
      }
    });
  }

  /** @throws any other error. */
  #refused(error: unknown, kind: KnownKind): undefined {
    if (!(error instanceof AwsAuthError && error.code === "accessDenied")) {
      throw error;
    }
    kind.denials++;
    this.#refusal ??= error;
    return undefined;
  }
}

/** What IAM said of all roles, or all users. */
class KnownKind {
  readonly list = new Asked<ReadonlyMap<string, IamPrincipal> | undefined>();
  asked = 0;
  answers = 0;
  denials = 0;

  get isRefused(): boolean {
    return this.answers === 0 && this.denials >= mostDenials;
  }
}

function kindOf(arn: string): Kind {
  return parseIamArn(arn).kind === "user" ? "user" : "role";
}

/** IAM has no two names of a kind that differ in letter case or path alone. */
function nameIn(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1).toLowerCase();
}
