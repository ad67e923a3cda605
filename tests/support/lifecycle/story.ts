import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import { type PlaceName, placeNames } from "../../../provider/lifecycle/types.ts";
import { type Command, type Declared, type Hand, initial, Player } from "./player.ts";
import { entryText, roleOf, World } from "./world.ts";

export type StackName = "apps" | "infra";

/** The visible result of one command. */
interface Report {
  readonly outcome: "done" | "refused" | "killed";
  /** The first error. */
  readonly message: string;
  /** Whether the command wrote to the cluster or to the state. */
  readonly isChanged: boolean;
}

/**
 * A random scenario of two stacks that map one role on one cluster. Each method throws if a guarantee is violated.
 *
 * Excluded, as known limits of the lifecycle: a killed stack first runs the same program again, and until then claims are not removed
 * manually, nor is the entry of a killed replacement edited; a replacement after a rename is not killed; the two stacks have different
 * names.
 */
export class Story {
  readonly #world = new World();
  readonly #stacks = { apps: new Player("apps", this.#world), infra: new Player("infra", this.#world) };
  readonly #players = Object.values(this.#stacks);
  /** The number of entries in each place that no stack has created or adopted. */
  readonly #foreign: Record<PlaceName, number> = { map: 0, entries: 0 };
  readonly #log: string[] = [];
  #renames = 0;

  declare(stack: StackName, change: Partial<Declared> | undefined): void {
    const player = this.#stacks[stack];
    if (player.killed === "no") {
      player.declared = change && { ...(player.declared ?? initial), ...change };
      this.#log.push(`${player.owner}declares ${JSON.stringify(player.declared)}`);
    }
  }

  rename(stack: StackName, hasAlias: boolean): void {
    const player = this.#stacks[stack];
    if (player.killed === "no") {
      this.#renames += 1;
      player.rename(`dev${this.#renames}`, hasAlias);
      this.#log.push(`${player.owner}renames, alias: ${hasAlias}`);
    }
  }

  async play(stack: StackName, command: Command): Promise<void> {
    const player = this.#stacks[stack];
    // Killing a replacement after a rename is a known limit.
    const isSpared = command.isReplaced === true && this.#renames > 0;
    if (command.name !== "destroy" || player.killed === "no") {
      await this.#run(player, isSpared ? { ...command, fault: undefined } : command);
    }
  }

  touch({ act, place, content }: Hand): void {
    const isKilled = this.#players.some(({ killed }) => killed !== "no");
    const isReplacing = this.#players.some(({ killed }) => killed === "replacing");
    if (act === "dropClaims" ? isKilled : act === "edit" && isReplacing) {
      return;
    }
    this.#log.push(`hand ${act} ${place} ${content}`);
    const contents = this.#world.contentsIn(place, "dev");
    if (act === "dropClaims") {
      this.#world.dropClaims(place);
    } else if (act === "remove") {
      this.#store(place, []);
      this.#foreign[place] = 0;
    } else if (act === "edit" && contents.length > 0) {
      this.#store(place, [...contents.slice(0, -1), content]);
    } else if (act === "add" && (place === "map" || contents.length === 0)) {
      this.#store(place, [...contents, content]);
      this.#foreign[place] += 1;
    }
  }

  /**
   * Ends the scenario: both stacks follow the instructions in their errors until they succeed, reach a steady state together, and leave
   * nothing behind when destroyed.
   */
  async end(): Promise<void> {
    for (const player of this.#players) {
      await this.#follow(player);
    }
    await this.#settleTogether();
    for (const player of this.#players) {
      for (let tries = 0; player.hasState; tries += 1) {
        const report = await this.#run(player, { name: "destroy" });
        if (report.outcome === "refused") {
          await this.#remedy(player, report.message, tries);
        }
      }
    }
    for (const place of placeNames) {
      const contents = this.#world.contentsIn(place, "dev");
      const claims = this.#world.claimsIn(place);
      if (contents.length > this.#foreign[place] || claims.length > 0) {
        throw this.#broken(`${JSON.stringify([contents, claims])} stays in ${place} after all are destroyed`);
      }
    }
  }

