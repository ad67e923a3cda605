import { stemOf } from "../../../provider/claims.ts";
import {
  checkOut,
  checkStep,
  isLeftBehind,
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
  type Note,
  otherPlace,
  type PlaceName,
  placeNames,
  type ReleaseNote,
  type Want,
} from "../../../provider/lifecycle/types.ts";
import { type Inputs, PartialFailure, type Program, Refusal, type Resource } from "./resource.ts";
import type { World } from "./world.ts";

/** The operations of the provider on the one mapping of the model, for one stack: they decide as the lifecycle does. */
export class Operations {
  readonly #stack: string;
  readonly #world: World;
  #minted = 0;
  /** The owners that messages name, and the kinds of other messages. */
  readonly messages = new Set<string>();

  constructor(stack: string, world: World) {
    this.#stack = stack;
    this.#world = world;
  }

  /** `check`: whether the program can be carried out as things are. */
  check(program: Program, old: Resource | undefined): Inputs {
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
    if (step !== undefined && "code" in step) {
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
    const staying = step && decisions.get(step.stays);
    if (old !== undefined && step !== undefined && staying !== undefined) {
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
      if (old === undefined && isLeftBehind(this.#world.seen(place), me, true)) {
        throw new Refusal({ code: "leftBehind" });
      }
    }
    return inputs;
  }

  /**
   * `create` and `update`.
   *
   * @throws PartialFailure
   */
  apply(old: Resource | undefined, inputs: Inputs): Resource {
    const me = this.#me(inputs.id, inputs.name);
    const wanted = placesOf(inputs.mode);
    const from = old?.places ?? [];
    const [reached, released] = [new Set<PlaceName>(), new Set<PlaceName>()];
    try {
      const leaves = from.filter((place) => !wanted.includes(place));
      const behind = placeNames.filter(
        (place) =>
          !wanted.includes(place) &&
          !from.includes(place) &&
          old !== undefined &&
          isLeftBehind(this.#world.seen(place), me, false),
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
      if (error instanceof Refusal && (reached.size > 0 || released.size > 0)) {
        const content = reached.size === 0 && old !== undefined ? old.content : inputs.content;
        const isSame = old !== undefined && isSameContent(old.content, content);
        const isThere = (place: PlaceName) => released.size > 0 || from.includes(place);
        const isKept = (place: PlaceName) => isSame && isThere(place) && !released.has(place);
        const places = placeNames.filter((place) => reached.has(place) || isKept(place));
        throw new PartialFailure(error, { inputs, places, content });
      }
      throw error;
    }
    return { inputs, places: wanted, content: inputs.content };
  }

  /** Decides all places that the mapping may be in, before the first one is written. */
  delete(resource: Resource): void {
    const { places, inputs } = resource;
    const concerned = placeNames.filter(
      (place) => places.includes(place) || this.#world.seen(place).claims.some(({ id }) => id === inputs.id),
    );
    const releases = concerned.map((place) => ({ place, release: this.#release(place, resource) }));
    for (const { place, release } of releases) {
      this.#world.release(place, release);
    }
  }

  /** What the engine stores after a read: what is live in the place that counts, or nothing. */
  read(resource: Resource): Resource | undefined {
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

  #me(id: string, name: string): Me {
    return { id, stem: this.#stem(name), owner: this.#stack };
  }

  #stem(name: string): string {
    return stemOf(undefined, `urn:pulumi:${this.#stack}::p::aws-auth:index:IdentityMapping::${name}`);
  }

  #decide(inputs: Inputs, previous: Content | undefined, me: Me, place: PlaceName): Accepted {
    const { content, adopt, ignored, mode } = inputs;
    const want: Want = { content, adopt, ignored, places: placesOf(mode) };
    const decision = decide(want, previous, me, this.#world.sight(place));
    if (decision.kind === "refused") {
      throw new Refusal(decision);
    }
    for (const { owner } of [...decision.loses, ...(decision.kind === "claim" ? decision.shares : [])]) {
      this.messages.add(owner);
    }
    this.#tell(decision.notes);
    if (decision.drift !== undefined) {
      this.messages.add("drift");
    }
    if (decision.adopts !== undefined) {
      this.messages.add("adoption");
    }
    return decision;
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
    this.#tell(release.notes);
    return release;
  }

  /** Messages name the owners of what they are about. */
  #tell(notes: readonly (Note | ReleaseNote)[]): void {
    for (const note of notes) {
      this.messages.add(note.kind);
      for (const { owner } of "claims" in note ? note.claims : []) {
        this.messages.add(owner);
      }
    }
  }
}
