import { pagerFor, showIn } from "./pager";

/** Where a command's output goes. */
export interface Terminal {
  /** Writes to stdout: the answer, and nothing else. */
  out(text: string): void;
  /** Writes to stderr: errors and warnings. */
  err(text: string): void;
  /** Columns to wrap sentences at; undefined where the output is not read by a person, and each stays on its line. */
  readonly width: number | undefined;
  /** Whether stdout shows colours. */
  readonly hasColour: boolean;
  /** Says that the user wants no pager, however long the answer is. */
  disablePager(): void;
}

/** The terminal of a process, which keeps the answer until all of it is there. */
export interface ProcessTerminal extends Terminal {
  /** Writes the answer, through the user's pager where it is longer than the screen. */
  flush(): Promise<void>;
}

/** The process's own streams. A reader that stops reading, such as `head`, ends the process quietly. */
export function processTerminal(): ProcessTerminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  }
  const { isTTY, columns, rows } = process.stdout;
  const { NO_COLOR: noColour, TERM: term } = process.env;
  let answer = "";
  let isPagerWanted = true;
  return {
    out: (text) => {
      answer += text;
    },
    err: (text) => void process.stderr.write(text),
    width: isTTY ? Math.min(columns || 80, 100) : undefined,
    hasColour: isTTY === true && !noColour && term !== "dumb",
    disablePager: () => {
      isPagerWanted = false;
    },
    flush: async () => {
      const pager = isPagerWanted ? pagerFor(answer, isTTY ? rows : undefined, process.env) : undefined;
      if (pager === undefined || !(await showIn(pager, answer))) process.stdout.write(answer);
    },
  };
}
