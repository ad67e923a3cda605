import { type Mapping, principalOf, sameContent } from "../mapping";

/** What one resource of the running program maps. */
export interface Claim {
  /** The resource that makes the claim. */
  readonly urn: string;
  /** The cluster's name for the identity, from {@link principalOf}. */
  readonly principal: string;
  /** The content, once all of it is known. */
  readonly mapping: Mapping | undefined;
  /** Whether the resource refuses to share its principal with another entry. */
  readonly noDuplicateARNs: boolean;
  /** The properties that the program leaves to others. */
  readonly ignored: readonly string[];
}

/**
 * Who maps what in this run, on one cluster. `check` registers every resource of the program before anything is created or
 * deleted, which is how two resources with one ARN are told apart, and how the old name's delete knows that a renamed resource
 * has already taken its entry over.
 */
export class Claims {
  readonly #byUrn = new Map<string, Claim>();
  readonly #byPrincipal = new Map<string, Set<Claim>>();

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

  /** The claims of other resources on a principal. */
  others(principal: string, urn: string | undefined): Claim[] {
    return [...(this.#byPrincipal.get(principal) ?? [])].filter((claim) => claim.urn !== urn);
  }

  /** The claim to exactly this content: `create` and `update` are not told whose they are. */
  of(mapping: Mapping): Claim | undefined {
    return this.others(principalOf(mapping), undefined).find(
      (claim) => claim.mapping !== undefined && sameContent(claim.mapping, mapping),
    );
  }
}
