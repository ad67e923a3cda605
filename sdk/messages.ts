import * as pulumi from "@pulumi/pulumi";
import { layOut } from "../provider/text/layout";

/** An error that the user can fix: Pulumi prints it without a stack, and ends the program. */
export function userError(message: string): pulumi.RunError {
  return new pulumi.RunError(layOut(message));
}

/** Rejects missing arguments, which only JavaScript programs can omit. */
export function checkArgs(type: string, name: string, args: unknown): void {
  if (typeof args !== "object" || args === null) {
    throw userError(
      `${type} "${name}" has no arguments; pass them as the second parameter: new ${type}("${name}", { ... })`,
    );
  }
}

/** Shows a warning under a resource, or under the stack. */
export function warn(message: string, resource?: pulumi.Resource): Promise<void> {
  return pulumi.log.warn(layOut(message), resource);
}
