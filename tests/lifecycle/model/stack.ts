import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import { isSameContent } from "../../../provider/lifecycle/facts.ts";
import { type Content, placeNames } from "../../../provider/lifecycle/types.ts";
import type { Hand, StackEvent } from "./events.ts";
import { Operations } from "./operations.ts";
import { type Code, type Inputs, PartialFailure, type Program, Refusal, type Resource } from "./resource.ts";
import { type Kill, Killed, type World } from "./world.ts";

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
  readonly #operations: Operations;
  #isChanged = false;

  constructor(name: string, world: World, program: Program | undefined) {
    this.name = name;
    this.#world = world;
    this.#operations = new Operations(name, world);
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

  /** @param touch carries out what a hand does between check and write. */
  play(event: StackEvent, touch: (hand: Hand) => void): Report {
    switch (event.event) {
      case "up":
        return this.up(event);
      case "upBeside":
        return this.up({ between: () => touch(event.hand) });
      case "destroy":
        return this.destroy(event.kill);
      case "refresh":
        return this.refresh();
      default:
        return this.preview();
    }
  }

  /** `pulumi preview`: the checks alone. */
  preview(): Report {
    return this.#run(undefined, () => {
      if (this.program !== undefined) {
        this.#operations.check(this.program, this.#oldOf(this.program));
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
        const inputs = this.#operations.check(program, old);
        const made = old === undefined || isReplaced ? this.#operations.check(program, undefined) : inputs;
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
      this.#resource &&= this.#operations.read(this.#resource);
      this.#pendingDeletes = this.#pendingDeletes.flatMap((pending) => this.#operations.read(pending) ?? []);
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
    this.#operations.messages.clear();
    this.#isChanged = false;
    const seen = () => ({ isChanged: this.#isChanged, messages: new Set(this.#operations.messages) });
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

  #create(inputs: Inputs): void {
    const replaced = this.#resource;
    this.#isChanged = true;
    this.#apply(undefined, inputs, () => {
      if (replaced !== undefined) {
        this.#pendingDeletes = [...this.#pendingDeletes, replaced];
      }
    });
  }

  #update(old: Resource, inputs: Inputs): void {
    const now = () => JSON.stringify([this.#resource, ...placeNames.map((place) => this.#world.seen(place))]);
    const before = now();
    this.#apply(old, inputs);
    this.#isChanged = before !== now();
  }

  /** The engine stores what was written, also if the rest failed. */
  #apply(old: Resource | undefined, inputs: Inputs, stored: () => void = () => {}): void {
    try {
      this.#resource = this.#operations.apply(old, inputs);
      stored();
    } catch (error) {
      if (!(error instanceof PartialFailure)) {
        throw error;
      }
      this.#resource = error.resource;
      stored();
      throw error.refusal;
    }
  }

  #delete(resource: Resource): void {
    this.#isChanged = true;
    this.#operations.delete(resource);
  }

  #deleteResource(): void {
    if (this.#resource !== undefined) {
      this.#delete(this.#resource);
      this.#resource = undefined;
    }
  }
}
