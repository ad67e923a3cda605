import { type Mapping, principalOf, sameContent } from "../mapping";

/** What one resource of the running program maps. */
export interface Claim {
  /** The resource that makes the claim. */
  readonly urn: string;
  /** The cluster's name for the identity, from {@link principalOf}. */
  readonly principal: string;
  /** The cluster's identity. */
  readonly connection: string;
  /** The content, once all of it is known. */
  readonly mapping: Mapping | undefined;
  /** What the resource's entry said before this run. */
  readonly previous: Mapping | undefined;
  /** Whether the resource refuses to share its principal with another entry. */
  readonly noDuplicateARNs: boolean;
  /** The properties that the program leaves to others. */
  readonly ignored: readonly string[];
}

/**
 * Who maps what in this run, on one cluster, however it is reached. `check` registers every resource of the program before anything is created or
 * deleted, which is how two resources with one ARN are told apart, and how the old name's delete knows that a renamed resource
 * has already taken its entry over.
 */
export class Claims {
  readonly #byUrn = new Map<string, Claim>();
  readonly #byPrincipal = new Map<string, Set<Claim>>();

  /** The claim of a resource. */
  get(urn: string): Claim | undefined {
    return this.#byUrn.get(urn);
  }

  /** Registers a claim; a resource has one, so that a second check of it replaces the first. */
  register(claim: Claim): void {
    const before = this.#byUrn.get(claim.urn);
    if (before !== undefined) {
      this.#byPrincipal.get(before.principal)?.delete(before);
    }
    this.#byUrn.set(claim.urn, claim);
    const sharing = this.#byPrincipal.get(claim.principal) ?? new Set();
    this.#byPrincipal.set(claim.principal, sharing.add(claim));
  }

  /**
   * The claims of other resources on a principal.
   *
   * @param urn the resource itself, if it is known.
   * @param connection only claims on this cluster; by default all.
   */
  others(principal: string, urn: string | undefined, connection?: string): Claim[] {
    return [...(this.#byPrincipal.get(principal) ?? [])].filter(
      (claim) => claim.urn !== urn && (connection === undefined || claim.connection === connection),
    );
  }

  /** The claim to exactly this content: `create` and `update` are not told whose they are. */
  of(mapping: Mapping, connection: string): Claim | undefined {
    return this.others(principalOf(mapping), undefined, connection).find(
      (claim) => claim.mapping !== undefined && sameContent(claim.mapping, mapping),
    );
  }
}
