import { setTimeout } from "node:timers/promises";
import type { AccessRequest } from "../../../provider/rights/authorizer.ts";
import { rbac, rbacRef } from "../cluster/awsAuth.ts";
import type { TestCluster } from "../cluster/startCluster.ts";
import { label, namespaces, type World } from "./worlds.ts";

/** The number of concurrent requests. */
const atOnce = 16;

/** Somebody, with every group that the API server knows of him. */
export interface Asker {
  readonly user: string;
  readonly groups: readonly string[];
}

/** What the API server's own authorizer says. */
export interface Ruling {
  readonly allowed: boolean;
  /** By which binding, in its own words. */
  readonly reason: string;
}

/** The API server as the judge of who may do what, in one world after another. */
export class AccessJudge {
  readonly #cluster: TestCluster;
  #worlds = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Replaces the RBAC objects, and waits until the authorizer has seen all of them. */
  async enter(world: World): Promise<void> {
    await this.leave();
    const create = (path: string, object: object) => this.#cluster.create(`${rbac}/${path}`, object);
    const sentinel = `sentinel-${++this.#worlds}`;
    await Promise.all([
      ...world.clusterRoles.map((role) => create("clusterroles", role)),
      ...world.clusterRoleBindings.map((binding) => create("clusterrolebindings", binding)),
      ...world.roles.map(([namespace, role]) => create(`namespaces/${namespace}/roles`, role)),
      ...world.roleBindings.map(([namespace, one]) => create(`namespaces/${namespace}/rolebindings`, one)),
    ]);
    // Each kind is watched in the order of its writes, so that the last object of each shows that all are seen.
    const metadata = { name: sentinel, labels: label };
    const untilSeen = async (namespace: string, path: string, kind: string, verb: string) => {
      const rules = [{ verbs: [verb], apiGroups: [sentinel], resources: ["*"] }];
      await create(`${path}${kind.toLowerCase()}s`, { metadata, rules });
      const binding = { metadata, roleRef: rbacRef(kind, sentinel), subjects: [rbacRef("Group", sentinel)] };
      await create(`${path}${kind.toLowerCase()}bindings`, binding);
      const request = { verb, group: sentinel, resource: "x", subresource: "", name: "", namespace };
      while (!(await this.ask({ user: "", groups: [sentinel] }, request)).allowed) {
        await setTimeout(10);
      }
    };
    await Promise.all([
      untilSeen("", "", "ClusterRole", "see"),
      untilSeen("default", "namespaces/default/", "Role", "look"),
    ]);
  }

  /** Removes the world. */
  async leave(): Promise<void> {
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

  /** Asks with a SubjectAccessReview. */
  async ask({ user, groups }: Asker, request: AccessRequest): Promise<Ruling> {
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

/** Does something with every item, a few at a time. */
export async function forEachAtOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) {
        await act(item);
      }
    }),
  );
}

function isReview(body: unknown): body is { status: { allowed: boolean; reason?: string } } {
  return typeof body === "object" && body !== null && "status" in body;
}
