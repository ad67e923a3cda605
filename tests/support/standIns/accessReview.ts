import type { TestCluster } from "../cluster/startCluster.ts";

/** A verb on a resource. */
export interface Attempt {
  readonly verb: string;
  readonly group?: string;
  /** Resource in the plural; a subresource after a slash. */
  readonly resource: string;
  /** Undefined: in all namespaces, or cluster-scoped. */
  readonly namespace?: string | undefined;
}

/** Whether the real API server allows it to a user, by a SubjectAccessReview. */
export async function isAllowed(cluster: TestCluster, user: string, attempt: Attempt): Promise<boolean> {
  const [resource, subresource] = attempt.resource.split("/");
  const { verb, group = "", namespace } = attempt;
  const resourceAttributes = { verb, group, resource, subresource, namespace };
  const { status, body } = await cluster.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user, resourceAttributes },
  });
  if (status !== 201 || !isReview(body)) {
    throw new Error(`the API server returned ${status}: ${JSON.stringify(body)}`);
  }
  return body.status.allowed;
}

function isReview(body: unknown): body is { status: { allowed: boolean } } {
  return typeof body === "object" && body !== null && "status" in body;
}
