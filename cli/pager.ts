import { spawn } from "node:child_process";

/** A program that shows a text page by page. */
export interface Pager {
  readonly command: string;
  /** Whether the user gave the command, in a shell's words. */
  readonly isShell: boolean;
}

/**
 * The pager for a text, by the conventions of git: PAGER, else less. None for a text that fits on the screen, outside of a terminal,
 * and where PAGER is empty or `cat`.
 *
 * @param rows height of the screen; undefined where the output does not go to one.
 */
export function pagerFor(
  text: string,
  rows: number | undefined,
  { PAGER: given, TERM: term }: Readonly<Record<string, string | undefined>>,
): Pager | undefined {
  // The prompt of the shell takes the last line.
  const isLong = rows !== undefined && text.split("\n").length > rows;
  if (!isLong || term === "dumb" || given === "" || given === "cat") return undefined;
  return given === undefined ? { command: "less", isShell: false } : { command: given, isShell: true };
}

/**
 * Shows a text in a pager, and waits until the user has seen enough.
 *
 * @returns false where there is no such program, so that nothing was shown.
 */
export function showIn({ command, isShell }: Pager, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const pager = spawn(command, {
      shell: isShell,
      stdio: ["pipe", "inherit", "inherit"],
      // As git does: quit on one screen, keep colours, leave the text on the screen.
      env: { LESS: "FRX", ...process.env },
    });
    // Ctrl-C is the pager's, which would be left behind without a parent.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    pager.on("close", () => process.off("SIGINT", ignore));
    // What is left when the user ends the pager is of no interest any more.
    pager.stdin.on("error", () => undefined);
    pager.on("error", () => resolve(false));
    // 127 is how a shell says that it found no such program.
    pager.on("close", (code) => resolve(code !== 127));
    pager.stdin.end(text);
  });
}
