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

  /** Changes keys, whatever else happens to the ConfigMap meanwhile; null takes one out. */
  async patch(data: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#expect(200, "PATCH", `${collection}/aws-auth`, { data });
  }

  /** Changes annotations; null takes one away. */
  async annotate(annotations: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#expect(200, "PATCH", `${collection}/aws-auth`, { metadata: { annotations } });
  }

  /** Adds an entry the way eksctl does: reads the whole map and writes it back, unless it has changed meanwhile; then once more. */
  appendRole(arn: string): Promise<void> {
    return this.#rewriteRoles((mapRoles) => mapRoles + foreignEntry(arn));
  }

  /** Takes out again what {@link appendRole} added, which has to be there as it was. */
  removeRole(arn: string): Promise<void> {
    return this.#rewriteRoles((mapRoles) => {
      const [before, after, ...more] = mapRoles.split(foreignEntry(arn));
      if (before === undefined || after === undefined || more.length > 0) {
        throw new Error(`the foreign entry of ${arn} is not there once, as it was written:\n${mapRoles}`);
      }
      return before + after;
    });
  }

  async #rewriteRoles(edit: (mapRoles: string) => string): Promise<void> {
    for (;;) {
      const map = await this.read();
      const mapRoles = edit(map?.data?.["mapRoles"] ?? "");
      const response = await this.#cluster.request("PUT", `${collection}/aws-auth`, {
        ...map,
        data: { ...map?.data, mapRoles },
      });
      if (response.status === 200) {
        return;
      }
    }
  }

  async #expect(expected: number, method: string, path: string, body: object): Promise<void> {
    const response = await this.#cluster.request(method, path, body);
    if (response.status !== expected) {
      throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(response.body)}`);
    }
  }
}

function foreignEntry(arn: string): string {
  return `- rolearn: ${arn}\n  username: foreign\n`;
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
