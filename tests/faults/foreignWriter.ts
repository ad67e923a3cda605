import type { ConfigMap } from "../support/cluster/awsAuth.ts";
import type { TestCluster } from "../support/cluster/startCluster.ts";
import { roleEntry } from "./entries.ts";

const path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/** Somebody else, who changes the ConfigMap the way eksctl does: reads all of it and writes it back, on condition that it is the same. */
export class ForeignWriter {
  readonly #cluster: TestCluster;
  /** The names of what was added, in order. */
  readonly added: string[] = [];

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Adds one entry, by default for a role of its own, and a data key of the same name, unless there is no ConfigMap. */
  async write(name = `foreign-${this.added.length + 1}`): Promise<void> {
    for (;;) {
      const { status, body } = await this.#cluster.request("GET", path);
      if (status === 404) {
        return;
      }
      const map = body as ConfigMap;
      const data = { ...map.data, mapRoles: (map.data?.["mapRoles"] ?? "") + roleEntry(name), [name]: "theirs" };
      if ((await this.#cluster.request("PUT", path, { ...map, data })).status === 200) {
        this.added.push(name);
        return;
      }
    }
  }
}
