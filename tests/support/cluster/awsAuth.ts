import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { repository } from "../engine/testProject.ts";
import type { TestCluster } from "./startCluster.ts";

/** A ConfigMap in the format of the API server. */
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

/** kube-system/aws-auth of a test cluster, read and written by another client than the provider. */
export class AwsAuthMap {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** The ConfigMap; undefined if it does not exist. */
  async read(): Promise<ConfigMap | undefined> {
    const { status, body } = await this.#cluster.request("GET", `${configMaps}/aws-auth`);
    return status === 404 ? undefined : (body as ConfigMap);
  }

  async data(): Promise<Readonly<Record<string, string>>> {
    return (await this.read())?.data ?? {};
  }

  /** Replaces the ConfigMap by one with only this data, or deletes it. */
  async reset(data: Readonly<Record<string, string>> | undefined, metadata: object = {}): Promise<void> {
    await this.#cluster.request("DELETE", `${configMaps}/aws-auth`);
    if (data !== undefined) {
      await this.#cluster.create(`${configMaps}?fieldManager=kubectl-create`, {
        metadata: { name: "aws-auth", ...metadata },
        data,
      });
    }
  }

  /** Changes keys like `kubectl edit`, regardless of concurrent changes. */
  async patch(data: Readonly<Record<string, string>>): Promise<void> {
    const path = `${configMaps}/aws-auth?fieldManager=kubectl-edit`;
    const { status, body } = await this.#cluster.request("PATCH", path, { data });
    if (status !== 200) {
      throw new Error(`PATCH aws-auth: ${status} ${JSON.stringify(body)}`);
    }
  }

  /** Adds an entry like eksctl: reads the whole map and writes it back, and retries after a conflict. */
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

/** A Role or RoleBinding in docs/permissions.md. */
export interface DocumentedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
}

/** The objects that docs/permissions.md tells users to apply; the tests run with these permissions. */
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

/** The minimal Role for writing, as documented. */
export const writerRules = documentedRules("aws-auth-writer");

/** The minimal Role for reading, as documented. */
export const readerRules = documentedRules("aws-auth-reader");

/** The path of the RBAC API. */
export const rbac = "/apis/rbac.authorization.k8s.io/v1";

/** A roleRef or a subject of a binding. */
export const rbacRef = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

/** Grants the rules in kube-system to a user of the test cluster. */
export async function grant(cluster: TestCluster, user: string, rules: readonly object[]): Promise<void> {
  const metadata = { name: `granted-to-${user}` };
  const binding = { roleRef: rbacRef("Role", metadata.name), subjects: [rbacRef("User", user)] };
  await cluster.create(`${rbac}/namespaces/kube-system/roles`, { metadata, rules });
  await cluster.create(`${rbac}/namespaces/kube-system/rolebindings`, { metadata, ...binding });
}
