import * as pulumi from "@pulumi/pulumi";
import type { ResourceContext } from "../provider/lifecycle/context";
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
  // One string, since each field of an object would cost as much time as another input.
  const write = (urn: string, secrets: readonly string[]) =>
    JSON.stringify({ urn, ignoreChanges, isPreview, secrets } satisfies ResourceContext);
  return typeof urn === "string" && secrets === undefined
    ? write(urn, [])
    : Promise.all([urn, secrets ?? []]).then((known) => write(...known));
}
