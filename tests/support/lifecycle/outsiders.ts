import { viewPolicy } from "../accessEntries.ts";
import { entriesOf, entryOf, isView, lists, type User } from "./eksModel.ts";
import { modes } from "./fixture.ts";
import { account, type World } from "./world.ts";

export const claimTag = "pulumi-aws-auth/claim";

/** The contents of mappings and of entries of outsiders, by the words of a story. */
export const contents: Readonly<Record<string, User>> = {
  dev: { username: "dev", groups: ["viewers"] },
  ops: { username: "dev", groups: ["ops"] },
  admin: { username: "ann", groups: ["viewers", "system:masters"] },
  unnamed: { username: "", groups: ["viewers"] },
};

export function contentOf(word = ""): User {
  const content = contents[word];
  if (content === undefined) {
    throw new Error(`there is no content ${JSON.stringify(word)}`);
  }
  return content;
}

/** The entries in the text of a list. */
export const blocksOf = (text = "") => text.split(/^(?=- )/m).filter((block) => block.startsWith("- "));

/** What outsiders do to one role or user. In the map, the gap before the ARN tells their entries apart. */
export class Outsiders {
  /** The ARNs of the access entries that they made. */
  readonly made = new Set<string>();
  readonly #world: World;
  readonly #arn: string;
  #marks = 0;

  constructor(world: World, arn: string) {
    this.#world = world;
    this.#arn = arn;
  }

  /** Does what a step such as `append roles ops upper` or `noEntry` says. */
  act(step: string): void {
    const [verb = "", word = "", ...words] = step.split(" ");
    const act = this.#acts[verb];
    if (act === undefined) {
      throw new Error(`there is no step ${JSON.stringify(step)}`);
    }
    act(word, words);
  }

  readonly #acts: Readonly<Record<string, (word: string, words: readonly string[]) => void>> = {
    append: (list, words) => this.#rewrite(list, (blocks) => [...blocks, this.#block(list, words)]),
    prepend: (list, words) => this.#rewrite(list, (blocks) => [this.#block(list, words), ...blocks]),
    remove: (list) => this.#rewrite(list, (blocks, [first]) => blocks.filter((each) => each !== first)),
    edit: (list, words) =>
      this.#rewrite(list, (blocks, own) =>
        blocks.map((each) => (each === own.at(-1) ? this.#block(list, words, /arn:( +)/.exec(each)?.[1]) : each)),
      ),
    // A file without the annotation.
    replace: () => {
      const [keeper = ""] = blocksOf(this.#world.data["mapRoles"]).filter((block) => block.includes("# keep"));
      this.#world.data = { mapRoles: keeper };
      this.#world.dropClaims("map");
    },
    unclaim: () => this.#world.dropClaims("map"),
    account: () => this.#world.edit((text) => (text === "[]\n" ? `- "${account}"\n` : "[]\n"), "mapAccounts"),
    // Another tool replaces an entry.
    entry: (content, words) => {
      const principal = this.#world.principalAt(this.#arn);
      const [claim] = words.includes("tagged") ? this.#world.claimsIn("entries").slice(-1) : [];
      if (this.#world.mode !== "CONFIG_MAP" && principal !== undefined) {
        this.#delete();
        const tags = { team: "x", ...(claim !== undefined && { [claimTag]: claim }) };
        this.#world.store({ type: "STANDARD", ...entryOf(contentOf(content), principal.arn), tags });
        this.made.add(principal.arn);
      }
    },
    editEntry: (content) => this.#change(({ principalArn }) => entryOf(contentOf(content), principalArn)),
    untag: () => this.#change(() => ({ tags: {} })),
    policy: () =>
      this.#change(({ policies }) => ({
        policies: [...policies.filter((policy) => !isView(policy)), viewPolicy("team-a")],
      })),
    noEntry: () => this.#delete(),
    role: () => this.#world.recreate(this.#arn),
    noRole: () => this.#world.recreate(this.#arn, true),
    moveRole: () => this.#world.recreate(this.#arn.replace(":role/", ":role/team/")),
    iam: () => {
      this.#world.hidesIam = !this.#world.hidesIam;
    },
    // A cluster never goes back to an earlier mode.
    mode: () => {
      this.#world.mode = modes[modes.indexOf(this.#world.mode) + 1] ?? this.#world.mode;
    },
  };

  #delete(): void {
    for (const { principalArn } of entriesOf(this.#world, this.#arn)) {
      this.#world.entries.delete(principalArn);
      this.made.delete(principalArn);
    }
  }

  #change(edit: (entry: ReturnType<typeof entriesOf>[number]) => Partial<ReturnType<typeof entriesOf>[number]>): void {
    for (const entry of entriesOf(this.#world, this.#arn)) {
      this.#world.store({ ...entry, ...edit(entry) });
    }
  }

  #rewrite(list: string, edit: (blocks: readonly string[], own: readonly string[]) => readonly string[]): void {
    const isOwn = (block: string) => block.toLowerCase().includes(this.#arn);
    const change = (blocks: readonly string[]) => edit(blocks, blocks.filter(isOwn)).join("") || "[]\n";
    this.#world.edit((text) => change(blocksOf(text)), list === "users" ? "mapUsers" : "mapRoles");
  }

  #block(list: string, [content, spelling]: readonly string[], gap = " ".repeat(++this.#marks + 1)): string {
    const { username, groups } = contentOf(content);
    const arn = spelling === "upper" ? this.#arn.replace("dev", "DEV") : this.#arn;
    const [, field] = list === "users" ? lists.users : lists.roles;
    return `- ${field}:${gap}${arn}\n  username: "${username}"\n  groups: ${JSON.stringify(groups)}\n`;
  }
}
