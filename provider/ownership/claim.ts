import { hash, randomInt } from "node:crypto";
import { parseUrn } from "../engine/urn";

/** A resource's claim on an entry, wherever it is stored: a line of the record of aws-auth, or a tag of an access entry. */
export interface Claim {
  /** Says whose claim it is: its resource's state has it. Undefined in a form that is not known, which is somebody's claim too. */
  readonly id: string | undefined;
  /** Whether the entry was there, claimed by nobody, when the first of those who claim it was created. */
  readonly isFound: boolean;
  /** The stack and the resource's name, for people: two stacks may have the same. */
  readonly label: string;
}

export interface WantedClaim {
  readonly id: string;
  readonly label: string;
  readonly isFound: boolean;
}

/**
 * Identifies the resource that makes a claim. Each operation gets different data from the engine: `check` gets inputs, which have no
 * ID; `diff` and `update` get outputs and know the program; `create` knows only the program; a read or a delete gets only outputs.
 */
export interface Claimant {
  /** The ID in the resource's outputs; undefined in `check`, for a state of 0.1.0, and before the resource is created. */
  readonly id: string | undefined;
  /** What the IDs of the resource begin with, from {@link stemOf}; undefined if the program does not say, or did not when it was created. */
  readonly stem?: string | undefined;
  /**
   * In `check` of a resource that is in the state: the label of claims that may be its own, which `diff` finds out by ID. In `create` of
   * one that replaces it: of claims of version 0.2.0, whose IDs say nothing.
   */
  readonly label?: string | undefined;
  /**
   * The IDs of other resources' claims that `check` has seen to be of its program. Whoever has claimed an entry since then is another
   * process of this run. Undefined: it does not matter when they were made.
   */
  readonly siblings?: readonly string[] | undefined;
}

/** The claims on a principal's entries, from the point of view of one resource. */
export interface Standing<C extends Claim = Claim> {
  readonly own: readonly C[];
  /** Those that an interrupted run of this very resource has left, or a stack of the same name in another backend. */
  readonly earlier: readonly C[];
  /** Those of what replaces the resource, and of other resources of its program. They keep an entry, and never stand in the way. */
  readonly siblings: readonly C[];
  readonly others: readonly C[];
}

export function standingOf<C extends Claim>(claims: readonly C[], claimant: Claimant): Standing<C> {
  const by = Object.groupBy(claims, (claim) => relationOf(claim, claimant));
  const { own = [], earlier = [], siblings = [], others = [] } = by;
  return { own, earlier, siblings, others };
}

function relationOf({ id, label }: Claim, claimant: Claimant): keyof Standing {
  const stem = stemIn(claimant.id) ?? claimant.stem;
  const isNamed = claimant.label !== undefined && claimant.label === label;
  if (claimant.id === undefined ? isNamed : claimant.id === id) {
    return "own";
  }
  if (isNamed && stemIn(id) === undefined) {
    return "earlier";
  }
  if (stem === undefined || id === undefined || stemIn(id)?.slice(0, stackLength) !== stem.slice(0, stackLength)) {
    return "others";
  }
  if (stemIn(id) !== stem) {
    return claimant.siblings?.includes(id) === false ? "others" : "siblings";
  }
  if (claimant.id === undefined) {
    return claimant.label === undefined ? "earlier" : "own";
  }
  return isLater(generationOf(id), generationOf(claimant.id)) ? "siblings" : "earlier";
}

/** Whether any of the claims is of what replaces the resource: the same resource, made later. */
export function isReplaced(claims: readonly Claim[], { id }: Claimant): boolean {
  const stem = stemIn(id);
  return stem !== undefined && claims.some((claim) => claim.id !== id && stemIn(claim.id) === stem);
}

/**
 * What the IDs of a resource begin with: some digits for organization, project and stack, and some for the resource's path in it.
 *
 * @param organization undefined if it is not known. Then no two resources are known to be of one program, since other organizations may
 *   have a stack of this name.
 */
export function stemOf(organization: string | undefined, urn: string): string {
  const { stack, project } = parseUrn(urn) ?? {};
  const program = organization === undefined ? [urn] : [organization, project, stack];
  return digestOf(program, stackLength) + digestOf(urn, pathLength);
}

/**
 * A new ID: the stem, a generation, later than those of the claims that the resource has already, and a random part.
 *
 * @param stem undefined: the ID is random, and says nothing of its resource.
 */
export function newClaimId(stem: string | undefined, claims: readonly Claim[]): string {
  if (stem === undefined) {
    return randomDigits(anonymousLength);
  }
  const earlier = claims.filter(({ id }) => stemIn(id) === stem).map(({ id = "" }) => generationOf(id));
  const candidates = Array.from({ length: generations }, (_, index) => (index + 1) % generations);
  const next = candidates.find((candidate) => earlier.every((other) => isLater(candidate, other))) ?? 0;
  return stem + digits(next, 1) + randomDigits(randomLength);
}

/** Generations are one digit, after the last of which comes the first. */
const generations = 36;

function isLater(generation: number, other: number): boolean {
  const distance = (generation - other + generations) % generations;
  return distance > 0 && distance < generations / 2;
}

const stackLength = 4;
const pathLength = 4;
const randomLength = 4;
const stemLength = stackLength + pathLength;

/** As long as any new ID, for whoever asks whether there is room for a claim. */
export const someClaimId = "0".repeat(stemLength + 1 + randomLength);

/** The IDs of version 0.2.0 are random. */
const anonymousLength = 6;

/** The stem of an ID; undefined for one that has none. */
function stemIn(id: string | undefined): string | undefined {
  return id?.length === stemLength + 1 + randomLength ? id.slice(0, stemLength) : undefined;
}

function generationOf(id: string): number {
  return Number.parseInt(id.charAt(stemLength), 36);
}

function digestOf(content: unknown, length: number): string {
  const number = Number.parseInt(hash("sha256", JSON.stringify(content)).slice(0, 12), 16);
  return digits(number % 36 ** length, length);
}

function randomDigits(length: number): string {
  return digits(randomInt(36 ** length), length);
}

function digits(number: number, length: number): string {
  return number.toString(36).padStart(length, "0");
}
