import * as pulumi from "@pulumi/pulumi";
import { writeContext } from "../provider/lifecycle/context";
import type { Cluster } from "./cluster";
import { clustersAhead } from "./clustersAhead";
import { headStart } from "./headStart";
import { type SecretInputs, secretsAmong } from "./secretInputs";

/**
 * What goes along with a mapping for `check`: a text, or a promise where a part of it is one or where other mappings go first. It is
 * no output, which could make the mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  inputs: { readonly cluster?: Cluster } & SecretInputs,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const ahead = clustersAhead(inputs.cluster);
  const others = headStart(inputs);
  const hidden = secretsAmong(inputs);
  if (typeof urn === "string" && ahead === undefined && others === undefined && hidden === undefined) {
    return writeContext({ urn, ignoreChanges, isPreview, secrets: [], clustersAhead: undefined });
  }
  return Promise.all([urn, ahead, others, hidden]).then(([urn, clustersAhead, , secrets = []]) =>
    writeContext({ urn, ignoreChanges, isPreview, secrets, clustersAhead }),
  );
}
