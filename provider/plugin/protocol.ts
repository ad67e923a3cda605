import type { dynamic } from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { Properties } from "../lifecycle/state";
import { loadFromSdk } from "../pulumi/packages";
import { printable } from "../text/text";

export function messages(): typeof provider {
  return loadFromSdk("@pulumi/pulumi/proto/provider_pb");
}

export function empty(): { serializeBinary(): Uint8Array } {
  const { Empty } = loadFromSdk("google-protobuf/google/protobuf/empty_pb");
  return new Empty();
}

/**
 * Converts problems to check failures. The engine prints the value of a named property even if it is secret, so the
 * failure of a secret property specifies none.
 *
 * @param secrets the secret properties of the request, such as `arn` and `cluster.kubeconfig`.
 */
export function failures(
  problems: readonly dynamic.CheckFailure[],
  secrets: readonly string[],
): provider.CheckFailure[] {
  const { CheckFailure } = messages();
  const isSecret = (name: string) => secrets.some((path) => path === name || path.startsWith(`${name}.`));
  return problems.map(({ property, reason }) =>
    new CheckFailure().setProperty(isSecret(property) ? "" : property).setReason(printable(reason)),
  );
}

export class PluginRun {
  /** The outputs in the state of the resources that were compared, by URN. If one is created next, it is being replaced. */
  readonly compared = new Map<string, Properties>();
  /** The cluster and the place of imported mappings, by URN. The engine checks them next, without their outputs. */
  readonly imported = new Map<string, Properties>();
  /** The reports of each check, by URN, to print only in a preview. Only the requests after the check show whether it is one. */
  readonly previews = new Map<string, () => Promise<void>>();
  /** The URNs of resources whose check had their state. */
  readonly checked = new Set<string>();
}
