import * as pulumi from "@pulumi/pulumi";
import { writeContext } from "../provider/lifecycle/context";
import { printable } from "../provider/printable";
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
  name: string,
  inputs: { readonly cluster?: Cluster } & SecretInputs,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const label = labelOf(name);
  const ahead = clustersAhead(inputs.cluster);
  const others = headStart(inputs);
  const hidden = secretsAmong(inputs);
  if (typeof urn === "string" && ahead === undefined && others === undefined && hidden === undefined) {
    return writeContext({ urn, label, ignoreChanges, isPreview, secrets: [], clustersAhead: undefined });
  }
  return Promise.all([urn, ahead, others, hidden]).then(([urn, clustersAhead, , secrets = []]) =>
    writeContext({ urn, label, ignoreChanges, isPreview, secrets, clustersAhead }),
  );
}

/** Names a resource in the record of claims on the map: its stack, which `aws-auth:owner` may call otherwise, and its name. */
function labelOf(name: string): string {
  return printable(`${pulumi.runtime.getConfig("aws-auth:owner") || fullStackName()} ${name}`);
}

function fullStackName(): string {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return `${pulumi.getOrganization()}/${stack}`;
  } catch {
    // Unit tests with mocks have no organization.
    return stack;
  }
}
