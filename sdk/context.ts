import * as pulumi from "@pulumi/pulumi";
import { writeContext } from "../provider/lifecycle/context";
import { secretsAmong } from "./secrets";

/**
 * The context to pass to `check` with a mapping: a string, or a promise if part of it is one. Not an output, which could make the
 * mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  inputs: object,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const secrets = secretsAmong(inputs);
  const write = (urn: string, secrets: readonly string[]) => writeContext({ urn, ignoreChanges, isPreview, secrets });
  return typeof urn === "string" && secrets === undefined
    ? write(urn, [])
    : Promise.all([urn, secrets ?? []]).then((known) => write(...known));
}
