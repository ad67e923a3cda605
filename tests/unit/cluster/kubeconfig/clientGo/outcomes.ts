import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Row } from "./row.ts";

/** What became of a row: an error, or the first request. Paths begin with DIR. */
export interface Outcome {
  readonly error?: string;
  readonly server?: string;
  readonly namespace?: string;
  readonly proxy?: string;
  readonly tls?: {
    readonly insecure?: true;
    readonly serverName?: string;
    readonly hasCa?: true;
    /** The common name of the client's certificate. */
    readonly client?: string;
  };
  /** With names in lower case. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  /** KUBERNETES_EXEC_INFO, and the arguments, of each run of the plugin. */
  readonly plugin?: readonly { readonly info: unknown; readonly args: string }[];
}

/** How a row is asked for. */
interface Question {
  /** The list in KUBECONFIG. */
  readonly kubeconfig: string;
  /** The file that is named in its place, or empty. */
  readonly explicit: string;
  /** The context that is named, or empty. */
  readonly context: string;
}

/** Writes the files of a row. */
export function writeRow({ files, kubeconfig = ["config"], explicit, context = "" }: Row, directory: string): Question {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content.replaceAll("DIR", directory));
    chmodSync(file, 0o755);
  }
  return {
    kubeconfig: kubeconfig.map((name) => join(directory, name)).join(delimiter),
    explicit: explicit === undefined ? "" : join(directory, explicit),
    context,
  };
}

/** An outcome as it is compared, with what the plugin wrote down. */
export function outcomeOf(raw: Omit<Outcome, "plugin">, row: Row, directory: string): Outcome {
  const { error, server, tls = {}, headers = {}, ...rest } = raw;
  const runs = Object.keys(row.files)
    .map((name) => join(directory, dirname(name), "ran"))
    .filter((file, index, all) => existsSync(file) && all.indexOf(file) === index)
    .flatMap((file) => runsIn(readFileSync(file, "utf8")));
  const outcome = {
    ...rest,
    // Some of client-go's repeat the whole list.
    ...(error === undefined ? { headers: normalHeaders(headers) } : { error: error.slice(0, 150) }),
    ...(server === undefined ? {} : { server: new URL(server).href }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...(runs.length === 0 ? {} : { plugin: runs }),
  };
  return JSON.parse(JSON.stringify(outcome).replaceAll(directory, "DIR"));
}

function runsIn(text: string): NonNullable<Outcome["plugin"]> {
  const lines = text.trimEnd().split("\n");
  return lines.flatMap((info, index) =>
    index % 2 === 0 ? [{ info: JSON.parse(info), args: lines[index + 1]?.trim() ?? "" }] : [],
  );
}

function normalHeaders(headers: NonNullable<Outcome["headers"]>): NonNullable<Outcome["headers"]> {
  const entries = Object.entries(headers).map(
    ([name, values]) => [decodeURIComponent(name).toLowerCase(), values] as const,
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)));
}
