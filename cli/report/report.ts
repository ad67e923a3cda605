/** A report on clusters, which each format shows in its own way. */
export interface Report {
  readonly title: string;
  /** In ISO 8601; absent where a report has no time. */
  readonly createdAt?: string;
  readonly figures?: readonly Figure[];
  /** What has changed since an earlier report. */
  readonly changes?: List;
  /** One for each cluster. */
  readonly sections: readonly Section[];
  /** The clusters that could not be read; absent without any. */
  readonly unread?: List;
}

/** A count: `16 findings (3 high, 4 medium, 9 low)`. */
export interface Figure {
  readonly count: number;
  readonly noun: string;
  readonly more?: string;
}

/** What is known of a cluster. */
export interface Section {
  readonly title: string;
  readonly figures?: readonly Figure[];
  /** The answer, and sentences below it. */
  readonly verdict?: string;
  readonly lead?: readonly string[];
  readonly notes: readonly string[];
  readonly table: Table;
  readonly lists?: readonly List[];
}

/** Items under a title. */
export interface List {
  readonly title: string;
  readonly items: readonly Item[];
}

/** An item of a list: `new: arn:aws:iam::111122223333:role/dev in prod; gains view everywhere`. */
export interface Item {
  readonly tag?: Tag;
  /** A name, which is set as code. */
  readonly code?: string;
  readonly text?: string;
  readonly clauses?: readonly string[];
}

/** A word, and how good the news is: its colour says nothing that the word does not. */
export interface Tag {
  readonly text: string;
  readonly tone: "good" | "quiet" | "warn" | "bad";
}

/** Rows, each with a tag and a cell for every column. */
export interface Table {
  /** The title of the tags; absent where no row has one. */
  readonly tagTitle?: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** A sentence in place of no rows. */
  readonly empty?: string;
  /** Whether its cells are too long for the columns of a terminal, which shows a block for each row. */
  readonly isLong?: true;
}

/** A column. */
export interface Column {
  readonly title: string;
  /** What separates its items in a terminal; by default a comma and a space. */
  readonly separator?: string;
  /** Whether its items are sentences, each on a line of its own. */
  readonly hasSentences?: true;
}

/** A row. */
export interface Row {
  readonly tag?: Tag | undefined;
  /** The items of each cell. */
  readonly cells: readonly (readonly Cell[])[];
  /** The filters of a page that show it, each by its title and a word of our own. */
  readonly marks?: readonly (readonly [filter: string, mark: string])[];
}

/** An item of a cell. */
export interface Cell {
  readonly text: string;
  readonly isCode?: true;
  readonly tag?: Tag;
  /** What a terminal shows in its place. */
  readonly short?: string;
  /** What a page has room for besides. */
  readonly detail?: string;
  readonly badge?: Tag;
}

/** Figures in a sentence. */
export function figureText(figures: readonly Figure[]): string {
  return figures.map(({ count, noun, more }) => `${count} ${noun}${more === undefined ? "" : ` (${more})`}`).join(", ");
}

/** An item in a line, in which a format sets text and names in its own way. */
export function itemText({ tag, code, text, clauses = [] }: Item, set = (said: string) => said, setName = set): string {
  const name = [code && setName(code), text && set(text)].filter((part) => part !== undefined).join(" ");
  const line = [...(name === "" ? [] : [name]), ...clauses.map((clause) => set(clause))].join("; ");
  return `${tag === undefined ? "" : `${set(tag.text)}: `}${line}`;
}

/** A list of clusters that could not be read; nothing without any. */
export function unreadList(
  unread: readonly { readonly name: string; readonly message: string }[],
): Pick<Report, "unread"> {
  const items = unread.map(({ name, message }): Item => ({ tag: { text: name, tone: "bad" }, text: message }));
  return items.length === 0 ? {} : { unread: { title: "Not read", items } };
}