  /** Two stacks that run in turn reach a steady state, even if they declare different contents. */
  async #settleTogether(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      const reports: Report[] = [];
      for (const player of this.#players) {
        reports.push(await this.#run(player));
      }
      if (reports.every(({ isChanged, outcome }) => outcome === "refused" || !isChanged)) {
        return;
      }
    }
    throw this.#broken("two stacks take the entry from each other for ever");
  }

  /** Runs `up` and follows its messages until it succeeds, and once more, which must change nothing. */
  async #follow(player: Player): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const report = await this.#run(player);
      if (report.outcome === "done") {
        const again = await this.#run(player);
        if (again.outcome !== "done" || again.isChanged) {
          throw this.#broken(`${player.owner}has something to do again: ${again.message}`);
        }
        return;
      }
      await this.#remedy(player, report.message, tries);
    }
  }

  /** Follows the instruction in a message. */
  async #remedy(player: Player, message: string, tries: number): Promise<void> {
    const { declared } = player;
    const says = (text: string) => message.includes(text);
    if (tries > 6) {
      throw this.#broken(`${player.owner}is stuck: ${message}`);
    }
    this.#log.push(`${player.owner}follows: ${message}`);
    if (says('run "pulumi refresh"')) {
      await player.stack.refresh();
    } else if (says("API_AND_CONFIG_MAP once") || says("API_AND_CONFIG_MAP first")) {
      await this.#visit(player, "API_AND_CONFIG_MAP");
    } else if (says("change one of them for each") || says("ignoreChanges names") || says("the earlier mode")) {
      // With the mode in the state and one entry, and only the step of the mode.
      await this.#visit(player, player.mode, { ignored: [], ...(says("adopt: true") && { adopt: true }) });
    } else if (says("was taken over by")) {
      await this.#leave(player);
    } else if (says("set adopt: true") && declared !== undefined && !declared.adopt) {
      player.declared = { ...declared, adopt: true };
    } else if (says("remove the other entry") && declared !== undefined) {
      await this.#giveWay(player);
    } else if (!says("again")) {
      throw this.#broken(`${player.owner}has no remedy for ${message}`);
    }
  }

  /** Removes the mapping from the program. The claim of a killed run is kept, and the next create adopts it. */
  async #leave(player: Player): Promise<void> {
    const { declared, killed } = player;
    player.declared = undefined;
    if (killed !== "no" && declared !== undefined) {
      await this.#follow(player);
      // The claim of the killed run still exists.
      player.killed = killed;
      player.declared = { ...declared, adopt: true };
    }
  }

  /** An access entry takes precedence over a mapping in the map: it is removed manually, or one of the two programs removes its mapping. */
  async #giveWay(player: Player): Promise<void> {
    if (this.#world.claimsIn("entries").length === 0) {
      this.touch({ act: "remove", place: "entries", content: "" });
    } else if (player.killed === "no") {
      player.declared = undefined;
    } else {
      // Otherwise the killed create would leave its entry.
      for (const rival of this.#players.filter((other) => other !== player)) {
        rival.declared = undefined;
        await this.#follow(rival);
      }
    }
  }

  /** Runs once in another mode, and then restores its own. */
  async #visit(player: Player, mode: AuthenticationMode | undefined, change: Partial<Declared> = {}): Promise<void> {
    const { declared } = player;
    if (declared !== undefined && mode !== undefined) {
      player.declared = { ...declared, ...change, mode };
      await this.#follow(player);
      player.declared &&= { ...player.declared, mode: declared.mode };
    }
  }

  /** Runs a command of one stack, and checks its effect on the other one. */
  async #run(player: Player, command: Command = { name: "up" }): Promise<Report> {
    // A stack whose claim was removed manually reports that as drift; the other stacks cannot detect it.
    const others = this.#players.filter((other) => other !== player && this.#hasAccess(other) && this.#isKept(other));
    const isStep = command.name === "up" && this.#hasAccess(player) && player.isStep;
    let hasGap = false;
    this.#world.watch = (call) => {
      hasGap ||= isStep && !this.#hasAccess(player);
      this.#countForeign(call);
    };
    const before = this.#snapshot(player);
    const errors = await player.run(command, () => command.hand && this.touch(command.hand));
    const outcome = this.#world.isKilled ? "killed" : errors.length > 0 ? "refused" : "done";
    const messages = [...player.stack.told, ...errors].join("\n");
    this.#log.push(`${player.owner}${JSON.stringify(command)}: ${outcome}\n  ${messages}`);
    if (outcome === "killed") {
      player.killed = command.isReplaced === true ? "replacing" : "yes";
    } else if (outcome === "done" && command.name === "up") {
      player.killed = "no";
    }
    if (messages.includes("stays in aws-auth, where it was changed outside Pulumi")) {
      this.#foreign.map = this.#world.contentsIn("map", "dev").length;
    }
    if (hasGap) {
      throw this.#broken(`a step of ${player.owner}takes access away for a moment`);
    }
    for (const other of command.hand ? [] : others.filter((each) => !this.#hasAccess(each))) {
      if (!messages.includes(other.owner)) {
        throw this.#broken(`${other.owner}loses access, and no message of ${player.owner}says so`);
      }
    }
    return { outcome, message: errors[0] ?? "", isChanged: before !== this.#snapshot(player) };
  }

  /** A stack owns an entry that it has written or claimed, if it is the only one. */
  #countForeign(call: string): void {
    const place = call === "write map" ? "map" : "entries";
    const count = this.#world.contentsIn(place, "dev").length;
    const isClaimed = count <= 1 && this.#world.claimsIn(place).length > 0;
    if (!/^(?:read|list)/.test(call)) {
      this.#foreign[place] = isClaimed ? 0 : Math.min(count, this.#foreign[place]);
    }
  }

  #snapshot({ stack }: Player): string {
    const entries = [...this.#world.entries.values()].map(({ modifiedAt, ...entry }) => entry);
    const states = [...stack.states.values()].map(({ outs }) => outs);
    return JSON.stringify([this.#world.data, this.#world.claims, entries, states]);
  }

  /** Whether the role has the content that a stack has settled: an access entry takes precedence, and the last entry of the map applies. */
  #hasAccess({ settled }: Player): boolean {
    const live = this.#world.entered("dev") ?? this.#world.mapped("dev").at(-1);
    return settled !== undefined && live === settled;
  }

  /** Whether an entry that it claims has the content that it has settled. */
  #isKept({ owner, settled }: Player): boolean {
    return placeNames.some((place) => {
      const isSame = settled !== undefined && this.#world.contentsIn(place, "dev").at(-1) === settled;
      return isSame && this.#world.claimsIn(place).some((claim) => claim.includes(owner));
    });
  }

  /** Stores entries of the role manually, and keeps the claims. */
  #store(place: PlaceName, contents: readonly string[]): void {
    const [only] = contents;
    if (place === "map") {
      this.#world.edit(() => contents.map((content) => entryText("dev", content)).join("") || "[]\n");
    } else if (only === undefined) {
      this.#world.entries.clear();
    } else {
      const { username, groups } = roleOf("dev", only);
      this.#world.put("dev", { ...[...this.#world.entries.values()][0], username, groups });
    }
  }

  /** A guarantee that the scenario has violated. */
  #broken(promise: string): Error {
    return new Error(`${promise}\n${this.#log.join("\n")}`);
  }
}
