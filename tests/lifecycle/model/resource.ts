import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import type { StepRefusal } from "../../../provider/lifecycle/across.ts";
import type { Content, PlaceName, RefusalCode, RefusedRelease } from "../../../provider/lifecycle/types.ts";

/** What a program declares of the one mapping of the model. */
export interface Program {
  readonly name: string;
  readonly content: Content;
  readonly mode: AuthenticationMode;
  readonly adopt: boolean;
  readonly ignored: readonly string[];
}

/** Checked inputs. */
export interface Inputs extends Program {
  readonly id: string;
}

/** A resource in the state of a stack, with the places that its outputs name. */
export interface Resource {
  readonly inputs: Inputs;
  readonly places: readonly PlaceName[];
  /** The content in the outputs. */
  readonly content: Content;
}

export type Code = RefusalCode | RefusedRelease["code"] | StepRefusal["code"];

/** What stops a command, with its remedy. */
export class Refusal extends Error {
  readonly code: Code;
  readonly adoptHelps: boolean;

  constructor({ code, adoptHelps = false }: { readonly code: Code; readonly adoptHelps?: boolean }) {
    super(code);
    this.code = code;
    this.adoptHelps = adoptHelps;
  }
}

/** A create or update that failed after it had written: the state gets the places that were reached. */
export class PartialFailure extends Error {
  readonly refusal: Refusal;
  readonly resource: Resource;

  constructor(refusal: Refusal, resource: Resource) {
    super(refusal.code);
    this.refusal = refusal;
    this.resource = resource;
  }
}
