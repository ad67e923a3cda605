import { setTimeout } from "node:timers/promises";
import type { TestCluster } from "./startCluster.ts";

/** What a ValidatingAdmissionPolicy says of every ConfigMap. */
export interface PolicyRule {
  /** In CEL, what must be true of `object`. */
  readonly expression: string;
  readonly message: string;
  /** What the API server answers with: 422 for `Invalid`, the default, and 403 for `Forbidden`. */
  readonly reason?: "Invalid" | "Forbidden";
}

const group = "/apis/admissionregistration.k8s.io/v1";
const probed = "/api/v1/namespaces/kube-system/configmaps?dryRun=All";

/**
 * Puts a policy in force.
 *
 * @param refused a ConfigMap that the policy refuses and others accept: the API server takes a second to obey.
 * @returns takes it out of force.
 */
export async function enforce(cluster: TestCluster, rule: PolicyRule, refused: object): Promise<() => Promise<void>> {
  const metadata = { name: "test-policy" };
  const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }];
  const spec = { matchConstraints: { resourceRules: rules }, validations: [rule] };
  const binding = { policyName: metadata.name, validationActions: ["Deny"] };
  const objects = [
    ["validatingadmissionpolicies", { metadata, spec }],
    ["validatingadmissionpolicybindings", { metadata, spec: binding }],
  ] as const;
  for (const [collection, body] of objects) {
    const { status, body: answer } = await cluster.request("POST", `${group}/${collection}`, body);
    if (status !== 201) throw new Error(`POST ${collection}: ${status} ${JSON.stringify(answer)}`);
  }
  const isInForce = async () => (await cluster.request("POST", probed, refused)).status !== 201;
  await until(isInForce);
  return async () => {
    for (const [collection] of objects) await cluster.request("DELETE", `${group}/${collection}/${metadata.name}`);
    await until(async () => !(await isInForce()));
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(50);
}
