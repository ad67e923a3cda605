import type { AuthenticationMode } from "../../../provider/accessEntries/authenticationMode.ts";
import { stemOf } from "../../../provider/claims.ts";
import {
  checkLeftBehind,
  checkOut,
  checkStep,
  otherPlace,
  placesOf,
  planStep,
  type StepRefusal,
} from "../../../provider/lifecycle/across.ts";
import { decide } from "../../../provider/lifecycle/decide.ts";
import { isSameContent } from "../../../provider/lifecycle/facts.ts";
import { decideRelease } from "../../../provider/lifecycle/release.ts";
import {
  type Accepted,
  type AcceptedRelease,
  type Content,
  type Leave,
  type Me,
  type PlaceName,
  placeNames,
  type RefusalCode,
  type RefusedRelease,
  type Want,
} from "../../../provider/lifecycle/types.ts";
import { type Kill, Killed, principal, type World } from "./world.ts";

/** What a program declares of the one mapping of the model. */
export interface Program {
  readonly name: string;
  readonly content: Content;
  readonly mode: AuthenticationMode;
  readonly adopt: boolean;
  readonly ignored: readonly string[];
}

interface Inputs extends Program {
  readonly id: string;
}

/** A resource in the state of a stack, with the places that its outputs name. */
interface Resource {
  readonly inputs: Inputs;
  readonly places: readonly PlaceName[];
  /** The content in the outputs. */
  readonly content: Content;
}

export type Code = RefusalCode | RefusedRelease["code"] | StepRefusal["code"];

class Refusal extends Error {
  readonly code: Code;
  readonly adoptHelps: boolean;

  constructor({ code, adoptHelps = false }: { readonly code: Code; readonly adoptHelps?: boolean }) {
    super(code);
    this.code = code;
    this.adoptHelps = adoptHelps;
  }
}

/** What a person sees of one command. */
export interface Report {
  readonly outcome: "done" | "refused" | "killed";
  readonly code?: Code;
  readonly adoptHelps?: boolean;
  /** Whether anything was written or stored. */
  readonly isChanged: boolean;
  /** The owners that messages name, and the kinds of the other messages. */
  readonly messages: ReadonlySet<string>;
}

/** A stack of one program, as the engine runs it: check, then diff, then create, update or delete, each of which decides again. */
export class Stack {
  readonly name: string;
  readonly #world: World;
  program: Program | undefined;
  #resource: Resource | undefined;
  /** What a replacement has not deleted yet. */
  #pendingDeletes: readonly Resource[] = [];
  #minted = 0;
  #messages = new Set<string>();
  #isChanged = false;

  constructor(name: string, world: World, program: Program | undefined) {
    this.name = name;
    this.#world = world;
    this.program = program;
  }

  get hasState(): boolean {
    return this.#resource !== undefined || this.#pendingDeletes.length > 0;
  }

  /** What the program can rely on: the content in the state, where the program still declares it. */
  get settled(): Content | undefined {
    return this.#resource !== undefined && this.program !== undefined && this.program.ignored.length === 0
      ? this.#resource.content
      : undefined;
  }

  /** The mode in the state. */
  get mode(): AuthenticationMode | undefined {
    return this.#resource?.inputs.mode;
  }

  /** Whether its next `up` only changes the mode. */
  get isStep(): boolean {
    const { program } = this;
    const inputs = this.#resource?.inputs;
    return (
      program !== undefined &&
      inputs !== undefined &&
      inputs.mode !== program.mode &&
      isSameContent(inputs.content, program.content)
    );
  }

  /** What messages call it. */
  get owner(): string {
    return this.name;
  }

