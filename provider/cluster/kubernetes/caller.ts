import { ignoreUserErrors } from "../../errors";
import type { Caller } from "../../mapping";
import { fieldsOf, jsonFields, textsOf } from "../../text/fields";
import { type ApiConnection, type Limits, send } from "../http";

/**
 * Asks the API server for the identity of this run with a SelfSubjectReview, which every authenticated user may create. Never throws, since
 * API servers before 1.28 do not support it.
 *
 * @returns undefined if the response contains no username.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
 */
export async function readCaller(connection: ApiConnection, limits: Limits): Promise<Caller | undefined> {
  const response = await ignoreUserErrors(() =>
    send(
      connection,
      {
        method: "POST",
        isQuestion: true,
        path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        contentType: "application/json",
        body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }),
      },
      limits,
    ),
  );
  if (response === undefined || response.status >= 300) {
    return undefined;
  }
  const { username, groups, extra } = fieldsOf(fieldsOf(jsonFields(response.body)?.["status"])["userInfo"]);
  // The keys are the authenticator's. It compares `canonicalArn` with aws-auth.
  const { canonicalArn, arn: ownArn } = fieldsOf(extra);
  const [arn]: readonly unknown[] = [canonicalArn ?? ownArn].flat();
  return typeof username === "string"
    ? { ...(typeof arn === "string" && { arn }), username, groups: textsOf(groups) }
    : undefined;
}
