import type { Caller } from "../../mapping";
import { Deadline, type Limits } from "./backoff";
import type { ApiConnection } from "./connection";
import { sendRequest } from "./sendRequest";

/**
 * Asks the API server who it takes us for: a SelfSubjectReview, which every authenticated user may make. Never throws, since nothing
 * that a run does may depend on it: API servers before 1.28 do not know the question.
 *
 * @returns undefined where the answer names no IAM identity, as for a certificate or a service account.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
 */
export async function readCaller(connection: ApiConnection, limits: Limits): Promise<Caller | undefined> {
  const deadline = new Deadline(limits.readTry, limits.firstPause);
  try {
    const endpoint = await connection.endpoint(deadline.signal());
    const url = new URL(endpoint.pathname.replace(/\/+$/, "") + path, endpoint);
    const request = { method: "POST", url, contentType: "application/json", body } as const;
    const sendAs = async (renew: boolean) =>
      sendRequest(request, await connection.authorize(renew, deadline.signal()), deadline.signal());
    const first = await sendAs(false);
    const response = first.status === 401 ? await sendAs(true) : first;
    return response.status < 300 ? callerIn(JSON.parse(response.body)) : undefined;
  } catch {
    return undefined;
  }
}

const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });

function callerIn({ status }: SelfSubjectReview): Caller | undefined {
  const { username, extra } = status?.userInfo ?? {};
  // The authenticator's own names; `canonicalArn` is the one that it compares with aws-auth.
  const arn = (extra?.["canonicalArn"] ?? extra?.["arn"])?.[0];
  return typeof arn === "string" && typeof username === "string" ? { arn, username } : undefined;
}

/** The part of the answer that is looked at. */
interface SelfSubjectReview {
  readonly status?: {
    readonly userInfo?: {
      readonly username?: unknown;
      readonly extra?: Readonly<Record<string, readonly unknown[] | undefined>>;
    };
  };
}