  /** `pulumi preview`: the checks alone. */
  preview(): Report {
    return this.#run(undefined, () => {
      if (this.program !== undefined) {
        this.#check(this.program, this.#oldOf(this.program));
      }
    });
  }

  /**
   * `pulumi up`.
   *
   * @param between what happens after the check, before anything is written.
   */
  up({
    kill,
    isReplaced = false,
    between,
  }: {
    kill?: Kill | undefined;
    isReplaced?: boolean;
    between?: () => void;
  } = {}): Report {
    return this.#run(kill, () => {
      const { program } = this;
      if (program === undefined) {
        this.#deleteResource();
      } else {
        const old = this.#oldOf(program);
        const inputs = this.#check(program, old);
        const made = old === undefined || isReplaced ? this.#check(program, undefined) : inputs;
        between?.();
        if (old !== undefined && !isReplaced) {
          this.#update(old, inputs);
        } else {
          this.#create(made);
        }
      }
      for (const pending of this.#pendingDeletes) {
        this.#delete(pending);
        this.#pendingDeletes = this.#pendingDeletes.filter((other) => other !== pending);
      }
    });
  }

  /** `pulumi destroy`. */
  destroy(kill?: Kill): Report {
    return this.#run(kill, () => {
      for (const pending of this.#pendingDeletes) {
        this.#delete(pending);
        this.#pendingDeletes = this.#pendingDeletes.filter((other) => other !== pending);
      }
      this.#deleteResource();
    });
  }

  /** `pulumi refresh`: the state gets what is live, also for what is not deleted yet. */
  refresh(): Report {
    return this.#run(undefined, () => {
      this.#resource &&= this.#read(this.#resource);
      this.#pendingDeletes = this.#pendingDeletes.flatMap((pending) => this.#read(pending) ?? []);
    });
  }

  /** A rename with an alias. */
  rename(name: string): void {
    if (this.program !== undefined) {
      const earlier = this.program.name;
      this.program = { ...this.program, name };
      if (this.#resource?.inputs.name === earlier) {
        this.#resource = { ...this.#resource, inputs: { ...this.#resource.inputs, name } };
      }
    }
  }

  #run(kill: Kill | undefined, command: () => void): Report {
    this.#world.begin(kill);
    this.#messages = new Set();
    this.#isChanged = false;
    const seen = () => ({ isChanged: this.#isChanged, messages: this.#messages });
    try {
      command();
      return { outcome: "done", ...seen() };
    } catch (error) {
      if (error instanceof Killed) {
        return { outcome: "killed", ...seen() };
      }
      if (error instanceof Refusal) {
        return { outcome: "refused", code: error.code, adoptHelps: error.adoptHelps, ...seen() };
      }
      throw error;
    }
  }

  /** The resource of the program in the state. One of another name is deleted after the new one is created. */
  #oldOf({ name }: Program): Resource | undefined {
    return this.#resource?.inputs.name === name ? this.#resource : undefined;
  }

  #me(id: string, name: string): Me {
    return { id, stem: this.#stem(name), owner: this.owner };
  }

  #stem(name: string): string {
    return stemOf(undefined, `urn:pulumi:${this.name}::p::aws-auth:index:IdentityMapping::${name}`);
  }

  #check(program: Program, old: Resource | undefined): Inputs {
    const { name, mode } = program;
    const keeps = (property: string) => old !== undefined && program.ignored.includes(property);
    const content: Content = {
      username: keeps("username") ? old?.inputs.content.username : program.content.username,
      groups: keeps("groups") ? (old?.inputs.content.groups ?? []) : program.content.groups,
    };
    this.#minted += old === undefined ? 1 : 0;
    const id = old?.inputs.id ?? `${this.#stem(name)}.${`${this.#minted}`.padStart(6, "0")}`;
    const inputs: Inputs = { ...program, content, id };
    const me = this.#me(id, name);
    const step = planStep(old === undefined ? [] : placesOf(old.inputs.mode), mode, "API_AND_CONFIG_MAP");
    if ("code" in step) {
      throw new Refusal(step);
    }
    const decisions = new Map<PlaceName, Accepted>();
    for (const place of placesOf(mode)) {
      decisions.set(
        place,
        this.#decide(
          inputs,
          old !== undefined && placesOf(old.inputs.mode).includes(place) ? old.inputs.content : undefined,
          me,
          place,
        ),
      );
    }
    const staying = step.kind === "in" || step.kind === "out" ? decisions.get(step.stays) : undefined;
    if (old !== undefined && staying !== undefined && "stays" in step) {
      const change = {
        before: old.inputs.content,
        after: content,
        ignoresContent: program.ignored.length > 0,
        staying,
      };
      const out = {
        stays: step.stays,
        view: this.#world.seen(step.stays),
        previous: old.inputs.content,
        id,
        isJustWritten: false,
      };
      const refusal = checkStep(step, change) ?? (step.kind === "out" ? checkOut(out) : undefined);
      if (refusal !== undefined) {
        throw new Refusal(refusal);
      }
    }
    for (const place of placeNames.filter(
      (each) => !placesOf(mode).includes(each) && (old === undefined || !placesOf(old.inputs.mode).includes(each)),
    )) {
      const left = checkLeftBehind(place, this.#world.seen(place), { ...me, isCreate: old === undefined });
      if (typeof left === "object") {
        throw new Refusal(left);
      }
    }
    return inputs;
  }

  #decide(inputs: Inputs, previous: Content | undefined, me: Me, place: PlaceName): Accepted {
    const { content, adopt, ignored, mode } = inputs;
    const want: Want = { principal, content, adopt, ignored, places: placesOf(mode) };
    const decision = decide(want, previous, me, this.#world.sight(place));
    if (decision.kind === "refused") {
      throw new Refusal(decision);
    }
    for (const { owner } of [...decision.loses, ...(decision.kind === "claim" ? decision.shares : [])]) {
      this.#messages.add(owner);
    }
    for (const note of decision.notes) {
      this.#messages.add(note.kind);
      if (note.kind === "otherPlace") {
        note.claims.forEach(({ owner }) => this.#messages.add(owner));
      }
    }
    if (decision.drift !== undefined) {
      this.#messages.add("drift");
    }
    if (decision.adopts !== undefined) {
      this.#messages.add("adoption");
    }
    return decision;
  }

  #create(inputs: Inputs): void {
    const replaced = this.#resource;
    this.#apply(undefined, inputs);
    if (replaced !== undefined) {
      this.#pendingDeletes = [...this.#pendingDeletes, replaced];
    }
  }

  #update(old: Resource, inputs: Inputs): void {
    const before = JSON.stringify([old, ...placeNames.map((place) => this.#world.seen(place))]);
    this.#apply(old, inputs);
    this.#isChanged =
      before !== JSON.stringify([this.#resource, ...placeNames.map((place) => this.#world.seen(place))]);
  }

  #apply(old: Resource | undefined, inputs: Inputs): void {
    const me = this.#me(inputs.id, inputs.name);
    const wanted = placesOf(inputs.mode);
    const from = old?.places ?? [];
    const [reached, released] = [new Set<PlaceName>(), new Set<PlaceName>()];
    const replaced = old === undefined ? this.#resource : undefined;
    this.#isChanged ||= old === undefined;
    try {
      const leaves = from.filter((place) => !wanted.includes(place));
      const behind = placeNames.filter(
        (place) =>
          !wanted.includes(place) &&
          !from.includes(place) &&
          old !== undefined &&
          checkLeftBehind(place, this.#world.seen(place), { ...me, isCreate: false }) === "release",
      );
      const refusal = this.#outRefusal(old, inputs, leaves);
      if (refusal === undefined) {
        for (const place of leaves) {
          this.#releaseFrom(place, old ?? { inputs, places: [], content: inputs.content });
          released.add(place);
        }
      }
      for (const place of wanted) {
        const previous = from.includes(place) ? old?.content : undefined;
        this.#world.write(place, this.#decide(inputs, previous, me, place), me);
        reached.add(place);
      }
      for (const place of behind) {
        this.#releaseFrom(place, old ?? { inputs, places: [], content: inputs.content });
      }
      if (refusal !== undefined) {
        throw new Refusal(refusal);
      }
    } catch (error) {
      // Partial state, as the provider fails a create or an update that has written.
      if (error instanceof Refusal && reached.size > 0) {
        const isSame = old !== undefined && isSameContent(old.content, inputs.content);
        const isKept = (place: PlaceName) => isSame && from.includes(place) && !released.has(place);
        const places = placeNames.filter((place) => reached.has(place) || isKept(place));
        this.#store({ inputs, places, content: inputs.content }, replaced);
      }
      throw error;
    }
    this.#resource = { inputs, places: wanted, content: inputs.content };
  }

  #store(resource: Resource, replaced: Resource | undefined): void {
    this.#resource = resource;
    if (replaced !== undefined) {
      this.#pendingDeletes = [...this.#pendingDeletes, replaced];
    }
  }

  #outRefusal(old: Resource | undefined, inputs: Inputs, leaves: readonly PlaceName[]): StepRefusal | undefined {
    const [left] = leaves;
    if (old === undefined || left === undefined) {
      return undefined;
    }
    const stays = otherPlace(left);
    const view = this.#world.seen(stays);
    return checkOut({ stays, view, previous: old.content, id: inputs.id, isJustWritten: false });
  }

  #releaseFrom(place: PlaceName, resource: Resource): void {
    this.#world.release(place, this.#release(place, resource));
  }

  #release(place: PlaceName, { inputs, places, content }: Resource): AcceptedRelease {
    const leaving: Leave = {
      principal,
      previous: content,
      ignored: inputs.ignored,
      places,
      hasFailedSuccessor: false,
      clusterMode: "API_AND_CONFIG_MAP",
    };
    const release = decideRelease(leaving, inputs.id, this.#world.sight(place));
    if (release.kind === "refused") {
      throw new Refusal(release);
    }
    for (const note of release.notes) {
      this.#messages.add(note.kind);
      if (note.kind === "ownedByOthers") {
        note.claims.forEach(({ owner }) => this.#messages.add(owner));
      }
    }
    return release;
  }

  #deleteResource(): void {
    if (this.#resource !== undefined) {
      this.#delete(this.#resource);
      this.#resource = undefined;
    }
  }

  /** Decides all places that the mapping may be in, before the first one is written. */
  #delete(resource: Resource): void {
    const { places, inputs } = resource;
    const concerned = placeNames.filter(
      (place) => places.includes(place) || this.#world.seen(place).claims.some(({ id }) => id === inputs.id),
    );
    const releases = concerned.map((place) => ({ place, release: this.#release(place, resource) }));
    this.#isChanged = true;
    for (const { place, release } of releases) {
      this.#world.release(place, release);
    }
  }

  /** What the engine stores after a read: what is live in the place that counts, or nothing. */
  #read(resource: Resource): Resource | undefined {
    const has = placeNames.filter((place) => {
      const { entries, claims } = this.#world.seen(place);
      const isNamed = resource.places.includes(place) && entries.length > 0;
      return isNamed || claims.some(({ id }) => id === resource.inputs.id);
    });
    const place = has.includes("entries") ? "entries" : "map";
    const { entries } = this.#world.seen(place);
    const same = entries.findLast((entry) => isSameContent(entry.content, resource.content));
    const content = (same ?? entries.at(-1))?.content ?? resource.content;
    return has.length === 0 ? undefined : { inputs: { ...resource.inputs, content }, places: has, content };
  }
}
