import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import { isSameContent } from "../../../provider/lifecycle/facts.ts";
import { placeNames } from "../../../provider/lifecycle/types.ts";
import { contents, type Event, type Hand, type StackEvent } from "./events.ts";
import type { Program } from "./resource.ts";
import { type Report, Stack } from "./stack.ts";
import { World } from "./world.ts";

/**
 * Plays a story, and then settles and destroys both stacks as their messages say.
 *
 * Excluded, as the known limits of the lifecycle: a stack that was killed runs the same program again before anything else, and no hand
 * drops claims until then; nor does it edit the entry of a killed replacement; a replacement after a rename is not killed; the two stacks
 * have different names.
 *
 * @throws Error if a rule is broken.
 */
export function play(story: readonly Event[]): void {
  const game = new Game();
  for (const each of story) {
    game.play(each);
  }
  game.settle();
  game.settleTogether();
  game.destroy();
}

const initial: Program = {
  name: "dev",
  content: contents[0] ?? { groups: [] },
  mode: "CONFIG_MAP",
  adopt: false,
  ignored: [],
};

class Game {
  readonly #world = new World();
  readonly #stacks = ["apps", "infra"].map((name) => new Stack(name, this.#world, initial));
  /** Stacks whose last run was killed. */
  readonly #killed = new Set<Stack>();
  /** Those of them whose run replaced the mapping. */
  readonly #killedReplacing = new Set<Stack>();
  readonly #log: string[] = [];
  #renames = 0;

  play(event: Event): void {
    if (event.event === "hand") {
      this.#touch(event.hand);
      return;
    }
    const stack = this.#stackOf(event.stack);
    this.#log.push(JSON.stringify(event));
    const isKilled = this.#killed.has(stack);
    if (event.event === "declare") {
      if (!isKilled && stack.program !== undefined) {
        stack.program = { ...stack.program, ...event.change };
      } else if (!isKilled) {
        stack.program = { ...initial, ...event.change };
      }
      return;
    }
    if (event.event === "rename") {
      if (!isKilled && stack.program !== undefined) {
        this.#renames += 1;
        const name = `dev${this.#renames}`;
        if (event.hasAlias) {
          stack.rename(name);
        } else {
          stack.program = { ...stack.program, name };
        }
      }
      return;
    }
    if (event.event === "undeclare") {
      if (!isKilled) {
        stack.program = undefined;
      }
      return;
    }
    if (isKilled && event.event === "destroy") {
      return;
    }
    // A replacement that is killed and a rename are a known limit.
    const isSpared = event.event === "up" && event.isReplaced === true && this.#renames > 0;
    this.#watch(stack, isSpared ? { ...event, kill: undefined } : event);
  }

  /** Each stack gets where its program says, by the remedies of what refuses it, and has nothing to do then. */
  settle(): void {
    for (const stack of this.#stacks) {
      this.#follow(stack);
    }
  }

