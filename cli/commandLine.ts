/**
 * The exit codes of the commands.
 *
 * - `done`: the command found what was requested, and no problems
 * - `found`: a negative answer: nothing found, not mapped, problems found, an unreadable key, or what `--fail-on` names
 * - `failed`: no answer: a usage error, an unreachable cluster, or a question that cannot be decided
 */
export const exitCode = { done: 0, found: 1, failed: 2 } as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends a command with one sentence on stderr. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  /** The process's exit code. */
  readonly exitCode: ExitCode;

  constructor(code: ExitCode, message: string) {
    super(message);
    this.exitCode = code;
  }
}

/** A usage error. */
export function usageFailure(message: string): CommandFailure {
  return new CommandFailure(exitCode.failed, message);
}
