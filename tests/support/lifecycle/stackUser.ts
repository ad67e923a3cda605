import { type AuthenticationMode, authenticationModes } from "../../../provider/accessEntries/accessEntry.ts";
import type { PlaceName } from "../../../provider/lifecycle/types.ts";
import { type Program, Stack } from "./stack.ts";
import { type Fault, roleOf, type World } from "./world.ts";

/** The declaration of the role "dev" in a program. The content is one of {@link World.contentsIn}. */
export interface Declared {
  readonly name: string;
  readonly content: string;
  readonly mode: AuthenticationMode;
  readonly adopt: boolean;
  readonly ignored: readonly string[];
}

export const initial: Declared = {
  name: "dev",
  content: "dev: viewers",
  mode: "CONFIG_MAP",
  adopt: false,
  ignored: [],
};

/** A manual change, or a change of another tool. */
export interface ManualChange {
  readonly act: "edit" | "add" | "remove" | "dropClaims";
  readonly place: PlaceName;
  readonly content: string;
}

export interface Command {
  readonly name: "preview" | "refresh" | "up" | "destroy";
  readonly fault?: Fault | undefined;
  /** `--replace`. */
  readonly isReplaced?: boolean;
  /** A change between the check and the write. */
  readonly change?: ManualChange;
}

/** A stack whose program declares the role "dev" or nothing. */
export class StackUser {
  readonly stack: Stack;
  /** The owner of its mappings in messages and claims, without the resource name. */
  readonly owner: string;
  declared: Declared | undefined = initial;
  /** Whether its last run was killed, and whether that run was a replacement. */
  killed: "no" | "yes" | "replacing" = "no";

  constructor(name: string, world: World) {
    this.stack = new Stack(world, name);
    this.owner = `infra/${name} `;
  }

  /** @returns the failures. */
  async run({ name, fault, isReplaced = false }: Command, between: () => void): Promise<readonly string[]> {
    switch (name) {
      case "up":
        return this.stack.up(this.#program(isReplaced), fault, between);
      case "destroy":
        return this.stack.destroy({}, fault);
      case "preview":
        return (await this.stack.preview(this.#program())).refused;
      case "refresh":
        await this.stack.refresh();
        return [];
    }
  }

  #program(isReplaced = false): Program {
    const { declared } = this;
    if (declared === undefined) {
      return { mappings: {} };
    }
    const { name, content, mode, adopt, ignored } = declared;
    return {
      mappings: { [name]: { ...roleOf("dev", content), authenticationMode: mode, adopt } },
      ignoreChanges: ignored,
      replace: isReplaced ? [name] : [],
    };
  }

  /** The content that the program can rely on: that of the state, if the program still declares it. */
  get settled(): string | undefined {
    return this.declared?.ignored.length === 0 ? contentOf(this.#stored?.outs) : undefined;
  }

  /** The mode in the state. */
  get mode(): AuthenticationMode | undefined {
    return authenticationModes.find((mode) => mode === this.#stored?.outs["authenticationMode"]);
  }

  /** Whether its next `up` changes only the mode. */
  get isStep(): boolean {
    const isSame = contentOf(this.#stored?.inputs) === this.declared?.content;
    return isSame && this.mode !== this.declared?.mode;
  }

  get hasState(): boolean {
    return this.stack.states.size + this.stack.replaced.size > 0;
  }

  get #stored() {
    return this.declared && this.stack.states.get(this.declared.name);
  }

  /** @param hasAlias renames the resource in the state too. */
  rename(name: string, hasAlias: boolean): void {
    const { declared, stack } = this;
    if (declared !== undefined) {
      if (hasAlias) {
        stack.rename(declared.name, name);
      }
      this.declared = { ...declared, name };
    }
  }
}

function contentOf(properties: Readonly<Record<string, unknown>> | undefined): string | undefined {
  return properties && `${properties["username"]}: ${[properties["groups"]].flat().join(", ")}`;
}
