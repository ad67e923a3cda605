import type { AuthenticationMode } from "../../../provider/accessEntries/accessEntry.ts";
import { type PlaceName, placeNames } from "../../../provider/lifecycle/types.ts";
import { type Command, type Declared, initial, type ManualChange, StackUser } from "./stackUser.ts";
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
 * names; a refresh after the entry was removed manually may leave the claim.
 */
export class Scenario {
  readonly #world = new World();
  readonly #stacks = { apps: new StackUser("apps", this.#world), infra: new StackUser("infra", this.#world) };
  readonly #users = Object.values(this.#stacks);
  /** The number of entries in each place that no stack has created or adopted. */
  readonly #foreign: Record<PlaceName, number> = { map: 0, entries: 0 };
  /** The owners whose refresh has removed a mapping from the state, since it had no entry. */
  readonly #forgetful = new Set<string>();
  readonly #log: string[] = [];
  #renames = 0;

  declare(stack: StackName, change: Partial<Declared> | undefined): void {
    const user = this.#stacks[stack];
    if (user.killed === "no") {
      user.declared = change && { ...(user.declared ?? initial), ...change };
      this.#log.push(`${user.owner}declares ${JSON.stringify(user.declared)}`);
    }
  }

  rename(stack: StackName, hasAlias: boolean): void {
    const user = this.#stacks[stack];
    if (user.killed === "no") {
      this.#renames += 1;
      user.rename(`dev${this.#renames}`, hasAlias);
      this.#log.push(`${user.owner}renames, alias: ${hasAlias}`);
    }
  }

  async play(stack: StackName, command: Command): Promise<void> {
    const user = this.#stacks[stack];
    // Killing a replacement after a rename is a known limit.
    const isExcluded = command.isReplaced === true && this.#renames > 0;
    if (command.name !== "destroy" || user.killed === "no") {
      await this.#run(user, isExcluded ? { ...command, fault: undefined } : command);
    }
  }

