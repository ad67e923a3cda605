import { createServer } from "node:https";
import { text as readText } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import type { TestCluster } from "./startCluster.ts";

/** A rule of a ValidatingAdmissionPolicy for all ConfigMaps. */
export interface PolicyRule {
  /** The CEL condition on `object`. */
  readonly expression: string;
  readonly message: string;
  /** The response of the API server: 422 for `Invalid`, the default, and 403 for `Forbidden`. */
  readonly reason?: "Invalid" | "Forbidden";
}

const group = "/apis/admissionregistration.k8s.io/v1";
const probed = "/api/v1/namespaces/kube-system/configmaps?dryRun=All";
const metadata = { name: "test-policy" };
const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }];

/** Removes the policy or webhook. */
export type Remove = () => Promise<void>;

/**
 * Creates a policy and waits until it is enforced.
 *
 * @param refused a ConfigMap that only this policy refuses: the API server needs a second to enforce it.
 */
export async function enforce(cluster: TestCluster, rule: PolicyRule, refused: object): Promise<Remove> {
  const spec = { matchConstraints: { resourceRules: rules }, validations: [rule] };
  const binding = { policyName: metadata.name, validationActions: ["Deny"] };
  return apply(cluster, refused, [
    ["validatingadmissionpolicies", { metadata, spec }],
    ["validatingadmissionpolicybindings", { metadata, spec: binding }],
  ]);
}

/** Creates a webhook that refuses every ConfigMap that contains a string; `refused` as for {@link enforce}. */
export async function enforceByWebhook(
  cluster: TestCluster,
  { text, message }: { readonly text: string; readonly message: string },
  refused: object,
): Promise<Remove> {
  const server = createServer(cluster.certificate, async (incoming, response) => {
    const { request } = JSON.parse(await readText(incoming));
    const allowed = !JSON.stringify(request.object).includes(text);
    const review = { uid: request.uid, allowed, ...(allowed ? {} : { status: { message } }) };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: review }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : undefined}/`;
  const clientConfig = { url, caBundle: cluster.caData };
  const webhook = {
    name: "guard.example.test",
    clientConfig,
    rules,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const lift = await apply(cluster, refused, [["validatingwebhookconfigurations", { metadata, webhooks: [webhook] }]]);
  return async () => {
    await lift();
    server.close();
    server.closeAllConnections();
  };
}

async function apply(
  cluster: TestCluster,
  refused: object,
  objects: readonly (readonly [collection: string, body: object])[],
): Promise<Remove> {
  for (const [collection, body] of objects) {
    await cluster.create(`${group}/${collection}`, body);
  }
  const isInForce = async () => (await cluster.request("POST", probed, refused)).status !== 201;
  await until(isInForce);
  return async () => {
    for (const [collection] of objects) {
      await cluster.request("DELETE", `${group}/${collection}/${metadata.name}`);
    }
    await until(async () => !(await isInForce()));
  };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    await setTimeout(50);
  }
}
