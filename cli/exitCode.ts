/**
 * How the commands end, for scripts.
 *
 * - `done`: what was asked for was found, and nothing is wrong with it
 * - `found`: the answer is no: nothing found, not mapped, faults found, a key that cannot be read
 * - `failed`: no answer: wrong usage, or a cluster that cannot be reached
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

/** One of the ways in which a command ends. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command with one sentence on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** What the process exits with. */
  readonly exitCode: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.exitCode = code;
  }
}