  touch({ act, place, content }: ManualChange): void {
    const isKilled = this.#users.some(({ killed }) => killed !== "no");
    const isReplacing = this.#users.some(({ killed }) => killed === "replacing");
    if (act === "dropClaims" ? isKilled : act === "edit" && isReplacing) {
      return;
    }
    this.#log.push(`manual ${act} ${place} ${content}`);
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
    for (const user of this.#users) {
      await this.#upUntilDone(user);
    }
    await this.#settleTogether();
    for (const user of this.#users) {
      for (let tries = 0; user.hasState; tries += 1) {
        const report = await this.#run(user, { name: "destroy" });
        if (report.outcome === "refused") {
          await this.#followMessage(user, report.message, tries);
        }
      }
    }
    for (const place of placeNames) {
      const contents = this.#world.contentsIn(place, "dev");
      const claims = this.#world
        .claimsIn(place)
        .filter((claim) => ![...this.#forgetful].some((owner) => claim.includes(owner)));
      if (contents.length > this.#foreign[place] || claims.length > 0) {
        throw this.#broken(`${JSON.stringify([contents, claims])} is left in ${place} after both stacks are destroyed`);
      }
    }
  }

  /** Two stacks that run in turn reach a steady state, even if they declare different contents. */
  async #settleTogether(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      const reports: Report[] = [];
      for (const user of this.#users) {
        reports.push(await this.#run(user));
      }
      if (reports.every(({ isChanged, outcome }) => outcome === "refused" || !isChanged)) {
        return;
      }
    }
    throw this.#broken("the two stacks never reach a steady state");
  }

  /** Runs `up` and follows its messages until it succeeds, and once more, which must change nothing. */
  async #upUntilDone(user: StackUser): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const report = await this.#run(user);
      if (report.outcome === "done") {
        const again = await this.#run(user);
        if (again.outcome !== "done" || again.isChanged) {
          throw this.#broken(`${user.owner}has changes in the second run: ${again.message}`);
        }
        return;
      }
      await this.#followMessage(user, report.message, tries);
    }
  }

  /** Follows the instruction in a message. */
  async #followMessage(user: StackUser, message: string, tries: number): Promise<void> {
    const { declared } = user;
    const contains = (text: string) => message.includes(text);
    if (tries > 6) {
      throw this.#broken(`${user.owner}is stuck: ${message}`);
    }
    this.#log.push(`${user.owner}follows: ${message}`);
    if (contains('run "pulumi refresh"')) {
      if (contains("remove all but one")) {
        this.#store("map", this.#world.mapContents("dev").slice(-1));
      }
      await user.stack.refresh();
    } else if (contains("API_AND_CONFIG_MAP and run")) {
      await this.#runInMode(user, "API_AND_CONFIG_MAP");
    } else if (contains("make one change") || contains("ignoreChanges includes") || contains("the old mode")) {
      // With the mode in the state and one entry, and only the step of the mode.
      await this.#runInMode(user, user.mode, { ignored: [], ...(contains("adopt: true") && { adopt: true }) });
    } else if (contains("an access entry takes precedence")) {
      await this.#removeOtherEntry(user);
    } else if (contains("was taken over by")) {
      await this.#removeMapping(user);
    } else if (contains("delete the access entry") && declared === undefined) {
      this.touch({ act: "remove", place: "entries", content: "" });
    } else if (contains("adopt: true") && declared !== undefined && !declared.adopt) {
      user.declared = { ...declared, adopt: true };
    } else if (contains("is already mapped") && declared !== undefined) {
      // That of its own earlier name is removed with the mapping of that name, which waits for the one that is refused.
      await (contains(`claimed by "${user.owner}`) ? this.#removeMapping(user) : this.#removeOtherEntry(user));
    } else if (!contains("again")) {
      throw this.#broken(`${user.owner}cannot resolve ${message}`);
    }
  }

  /** Removes the mapping from the program. The claim of a killed run is kept, and the next create adopts it. */
  async #removeMapping(user: StackUser): Promise<void> {
    const { declared, killed } = user;
    user.declared = undefined;
    if (killed !== "no" && declared !== undefined) {
      await this.#upUntilDone(user);
      // The claim of the killed run still exists.
      user.killed = killed;
      user.declared = { ...declared, adopt: true };
    }
  }

  /** An access entry takes precedence over a mapping in the map: it is removed manually, or one of the two programs removes its mapping. */
  async #removeOtherEntry(user: StackUser): Promise<void> {
    if (this.#world.claimsIn("entries").length === 0) {
      this.touch({ act: "remove", place: "entries", content: "" });
    } else if (user.killed === "no") {
      user.declared = undefined;
    } else {
      // Otherwise the killed create would leave its entry.
      for (const otherUser of this.#users.filter((other) => other !== user)) {
        if (otherUser.killed !== "no") {
          await this.#upUntilDone(otherUser);
        }
        otherUser.declared = undefined;
        await this.#upUntilDone(otherUser);
      }
    }
  }

  /** Runs once in another mode, and then restores its own. */
  async #runInMode(
    user: StackUser,
    mode: AuthenticationMode | undefined,
    change: Partial<Declared> = {},
  ): Promise<void> {
    const { declared } = user;
    if (declared !== undefined && mode !== undefined) {
      user.declared = { ...declared, ...change, mode };
      await this.#upUntilDone(user);
      user.declared &&= { ...user.declared, mode: declared.mode };
    }
  }

  /** Runs a command of one stack, and checks its effect on the other one. */
  async #run(user: StackUser, command: Command = { name: "up" }): Promise<Report> {
    // A stack whose claim was removed manually reports that as drift; the other stacks cannot detect it.
    const others = this.#users.filter((other) => other !== user && this.#hasAccess(other) && this.#isKept(other));
    // A manual change meanwhile may remove the access itself.
    const isStep = command.name === "up" && command.change === undefined && this.#hasAccess(user) && user.isStep;
    let hasGap = false;
    this.#world.watch = (call) => {
      hasGap ||= isStep && !this.#hasAccess(user);
      this.#countForeign(call);
    };
    const before = this.#snapshot(user);
    const { size } = user.stack.states;
    const errors = await user.run(command, () => command.change && this.touch(command.change));
    const outcome = this.#world.isKilled ? "killed" : errors.length > 0 ? "refused" : "done";
    const messages = [...user.stack.messages, ...errors].join("\n");
    this.#log.push(`${user.owner}${JSON.stringify(command)}: ${outcome}\n  ${messages}`);
    if (command.name === "refresh" && user.stack.states.size < size) {
      this.#forgetful.add(user.owner);
    }
    if (outcome === "killed") {
      user.killed = command.isReplaced === true ? "replacing" : "yes";
    } else if (outcome === "done" && command.name === "up") {
      user.killed = "no";
    }
    if (messages.includes("was not removed from aws-auth, since it was changed outside Pulumi")) {
      this.#foreign.map = this.#world.contentsIn("map", "dev").length;
    }
    if (hasGap) {
      throw this.#broken(`a step of ${user.owner}removes access temporarily`);
    }
    for (const other of command.change ? [] : others.filter((each) => !this.#hasAccess(each))) {
      if (!messages.includes(other.owner)) {
        throw this.#broken(`${other.owner}loses access, and no message of ${user.owner}reports it`);
      }
    }
    return { outcome, message: errors[0] ?? "", isChanged: before !== this.#snapshot(user) };
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

  #snapshot({ stack }: StackUser): string {
    const entries = [...this.#world.entries.values()].map(({ modifiedAt, ...entry }) => entry);
    const states = [...stack.states.values()].map(({ outs }) => outs);
    return JSON.stringify([this.#world.data, this.#world.claims, entries, states]);
  }

  /** Whether the role has the content that a stack has settled: an access entry takes precedence, and the last entry of the map applies. */
  #hasAccess({ settled }: StackUser): boolean {
    const live = this.#world.entryContent("dev") ?? this.#world.mapContents("dev").at(-1);
    return settled !== undefined && live === settled;
  }

  /** Whether an entry that it claims has the content that it has settled. */
  #isKept({ owner, settled }: StackUser): boolean {
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
