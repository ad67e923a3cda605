import type { Entry } from "../document";
import { type Mapping, principalOf, sameContent } from "../mapping";

/** What one resource of the running program maps. */
export interface Declaration {
  /** The resource that declares it. */
  readonly urn: string;
  /** The cluster's name for the identity, from {@link principalOf}. */
  readonly principal: string;
  /** Whom it maps, as the resource spells it, for messages: `arn "..."`. */
  readonly subject: string;
  /** Names the resource in the record of claims; undefined for one that was built by hand. */
  readonly label: string | undefined;
  /** The content, once all of it is known. */
  readonly mapping: Mapping | undefined;
  /** What the resource's entry said before this run. */
  readonly previous: Mapping | undefined;
  /** Whether the resource is in the state, and is replaced. */
  readonly isReplacement: boolean;
  /** Whether the resource refuses to share its principal with another entry. */
  readonly noDuplicateARNs: boolean;
  /** The properties that the program leaves to others. */
  readonly ignored: readonly string[];
}

/**
 * Who maps what in this run, on one cluster, however it is reached. `check` registers every resource of the program before anything is
 * created or deleted, which is how two resources with one ARN are told apart, and how the old name's delete knows that a renamed
 * resource has already taken its entry over.
 */
export class Declarations {
  readonly #byUrn = new Map<string, Declaration>();
  readonly #byPrincipal = new Map<string, Set<Declaration>>();

  /** What becomes in this run of entries that were there before it, as far as `check` has got; by principal. */
  readonly changes = new Map<string, Entry | undefined>();

  /** What a resource declares. */
  get(urn: string): Declaration | undefined {
    return this.#byUrn.get(urn);
  }

  /** Whether the program declares a resource of this label, for whatever principal. */
  hasLabel(label: string): boolean {
    return [...this.#byUrn.values()].some((declaration) => declaration.label === label);
  }

  /** Registers a declaration; a resource has one, so that a second check of it replaces the first. */
  register(declaration: Declaration): void {
    const before = this.#byUrn.get(declaration.urn);
    if (before !== undefined) {
      this.#byPrincipal.get(before.principal)?.delete(before);
    }
    this.#byUrn.set(declaration.urn, declaration);
    const sharing = this.#byPrincipal.get(declaration.principal) ?? new Set();
    this.#byPrincipal.set(declaration.principal, sharing.add(declaration));
  }

  /**
   * What other resources declare for a principal.
   *
   * @param urn the resource itself, if it is known.
   */
  others(principal: string, urn: string | undefined): Declaration[] {
    return [...(this.#byPrincipal.get(principal) ?? [])].filter((declaration) => declaration.urn !== urn);
  }

  /** Whether another resource bears a declaration's label, and is for the same principal. */
  sharesLabel({ principal, urn, label }: Declaration): boolean {
    return this.others(principal, urn).some((other) => other.label === label);
  }

  /** The declaration of exactly this content, by this label if there are several: no operation but `check` is told whose it is. */
  of(mapping: Mapping, label: string | undefined): Declaration | undefined {
    const same = this.others(principalOf(mapping), undefined).filter(
      (declaration) => declaration.mapping !== undefined && sameContent(declaration.mapping, mapping),
    );
    return same.find((declaration) => declaration.label === label) ?? same[0];
  }
}
