import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { repository } from "../engine/testProject.ts";
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

/** The ConfigMaps of kube-system. */
export const configMaps = "/api/v1/namespaces/kube-system/configmaps";

/** kube-system/aws-auth of a test's cluster, as somebody else than the provider reads and writes it. */
export class AwsAuthMap {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** The ConfigMap; undefined: there is none. */
  async read(): Promise<ConfigMap | undefined> {
    const { status, body } = await this.#cluster.request("GET", `${configMaps}/aws-auth`);
    return status === 404 ? undefined : (body as ConfigMap);
  }

  /** Its data. */
  async data(): Promise<Readonly<Record<string, string>>> {
    return (await this.read())?.data ?? {};
  }

  /** Starts over: the ConfigMap holds this data and nothing else, or is gone. */
  async reset(data: Readonly<Record<string, string>> | undefined, metadata: object = {}): Promise<void> {
    await this.#cluster.request("DELETE", `${configMaps}/aws-auth`);
    if (data !== undefined) {
      await this.#cluster.create(configMaps, { metadata: { name: "aws-auth", ...metadata }, data });
    }
  }

  /** Changes keys, whatever else happens to the ConfigMap meanwhile. */
  async patch(data: Readonly<Record<string, string>>): Promise<void> {
    const { status, body } = await this.#cluster.request("PATCH", `${configMaps}/aws-auth`, { data });
    if (status !== 200) {
      throw new Error(`PATCH aws-auth: ${status} ${JSON.stringify(body)}`);
    }
  }

  /** Adds an entry the way eksctl does: reads the whole map and writes it back, unless it has changed meanwhile; then once more. */
  async appendRole(arn: string): Promise<void> {
    for (let status = 0; status !== 200; ) {
      const map = await this.read();
      const mapRoles = `${map?.data?.["mapRoles"] ?? ""}- rolearn: ${arn}\n  username: foreign\n`;
      const changed = { ...map, data: { ...map?.data, mapRoles } };
      ({ status } = await this.#cluster.request("PUT", `${configMaps}/aws-auth`, changed));
    }
  }
}

/** A rule of a Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A Role or RoleBinding that docs/permissions.md prints. */
export interface DocumentedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
}

/** What docs/permissions.md tells users to apply, so that it is what the tests run under. */
export function documentedObjects(): readonly DocumentedObject[] {
  const page = readFileSync(join(repository, "docs", "permissions.md"), "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  return blocks.flatMap((text) => parseAllDocuments(text).map((document): DocumentedObject => document.toJS()));
}

function documentedRules(role: string): readonly Rule[] {
  const found = documentedObjects().find(({ kind, metadata }) => kind === "Role" && metadata.name === role);
  if (found?.rules === undefined || found.metadata.namespace !== "kube-system") {
    throw new Error(`docs/permissions.md has no Role ${role} in kube-system`);
  }
  return found.rules;
}

/** The smallest Role that writing takes: the documentation's, word for word. */
export const writerRules = documentedRules("aws-auth-writer");

/** The smallest Role that reading takes. */
export const readerRules = documentedRules("aws-auth-reader");

/** The API of Roles and bindings. */
export const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** A role or a subject of a binding. */
export const rbacRef = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

/** Lets a user of the test's cluster do what the rules say in kube-system. */
export async function grant(cluster: TestCluster, user: string, rules: readonly object[]): Promise<void> {
  const metadata = { name: `granted-to-${user}` };
  const binding = { roleRef: rbacRef("Role", metadata.name), subjects: [rbacRef("User", user)] };
  await cluster.create(`${rbac}/namespaces/kube-system/roles`, { metadata, rules });
  await cluster.create(`${rbac}/namespaces/kube-system/rolebindings`, { metadata, ...binding });
}
