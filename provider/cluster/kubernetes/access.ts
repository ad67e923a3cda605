import { AwsAuthError } from "../../errors";
import type { Caller } from "../../mapping";
import { parseRbac, type RbacList, type RbacObjects, rbacLists } from "../../rbac";
import { type Fields, fieldsOf, jsonFields, textsOf } from "../../text/fields";
import { type ApiConnection, askServer, Deadline, type Limits } from "../request";
import { getObject, readDeadline } from "./query";
import { isTransientStatus } from "./responses";

/**
 * Asks the API server for our identity with a SelfSubjectReview, which every authenticated user may create. Never throws, since API servers
 * before 1.28 do not support it.
 *
 * @returns undefined if the response contains no username.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review
 */
export async function readCaller(connection: ApiConnection, limits: Limits): Promise<Caller | undefined> {
  const { response } = await askWhoWeAre(connection, limits, false);
  return response === undefined || response.status >= 300 ? undefined : callerIn(jsonFields(response.body) ?? {});
}

/**
 * Asks the API server with new credentials whether it lets us in, since it may have kept what the last ones said.
 *
 * @throws AwsAuthError `clusterUnreachable` if it does not answer.
 */
export async function isLetIn(connection: ApiConnection, limits: Limits): Promise<boolean> {
  const { response, reason } = await askWhoWeAre(connection, limits, true);
  if (response === undefined || isTransientStatus(response.status)) {
    throw new AwsAuthError("clusterUnreachable", `${connection.label} does not say who this run is: ${reason}`);
  }
  return response.status !== 401 && response.status !== 403;
}

const request = {
  method: "POST",
  path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  contentType: "application/json",
  body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" }),
} as const;

/** Asks again where the API server does not answer, since what locks a run out depends on it. */
function askWhoWeAre(connection: ApiConnection, limits: Limits, isRenewed: boolean) {
  const deadline = new Deadline(limits.read, limits.firstPause);
  return deadline.retry(async () => {
    try {
      if (isRenewed) {
        await connection.authorize(true, deadline.signal());
      }
      const response = await askServer(connection, request, deadline, limits.readTry);
      const { status, retryAfter, body } = response;
      const isWhole = status >= 300 || jsonFields(body) !== undefined;
      return { response, retryAfter, reason: `it answered ${status}`, isFinal: !isTransientStatus(status) && isWhole };
    } catch (error) {
      return { response: undefined, reason: error instanceof Error ? error.message : String(error), isFinal: false };
    }
  });
}

function callerIn(review: Fields): Caller | undefined {
  const { username, groups, extra } = fieldsOf(fieldsOf(review["status"])["userInfo"]);
  // The keys are the authenticator's. It compares `canonicalArn` with aws-auth.
  const { canonicalArn, arn: ownArn } = fieldsOf(extra);
  const [arn]: readonly unknown[] = [canonicalArn ?? ownArn].flat();
  return typeof username === "string"
    ? { ...(typeof arn === "string" && { arn }), username, groups: textsOf(groups) }
    : undefined;
}

/** The RBAC objects of a cluster, or why they could not be read. */
export type ReadRbac =
  | { readonly objects: RbacObjects }
  /** A clause such as `listing roles returned 403; bind a ClusterRole that allows list on roles`, with the remedy. */
  | { readonly unread: string };

/** Objects per request. Large clusters have thousands of RoleBindings. */
const pageSize = 500;

/**
 * Lists RBAC objects of all namespaces, concurrently. Does not throw if the cluster refuses or does not respond, since no write depends
 * on the result.
 *
 * @param lists the lists to read; the others are empty.
 * @param limit objects per request.
 */
export async function readRbac(
  connection: ApiConnection,
  lists: readonly RbacList[] = rbacLists,
  limit = pageSize,
): Promise<ReadRbac> {
  const deadline = readDeadline();
  const read = await Promise.all(
    lists.map(async (list) => ({ list, ...(await readList(connection, list, limit, deadline)) })),
  );
  const failures = read.flatMap((found) => ("failure" in found ? [found] : []));
  if (failures.length > 0) {
    return { unread: describeFailures(failures, lists) };
  }
  const items = Object.fromEntries(read.map((found) => [found.list, "items" in found ? found.items : []]));
  return { objects: parseRbac({ clusterrolebindings: [], rolebindings: [], clusterroles: [], roles: [], ...items }) };
}

interface ListFailure {
  readonly list: RbacList;
  readonly status: number | undefined;
  readonly failure: string;
}

async function readList(
  connection: ApiConnection,
  list: RbacList,
  limit: number,
  deadline: Deadline,
): Promise<{ readonly items: readonly unknown[] } | Omit<ListFailure, "list">> {
  let items: readonly unknown[] = [];
  for (let next = ""; ; ) {
    const query = next === "" ? "" : `&continue=${encodeURIComponent(next)}`;
    const reply = await getObject(
      connection,
      `/apis/rbac.authorization.k8s.io/v1/${list}?limit=${limit}${query}`,
      deadline,
    );
    if (!("body" in reply)) {
      return reply;
    }
    const page = reply.body["items"];
    // Go writes an empty list as null.
    if (page !== null && !Array.isArray(page)) {
      return { status: undefined, failure: "got a response that is not a list" };
    }
    items = items.concat(page ?? []);
    const following = fieldsOf(reply.body["metadata"])["continue"];
    if (typeof following !== "string" || following === "") {
      return { items };
    }
    next = following;
  }
}

/** Reports failures of the same kind once. */
function describeFailures(failures: readonly ListFailure[], lists: readonly RbacList[]): string {
  const reasons = [...Map.groupBy(failures, ({ failure }) => failure)].map(([reason, alike]) => {
    return `listing ${enumerate(alike.map(({ list }) => list))} ${reason}`;
  });
  const isForbidden = failures.some(({ status }) => status === 403);
  const remedy = `bind a ClusterRole that allows list on ${enumerate(lists)} (rbac.authorization.k8s.io) in all namespaces`;
  return [...reasons, ...(isForbidden ? [remedy] : [])].join("; ");
}

function enumerate(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
