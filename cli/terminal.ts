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
}

/** The process's own streams. A reader that stops reading, such as `head`, ends the process quietly. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit();
      throw error;
    });
  }
  const { isTTY, columns } = process.stdout;
  const { NO_COLOR: noColour, TERM: term } = process.env;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    width: isTTY ? Math.min(columns || 80, 100) : undefined,
    hasColour: isTTY === true && !noColour && term !== "dumb",
  };
}
