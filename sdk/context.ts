import * as pulumi from "@pulumi/pulumi";
import { writeContext } from "../provider/lifecycle/context";
import { stemOf } from "../provider/ownership/claim";
import { printable } from "../provider/text/text";
import { secretsAmong } from "./secrets";

/**
 * The context to pass to `check` with a mapping: a string, or a promise if part of it is one. Not an output, which could make the
 * mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  name: string,
  inputs: object,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const organization = organizationName();
  const stack = [organization ?? [], pulumi.getProject(), pulumi.getStack()].flat().join("/");
  const label = printable(`${pulumi.runtime.getConfig("aws-auth:owner") || stack} ${name}`);
  const secrets = secretsAmong(inputs);
  const write = (urn: string, secrets: readonly string[]) =>
    writeContext({ urn, label, stem: stemOf(organization, urn), ignoreChanges, isPreview, secrets });
  return typeof urn === "string" && secrets === undefined
    ? write(urn, [])
    : Promise.all([urn, secrets ?? []]).then((known) => write(...known));
}

function organizationName(): string | undefined {
  try {
    return pulumi.getOrganization();
  } catch {
    // Unit tests with mocks lack an organization.
    return undefined;
  }
}
