import { documentedRules } from "./permissions.ts";
import type { TestCluster } from "./startCluster.ts";

/** A ConfigMap as the API server gives it. */
export interface ConfigMap {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

const collection = "/api/v1/namespaces/kube-system/configmaps";

/** kube-system/aws-auth of a test's cluster, as somebody else than the provider reads and writes it. */
export class AwsAuthMap {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** The ConfigMap; undefined: there is none. */
  async read(): Promise<ConfigMap | undefined> {
    const { status, body } = await this.#cluster.request("GET", `${collection}/aws-auth`);
    return status === 404 ? undefined : (body as ConfigMap);
  }

  /** Its data. */
  async data(): Promise<Readonly<Record<string, string>>> {
    return (await this.read())?.data ?? {};
  }

  /** Starts over: the ConfigMap holds this data and nothing else, or is gone. */
  async reset(data: Readonly<Record<string, string>> | undefined, metadata: object = {}): Promise<void> {
    await this.#cluster.request("DELETE", `${collection}/aws-auth`);
    if (data !== undefined) {
      await this.#expect(201, "POST", collection, { metadata: { name: "aws-auth", ...metadata }, data });
    }
  }

  /** Changes one key, whatever else happens to the ConfigMap meanwhile. */
  async patch(data: Readonly<Record<string, string>>): Promise<void> {
    await this.#expect(200, "PATCH", `${collection}/aws-auth`, { data });
  }

  /** Adds an entry the way eksctl does: reads the whole map and writes it back, unless it has changed meanwhile; then once more. */
  async appendRole(arn: string): Promise<void> {
    for (;;) {
      const map = await this.read();
      const mapRoles = `${map?.data?.["mapRoles"] ?? ""}- rolearn: ${arn}\n  username: foreign\n`;
      const answer = await this.#cluster.request("PUT", `${collection}/aws-auth`, {
        ...map,
        data: { ...map?.data, mapRoles },
      });
      if (answer.status === 200) {
        return;
      }
    }
  }

  async #expect(expected: number, method: string, path: string, body: object): Promise<void> {
    const answer = await this.#cluster.request(method, path, body);
    if (answer.status !== expected) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
  }
}

/** The smallest Role that writing takes: the documentation's, word for word. */
export const writerRules = documentedRules("aws-auth-writer");

/** The smallest Role that reading takes. */
export const readerRules = documentedRules("aws-auth-reader");

/** Lets a user of the test's cluster do what the rules say in kube-system. */
export async function grant(cluster: TestCluster, user: string, rules: readonly object[]): Promise<void> {
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system";
  const metadata = { name: `aws-auth-${user}` };
  const role = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name };
  const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }];
  for (const [collection, body] of [
    ["roles", { metadata, rules }],
    ["rolebindings", { metadata, roleRef: role, subjects }],
  ] as const) {
    const { status } = await cluster.request("POST", `${rbac}/${collection}`, body);
    if (status !== 201) {
      throw new Error(`POST ${collection}: ${status}`);
    }
  }
}
