import * as pulumi from "@pulumi/pulumi";
import { describeUnknownKey } from "../provider/text/fields";
import { printableLines } from "../provider/text/text";

/** An error that the user can fix. Pulumi prints it without a stack trace, and ends the program. */
export function userError(message: string): pulumi.RunError {
  return new pulumi.RunError(printableLines(message));
}

/**
 * Rejects missing and misspelt arguments, which no compiler reports in a JavaScript program.
 *
 * @param allowed all arguments of a component; undefined if the engine's check reports unknown ones.
 */
export function checkArgs(type: string, name: string, args: unknown, allowed?: readonly string[]): void {
  if (typeof args !== "object" || args === null) {
    throw userError(
      `${type} "${name}" has no arguments; pass them as the second argument: new ${type}("${name}", { ... })`,
    );
  }
  for (const [key, value] of Object.entries(args)) {
    if (value !== undefined && allowed?.includes(key) === false) {
      throw userError(`${type} "${name}": ${describeUnknownKey(key, allowed)}`);
    }
  }
}

/** Shows a warning under a resource, or under the stack. */
export function showWarning(message: string, resource?: pulumi.Resource): Promise<void> {
  return pulumi.log.warn(printableLines(message), resource);
}
