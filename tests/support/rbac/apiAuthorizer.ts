import { setTimeout } from "node:timers/promises";
import type { AccessRequest } from "../../../provider/rights/authorizer.ts";
import { rbac, rbacRef } from "../cluster/awsAuth.ts";
import type { TestCluster } from "../cluster/startCluster.ts";
import { label, namespaces, type World } from "./worlds.ts";

/** The number of concurrent requests. */
const concurrency = 16;

/** A user with all of its groups. */
export interface RequestUser {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The result of the API server's own authorizer. */
export interface ReviewResult {
  readonly allowed: boolean;
  /** The binding that allows it, in the authorizer's words. */
  readonly reason: string;
}

/** The API server's authorizer, for one set of RBAC objects after another. */
export class ApiAuthorizer {
  readonly #cluster: TestCluster;
  #worlds = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Replaces the RBAC objects, and waits until the authorizer has seen all of them. */
  async apply(world: World): Promise<void> {
    await this.clear();
    const create = (path: string, object: object) => this.#cluster.create(`${rbac}/${path}`, object);
    const sentinel = `sentinel-${++this.#worlds}`;
    await Promise.all([
      ...world.clusterRoles.map((role) => create("clusterroles", role)),
      ...world.clusterRoleBindings.map((binding) => create("clusterrolebindings", binding)),
      ...world.roles.map(([namespace, role]) => create(`namespaces/${namespace}/roles`, role)),
      ...world.roleBindings.map(([namespace, one]) => create(`namespaces/${namespace}/rolebindings`, one)),
    ]);
    // Each kind is watched in the order of its writes, so once the last object is visible, all are.
    const metadata = { name: sentinel, labels: label };
    const untilSeen = async (namespace: string, path: string, kind: string, verb: string) => {
      const rules = [{ verbs: [verb], apiGroups: [sentinel], resources: ["*"] }];
      await create(`${path}${kind.toLowerCase()}s`, { metadata, rules });
      const binding = { metadata, roleRef: rbacRef(kind, sentinel), subjects: [rbacRef("Group", sentinel)] };
      await create(`${path}${kind.toLowerCase()}bindings`, binding);
      const request = { verb, group: sentinel, resource: "x", subresource: "", name: "", namespace };
      while (!(await this.review({ user: "", groups: [sentinel] }, request)).allowed) {
        await setTimeout(10);
      }
    };
    await Promise.all([
      untilSeen("", "", "ClusterRole", "see"),
      untilSeen("default", "namespaces/default/", "Role", "look"),
    ]);
  }

  /** Removes the RBAC objects. */
  async clear(): Promise<void> {
    const [selector] = Object.entries(label).map((pair) => encodeURIComponent(pair.join("=")));
    const paths = [
      "clusterroles",
      "clusterrolebindings",
      ...namespaces.flatMap((name) => [`namespaces/${name}/roles`, `namespaces/${name}/rolebindings`]),
    ];
    await Promise.all(
      paths.map((path) => this.#cluster.request("DELETE", `${rbac}/${path}?labelSelector=${selector}`)),
    );
  }

  /** Sends a SubjectAccessReview. */
  async review({ user, groups }: RequestUser, request: AccessRequest): Promise<ReviewResult> {
    const attributes = "path" in request ? { nonResourceAttributes: request } : { resourceAttributes: request };
    const { status, body } = await this.#cluster.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      spec: { user, groups, ...attributes },
    });
    if (status !== 201 || !isReview(body)) {
      throw new Error(`the API server returned ${status}: ${JSON.stringify(body)}`);
    }
    return { allowed: body.status.allowed, reason: body.status.reason ?? "" };
  }
}

/** Processes all items, a few at a time. */
export async function forEachAtOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (const item of rest) {
        await act(item);
      }
    }),
  );
}

function isReview(body: unknown): body is { status: { allowed: boolean; reason?: string } } {
  return typeof body === "object" && body !== null && "status" in body;
}
