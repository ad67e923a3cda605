import type { GuardedGroup } from "../access/lockout";
import type { AuthenticationMode } from "../accessEntries";
import { Slots } from "../async/concurrency";
import { type Mapping, principalOf, sameContent } from "../mapping";
import { Administrators } from "./administrators";

export interface Declaration {
  readonly urn: string;
  /** The principal, from {@link principalOf}. */
  readonly principal: string;
  /** The subject in the resource's own spelling, for messages: `arn "..."`. */
  readonly subject: string;
  /** The resource's label in the record of claims; undefined for a resource constructed without this SDK. */
  readonly label: string | undefined;
  /** The content, if all of it is known. */
  readonly mapping: Mapping | undefined;
  readonly mode: AuthenticationMode;
  readonly isReplacement: boolean;
  /** Whether the resource refuses to share its principal with another entry. */
  readonly noDuplicateARNs: boolean;
  /** The IDs of the claims of other resources of the program that its check has seen; undefined before that. */
  readonly siblings?: readonly string[];
  /** Whether the resource takes over other entries for its principal. */
  readonly adopt: boolean;
  readonly ignored: readonly string[];
}

/**
 * The declarations of this run for one cluster, regardless of how it is reached. `check` registers each resource of the program
 * before its write, and all before anything is deleted. This detects two resources with the same ARN, and a delete of a renamed
 * resource's old name sees that the new one has its entry.
 */
export class Declarations {
  readonly #byUrn = new Map<string, Declaration>();
  readonly #byPrincipal = new Map<string, Set<Declaration>>();

  /** The groups that this run takes, by the principal that loses them, as far as resources have been checked. */
  readonly taken = new Map<string, readonly GuardedGroup[]>();

  /** The URNs of resources whose create or update has begun, and has not succeeded. */
  readonly unfinished = new Set<string>();

  /** Those of them that have failed. */
  readonly failed = new Set<string>();

  /** The order in which administrators' access entries change. */
  readonly administrators = new Administrators();

  /** The order in which changes are judged and made that may take the last administrator or node. */
  readonly losses = new Slots(1);

  /** Whether the program declares a resource with this label, for any principal. */
  hasLabel(label: string): boolean {
    return [...this.#byUrn.values()].some((declaration) => declaration.label === label);
  }

  /** Registers a declaration. A second check of a resource replaces its first declaration. */
  register(declaration: Declaration): void {
    const before = this.#byUrn.get(declaration.urn);
    if (before !== undefined) {
      this.#byPrincipal.get(before.principal)?.delete(before);
    }
    this.#byUrn.set(declaration.urn, declaration);
    const sharing = this.#byPrincipal.get(declaration.principal) ?? new Set();
    this.#byPrincipal.set(declaration.principal, sharing.add(declaration));
  }

  /** Notes which claims of its program the check of a resource has seen, in any place. */
  see(urn: string, claims: readonly { readonly id: string | undefined }[]): void {
    const declaration = this.#byUrn.get(urn);
    if (declaration !== undefined) {
      const seen = claims.flatMap(({ id }) => id ?? []);
      this.register({ ...declaration, siblings: [...(declaration.siblings ?? []), ...seen] });
    }
  }

  /**
   * The declarations of other resources for a principal.
   *
   * @param urn the resource itself, if it is known.
   */
  others(principal: string, urn: string | undefined): Declaration[] {
    return [...(this.#byPrincipal.get(principal) ?? [])].filter((declaration) => declaration.urn !== urn);
  }

  /**
   * The declaration with exactly this content and, if there are several, with this label. Only `check` gets the URN of a resource.
   */
  of(mapping: Mapping, label: string | undefined): Declaration | undefined {
    const same = agreeing(this.others(principalOf(mapping), undefined), mapping);
    return same.find((declaration) => declaration.label === label) ?? same[0];
  }
}

/** Those of some declarations that have this content. */
export function agreeing(declarations: readonly Declaration[], mapping: Mapping): readonly Declaration[] {
  return declarations.filter((other) => other.mapping !== undefined && sameContent(other.mapping, mapping));
}
