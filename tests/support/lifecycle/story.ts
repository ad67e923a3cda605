import { parse } from "yaml";
import type { AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { adminPolicy } from "../accessEntries.ts";
import type { MapData } from "../authenticator/maps.ts";
import { entriesOf, isSame, isView, listNames, lists, loginOf, mappedIn, type User, userOf } from "./eksModel.ts";
import { modes } from "./fixture.ts";
import { blocksOf, claimTag, contentOf, contents, Outsiders } from "./outsiders.ts";
import { type Program, Stack } from "./stack.ts";
import { account, defaultName, type Fault, World } from "./world.ts";

/** A login that the map decides, for the authenticator to judge. */
export interface MapLogin extends User {
  readonly data: MapData;
  readonly arn: string;
  readonly ignored: readonly string[];
}

/** What outsiders and stacks may change. */
interface Snapshot {
  readonly data: MapData;
  readonly claims: string;
  readonly entries: readonly LiveAccessEntry[];
}

const isUnknown = (messages: readonly string[]) => messages.some((text) => /unknown|not compared/.test(text));
/** Whether a message reports a difference: a warning, or the entries that `adopt: true` will remove. */
const isWarned = (messages: readonly string[]) => messages.some((text) => /^warning|^info: adoption of/.test(text));

function userIn({ username = "", groups = [] }: Readonly<Record<string, unknown>>): User {
  return { username: String(username), groups: [groups].flat().map(String) };
}

function faultIn(words: string): Fault | undefined {
  const [, name, at] = /\b(killAfter|kill|refuse) (\d+)/.exec(words) ?? [];
  const kind = (["killAfter", "kill", "refuse"] as const).find((known) => known === name);
  return kind && { kind, at: Number(at) };
}

/** A stack of a story, with a program such as `dev/both+adopt+account+groups`: a content, a mode, flags and what is ignored. */
class Team {
  readonly stack: Stack;
  readonly owner: string;
  resource = "dev";
  content: User | undefined;
  #program = "";
  /** Everything that its programs have declared, with what they ignored. */
  readonly #declared: (User & { readonly ignored: readonly string[] })[] = [];

  constructor(name: string, world: World) {
    this.stack = new Stack(world, name);
    this.owner = `infra/${name} `;
  }

  /** @param program one that starts with `/` changes only the mode and the flags. */
  declare(program: string): void {
    const kept = this.content === undefined ? "dev" : /^\w+/.exec(this.#program)?.[0];
    this.#program = program.startsWith("/") ? `${kept}${program}` : program;
    this.content = program.startsWith("none") ? undefined : contentOf(/^\w+/.exec(this.#program)?.[0]);
    this.#declared.push(...(this.content === undefined ? [] : [{ ...this.content, ignored: this.ignored }]));
  }

  /** Accepts the content of its own entry as if a program had declared it. */
  accept(user: User): void {
    this.#declared.push({ ...user, ignored: [] });
  }

  get adopts(): boolean {
    return this.#program.includes("+adopt");
  }

  get ignored(): readonly string[] {
    return ["username", "groups"].filter((name) => this.#program.includes(`+${name}`));
  }

  get hasState(): boolean {
    return this.stack.states.size + this.stack.replaced.size > 0;
  }

  /** Whether an unclaimed entry may be its own: a program declared the content, or the state has it. */
  mayOwn(user: User, isInState = false): boolean {
    const states = isInState ? [...this.stack.states.values(), ...this.stack.replaced.values()] : [];
    const own = [...this.#declared, ...states.map(({ outs }) => ({ ...userIn(outs), ignored: [] }))];
    return own.some((one) => isSame(one, user, [...this.ignored, ...one.ignored]));
  }

  programFor(arn: string): Program {
    if (this.content === undefined) {
      return { mappings: {} };
    }
    const { username, groups } = this.content;
    const mode = /\/API/.test(this.#program) ? "API" : /\/both/.test(this.#program) ? modes[1] : modes[0];
    const content = { ...(username !== "" && { username }), groups };
    const mapping = { arn, ...content, adopt: this.adopts, authenticationMode: mode };
    const all = this.#program.includes("+account") ? { all: { account, authenticationMode: modes[0] } } : {};
    return { mappings: { [this.resource]: mapping, ...all }, ignoreChanges: this.ignored };
  }
}

/**
 * A story of two stacks and of outsiders about one role or user. It throws if a preview, a refresh or an `up` promises what EKS, by its
 * model, does not do, or if a stack changes what is not its own.
 */
export class Story {
  readonly world: World;
  /** The logins of clean previews that the map decides. */
  readonly logins: MapLogin[] = [];
  /** The number of clean previews, by what decides the login. */
  readonly tally = { map: 0, entry: 0 };
  readonly #arn: string;
  readonly #outsiders: Outsiders;
  readonly #teams: Readonly<Record<string, Team>>;
  readonly #log: string[] = [];
  #last: Snapshot;
  /** The stack that writes, and whether it may take over what is not its own. */
  #writer: { readonly team: Team; readonly adopts: boolean } | undefined;
  #violation: string | undefined;

  constructor(kind: "role" | "user" = "role", mode: AuthenticationMode = modes[1]) {
    const world = new World();
    this.world = world;
    this.#arn = `arn:aws:iam::${account}:${kind}/dev`;
    this.#outsiders = new Outsiders(world, this.#arn);
    this.#teams = { A: new Team("apps", world), B: new Team("base", world) };
    world.mode = mode;
    const keeper = this.#arn.replace("dev", "keeper");
    world.edit(() => `- rolearn: ${keeper} # keep\n  username: keeper\n  groups: [ system:masters ]\n`);
    const entry = { principalArn: keeper, type: "STANDARD", username: "keeper", groups: [] } as const;
    world.store({ ...entry, policies: [adminPolicy], tags: { team: "keep" } });
    world.watch = (call) => /^(?:read|list)/.test(call) || this.#compare(call);
    this.#last = this.#snapshot();
  }

  /** Plays a step, such as `A up dev/both+adopt`, `B destroy kill 3` or `append roles ops`. Returns what a command prints. */
  async play(step: string): Promise<string> {
    const [, name = "", verb = "", words = ""] = /^([AB]) (\S+) ?(.*)$/.exec(step) ?? [];
    const team = this.#teams[name];
    this.#log.push(step);
    if (team === undefined) {
      this.#touch(step);
    }
    const said = team === undefined ? "" : await this.#command(team, verb, words);
    this.#log.push(...(said === "" ? [] : [`  ${said}`]));
    this.#assert(this.#violation === undefined, this.#violation ?? "");
    for (const each of Object.values(this.#teams)) {
      await this.#preview(each);
    }
    return said;
  }

  /** What is stored for the role or user, such as `map ops dev; entry ops; claims 1`. */
  get left(): string {
    const nameOf = (user: User) => Object.keys(contents).find((name) => isSame(contentOf(name), user)) ?? user.username;
    const mapped = mappedIn(this.world, this.#arn).map(({ user }) => ` ${nameOf(user)}`);
    const entries = entriesOf(this.world, this.#arn).map((entry) => ` ${nameOf(userOf(entry))}`);
    const claims = this.world.remainingClaims.filter((text) => text.includes("infra/")).length;
    return `map${mapped.join("")}; entry${entries.join("")}; claims ${claims}`;
  }

  async #command(team: Team, verb: string, words: string): Promise<string> {
    const { stack } = team;
    if (verb === "rename") {
      const next = team.resource === "dev" ? "renamed" : "dev";
      if (words === "alias") {
        stack.rename(team.resource, next);
      }
      team.resource = next;
      return "";
    }
    if (/^(?:\/|(?:dev|ops|admin|unnamed|none)\b)/.test(words)) {
      team.declare(words);
    }
    if (verb === "preview") {
      return this.#preview(team);
    }
    if (verb === "refresh") {
      return this.#refresh(team);
    }
    const fault = faultIn(words);
    const [, beside] = /\bbeside (.*)/.exec(words) ?? [];
    const { adopts } = team;
    const between = () => {
      this.#writer = undefined;
      this.#touch(beside ?? "");
      this.#writer = { team, adopts };
    };
    const program = { ...team.programFor(this.#arn), ...(words.includes("--replace") && { replace: [team.resource] }) };
    this.#writer = { team, adopts: verb === "up" && adopts };
    const errors = await (verb === "destroy"
      ? stack.destroy({}, fault)
      : stack.up(program, fault, beside === undefined ? undefined : between));
    this.#writer = undefined;
    const said = [...errors, ...stack.messages].join("\n  ");
    const isDone = errors.length === 0 && !this.world.isKilled && beside === undefined && !isUnknown(stack.messages);
    if (verb === "up" && isDone) {
      await this.#preview(team, true);
    }
    return said;
  }

  /** @param isAfterUp whether the preview must show no change, and the login must be the declared one in spite of warnings. */
  async #preview(team: Team, isAfterUp = false): Promise<string> {
    const { content, stack, ignored } = team;
    const program = team.programFor(this.#arn);
    const { steps, refused, messages } = await stack.preview(program);
    const said = [Object.values(steps).join(" "), ...refused, ...messages].join("\n  ");
    const isSteady = Object.values(steps).every((step) => step === "same") && refused.length === 0;
    this.#assert(
      this.world.calls.every((call) => /^(?:read|list)/.test(call)),
      "a preview writes",
    );
    this.#assert(!isAfterUp || isSteady, `the preview after an up of ${team.owner} shows ${said}`);
    const isComplete = stack.replaced.size === 0 && [...stack.states.keys()].every((name) => name in program.mappings);
    const isClean = isSteady && isComplete && !isWarned(messages) && !isUnknown(messages);
    const isOwed = isAfterUp && !isUnknown(messages) && !messages.some((text) => text.includes("grants no access"));
    if (content !== undefined && (isClean || isOwed)) {
      const by = this.#judge(content, ignored, said, isClean);
      this.tally[by] += 1;
      if (by === "map") {
        this.logins.push({ data: this.world.data, arn: this.#arn, ...content, ignored });
      }
    }
    return said;
  }

  async #refresh(team: Team): Promise<string> {
    const { stack, resource, ignored } = team;
    const changed = await stack.refresh();
    const { messages } = stack;
    const { outs = {} } = stack.states.get(resource) ?? {};
    if (entriesOf(this.world, this.#arn).some(({ tags }) => tags[claimTag]?.includes(team.owner))) {
      team.accept(userIn(outs));
    }
    const said = [...changed.map((name) => `${name} changed`), ...messages].join("\n  ");
    if (stack.states.has(resource) && changed.length === 0 && !isWarned(messages) && !isUnknown(messages)) {
      this.#judge(userIn(outs), ignored, said, true);
    }
    return said;
  }

  /** Compares what EKS does with the content that a command promises. */
  #judge(content: User, ignored: readonly string[], said: string, isClean: boolean): "map" | "entry" {
    const { by, users } = loginOf(this.world, this.#arn);
    // The entry of an earlier path gives nothing.
    const entries = entriesOf(this.world, this.#arn).filter(
      ({ principalArn }) => principalArn === this.world.principalAt(this.#arn)?.arn,
    );
    const name = content.username || (by === "entry" ? defaultName({ principalArn: this.#arn }) : "");
    const isWanted = users.every((user) => isSame(user, { ...content, username: name }, ignored));
    const hasMore = by === "entry" && entries.some(({ policies }) => policies.some(isView));
    const isRight = by !== "undetermined" && users.length > 0 && isWanted && !(isClean && hasMore);
    this.#assert(isRight, `EKS gives ${JSON.stringify({ by, users, hasMore })}, in spite of: ${said}`);
    return by === "entry" ? "entry" : "map";
  }

  #touch(step: string): void {
    this.#outsiders.act(step);
    this.#last = this.#snapshot();
  }

  #snapshot() {
    return { data: this.world.data, claims: this.world.claims ?? "", entries: [...this.world.entries.values()] };
  }

  /** After a write: whether it changed only what is the writer's own. What it may change is its own from now on. */
  #compare(call: string): void {
    const before = this.#last;
    this.#last = this.#snapshot();
    if (this.#writer?.adopts === false) {
      const { team } = this.#writer;
      const changed = call === "write map" ? this.#changedInMap(before, team) : this.#changedEntry(before, team);
      this.#violation ??= changed && `${call} of ${team.owner} changes ${changed}`;
    }
    for (const entry of before.entries.filter((each) => this.world.entries.get(each.principalArn) !== each)) {
      this.#outsiders.made.delete(entry.principalArn);
    }
  }

  #changedInMap({ data, claims }: Snapshot, team: Team): string | undefined {
    const blocks = listNames.flatMap((list) => blocksOf(data[lists[list][0]]));
    // A single entry cannot be told from an edited one.
    const mayBeEdited =
      (team.hasState || claims.includes(` ${team.owner}`)) && mappedIn({ data }, this.#arn).length === 1;
    return blocks.find((block) => {
      const isKept = listNames.some((list) => this.world.data[lists[list][0]]?.includes(block));
      const [user] = parse(block);
      const isKeeper = block.includes("# keep");
      const isOfOthers = isKeeper || (/arn: {2}/.test(block) && !mayBeEdited);
      // Of several identical entries, any one may be left.
      const isLeft = mappedIn(this.world, this.#arn).some((entry) => isSame(entry.user, user));
      return isOfOthers && !isKept && (isKeeper || !(team.mayOwn(user, true) || isLeft));
    });
  }

  #changedEntry({ entries }: Snapshot, team: Team): string | undefined {
    const changed = entries.find((before) => {
      const now = this.world.entries.get(before.principalArn);
      const isOfOthers = this.#outsiders.made.has(before.principalArn) || before.username === "keeper";
      const user = userOf(before);
      const given = user.username === defaultName(before) ? { ...user, username: "" } : user;
      const isOwn = before.tags[claimTag]?.includes(team.owner) ?? team.mayOwn(given);
      const losesPolicy = before.policies.some(isView) && !now?.policies.some(isView);
      return losesPolicy || (isOfOthers && now !== before && !isOwn);
    });
    return changed && JSON.stringify(changed);
  }

  #assert(holds: boolean, text: string): void {
    if (!holds) {
      throw new Error(`${text}\n${this.#log.join("\n")}`);
    }
  }
}