  /** Two stacks that run in turn come to rest, though they may disagree. */
  settleTogether(): void {
    for (let round = 0; round < 4; round += 1) {
      const reports = this.#stacks.map((stack) =>
        this.#watch(stack, { event: "up", stack: this.#stacks.indexOf(stack) }),
      );
      if (reports.every(({ isChanged, outcome }) => outcome === "refused" || !isChanged)) {
        return;
      }
    }
    throw this.#broken("two stacks take the entry from each other for ever");
  }

  destroy(): void {
    for (const stack of this.#stacks) {
      for (let tries = 0; stack.hasState; tries += 1) {
        const report = this.#watch(stack, { event: "destroy", stack: this.#stacks.indexOf(stack) });
        if (report.outcome === "refused") {
          this.#remedy(stack, report, tries);
        }
      }
    }
    const left = this.#world.leftovers();
    if (left.length > 0) {
      throw this.#broken(`${JSON.stringify(left)} stays after all are destroyed`);
    }
  }

  #follow(stack: Stack): void {
    for (let tries = 0; ; tries += 1) {
      const report = this.#watch(stack, { event: "up", stack: this.#stacks.indexOf(stack) });
      if (report.outcome === "done") {
        const again = this.#watch(stack, { event: "up", stack: this.#stacks.indexOf(stack) });
        if (again.outcome !== "done" || again.isChanged) {
          throw this.#broken(`${stack.name} has something to do again: ${again.code ?? "changes"}`);
        }
        return;
      }
      this.#remedy(stack, report, tries);
    }
  }

  /** What a message says to do. */
  #remedy(stack: Stack, { code, adoptHelps }: Report, tries: number): void {
    const { program } = stack;
    if (tries > 6) {
      throw this.#broken(`${stack.name} is stuck: ${code}`);
    }
    this.#log.push(`${stack.name} follows ${code}`);
    if (code === "changedOutside") {
      stack.refresh();
    } else if (code === "twoSteps" || code === "leftBehind") {
      this.#visit(stack, "API_AND_CONFIG_MAP");
    } else if (
      code === "contentChanges" ||
      code === "contentIgnored" ||
      code === "staysFirst" ||
      code === "staysUnproven" ||
      code === "staysDuplicate"
    ) {
      this.#stepLater(stack, code === "staysDuplicate");
    } else if (code === "takenOver") {
      this.#leave(stack);
    } else if (adoptHelps && program !== undefined && !program.adopt) {
      stack.program = { ...program, adopt: true };
    } else if (code === "mapped" && program !== undefined) {
      this.#giveWay(stack);
    } else {
      throw this.#broken(`${stack.name} has no remedy for ${code}`);
    }
  }

  /** Removes the mapping from the program. What a killed run has claimed is left, and is adopted by the next create. */
  #leave(stack: Stack): void {
    const { program } = stack;
    const isKilled = this.#killed.has(stack);
    stack.program = undefined;
    if (isKilled && program !== undefined) {
      this.#follow(stack);
      // What the killed run has claimed is still there.
      this.#killed.add(stack);
      stack.program = { ...program, adopt: true };
    }
  }

  /** An access entry stands in the way of a mapping in the map: a person removes it, or one of the two programs its mapping. */
  #giveWay(stack: Stack): void {
    const owned = this.#world.seen("entries").claims.length > 0;
    const rivals = this.#stacks.filter((other) => other !== stack);
    if (!owned) {
      this.#world.remove("entries");
    } else if (this.#killed.has(stack)) {
      // Or else the killed create would leave its entry.
      for (const rival of rivals) {
        rival.program = undefined;
        this.#follow(rival);
      }
    } else {
      stack.program = undefined;
    }
  }

  /** Runs once with another mode, and then gets its own back. */
  #visit(stack: Stack, mode: AuthenticationMode): void {
    const { program } = stack;
    if (program !== undefined) {
      stack.program = { ...program, mode };
      this.#follow(stack);
      stack.program &&= { ...stack.program, mode: program.mode };
    }
  }

  /** Runs with the mode of the state first, and with one entry, and takes the step alone. */
  #stepLater(stack: Stack, isSeveral: boolean): void {
    const { program, mode } = stack;
    if (program !== undefined && mode !== undefined) {
      stack.program = { ...program, mode, ignored: [], adopt: program.adopt || isSeveral };
      this.#follow(stack);
      stack.program &&= { ...stack.program, mode: program.mode };
    }
  }

  /** Runs a command of one stack, and checks what it does to the other one. */
  #watch(stack: Stack, event: StackEvent): Report {
    // Whose claim a hand has removed sees that as drift, and nobody else knows of it.
    const others = this.#stacks.filter((other) => other !== stack && this.#hasAccess(other) && this.#isKept(other));
    const isStep = event.event === "up" && this.#hasAccess(stack) && stack.isStep;
    const gaps: string[] = [];
    this.#world.onCall = () => {
      if (isStep && !this.#hasAccess(stack)) {
        gaps.push(JSON.stringify(this.#world.effective()));
      }
    };
    const report = stack.play(event, (hand) => this.#touch(hand));
    this.#log.push(
      `${stack.name} ${JSON.stringify(event)}: ${report.outcome} ${report.code ?? ""} ${[...report.messages]}`,
    );
    if (report.outcome === "killed") {
      this.#killed.add(stack);
      if (event.event === "up" && event.isReplaced === true) {
        this.#killedReplacing.add(stack);
      }
    } else if (report.outcome === "done" && event.event === "up") {
      this.#killed.delete(stack);
      this.#killedReplacing.delete(stack);
    }
    if (gaps.length > 0) {
      throw this.#broken(`a step of ${stack.name} leaves ${gaps.join()} for a moment`);
    }
    for (const other of event.event === "upBeside" ? [] : others.filter((each) => !this.#hasAccess(each))) {
      if (!report.messages.has(other.owner)) {
        throw this.#broken(`${other.name} loses access, and no message of ${stack.name} says so`);
      }
    }
    return report;
  }

  /** Whether the principal has what a stack has settled. */
  #hasAccess({ settled }: Stack): boolean {
    const live = this.#world.effective();
    return settled !== undefined && live !== undefined && isSameContent(live, settled);
  }

  /** Whether an entry that it claims says what it has settled. */
  #isKept({ owner, settled }: Stack): boolean {
    return placeNames.some((place) => {
      const { entries, claims } = this.#world.seen(place);
      const counts = entries.at(-1)?.content;
      const isSame = settled !== undefined && counts !== undefined && isSameContent(counts, settled);
      return isSame && claims.some((claim) => claim.owner === owner);
    });
  }

  #touch({ act, place, content }: Hand): void {
    const wanted = contents[content] ?? { groups: [] };
    const isExcluded = act === "dropClaims" ? this.#killed.size > 0 : act === "edit" && this.#killedReplacing.size > 0;
    if (isExcluded) {
      return;
    }
    if (act === "edit" || act === "add") {
      this.#world[act](place, wanted);
    } else {
      this.#world[act](place);
    }
    this.#log.push(`hand ${act} ${place} ${content}`);
  }

  #stackOf(index: number): Stack {
    const stack = this.#stacks[index];
    if (stack === undefined) {
      throw new Error(`No stack ${index}`);
    }
    return stack;
  }

  /** A rule of the model that the story has broken. */
  #broken(rule: string): Error {
    return new Error(`${rule}\n${this.#log.join("\n")}`);
  }
}
