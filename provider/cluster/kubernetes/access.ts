import type { Caller } from "../../mapping";
import { type ApiConnection, type ApiResponse, Deadline, defaultLimits, type Limits, sendRequest } from "./request";

/**
 * Asks the API server for our identity with a SelfSubjectReview, which every authenticated user may create. Never throws, since no
 * run depends on the result; API servers before 1.28 do not support it.
 *
 * @returns undefined if the response contains no IAM identity, as for a certificate or a service account.
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
  // The keys are the authenticator's. It compares `canonicalArn` with aws-auth.
  const arn = (extra?.["canonicalArn"] ?? extra?.["arn"])?.[0];
  return typeof arn === "string" && typeof username === "string" ? { arn, username } : undefined;
}

/** The part of the response that is used. */
interface SelfSubjectReview {
  readonly status?: {
    readonly userInfo?: {
      readonly username?: unknown;
      readonly extra?: Readonly<Record<string, readonly unknown[] | undefined>>;
    };
  };
}

/** The groups that have rights in a cluster, or why they could not be listed. */
export type BoundGroups =
  | { readonly groups: ReadonlySet<string> }
  /** A clause such as `listing clusterrolebindings returned 403`. */
  | { readonly unread: string };

/** Bindings per request. Large clusters have thousands of RoleBindings. */
const pageSize = 500;

const collections = ["clusterrolebindings", "rolebindings"] as const;

/**
 * Lists the groups in ClusterRoleBindings and RoleBindings. Needs permission to list both in all namespaces; otherwise the result
 * covers no group at all.
 */
export async function readBoundGroups(connection: ApiConnection): Promise<BoundGroups> {
  const deadline = new Deadline(defaultLimits.read, defaultLimits.firstPause);
  const groups = new Set<string>();
  for (const collection of collections) {
    let next = "";
    do {
      const response = await getPage(connection, collection, next, deadline);
      if (response.status !== 200) {
        return { unread: `listing ${collection} returned ${response.status}` };
      }
      const page = pageIn(response);
      for (const group of page.groups) {
        groups.add(group);
      }
      next = page.next;
    } while (next !== "");
  }
  return { groups };
}

async function getPage(
  connection: ApiConnection,
  collection: (typeof collections)[number],
  next: string,
  deadline: Deadline,
): Promise<ApiResponse> {
  const endpoint = await connection.endpoint(deadline.signal());
  const path = `/apis/rbac.authorization.k8s.io/v1/${collection}?limit=${pageSize}`;
  const query = next === "" ? "" : `&continue=${encodeURIComponent(next)}`;
  const url = new URL(endpoint.pathname.replace(/\/+$/, "") + path + query, endpoint);
  return sendRequest({ method: "GET", url }, await connection.authorize(false, deadline.signal()), deadline.signal());
}

function pageIn({ body }: ApiResponse): { readonly groups: readonly string[]; readonly next: string } {
  const list: BindingList = JSON.parse(body);
  const subjects = (list.items ?? []).flatMap((binding) => binding.subjects ?? []);
  return {
    groups: subjects.flatMap(({ kind, name }) => (kind === "Group" && typeof name === "string" ? [name] : [])),
    next: list.metadata?.continue ?? "",
  };
}

/** The part of an RBAC list that is used. */
interface BindingList {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly {
    readonly subjects?: readonly { readonly kind?: string; readonly name?: unknown }[] | null;
  }[];
}
