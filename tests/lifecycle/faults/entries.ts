import { expect } from "vitest";
import type { AwsAuthMap, ConfigMap } from "../../support/cluster/awsAuth.ts";
import type { TestCluster } from "../../support/cluster/startCluster.ts";
import { seasonedData } from "../../support/engine/manifest.ts";

const path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/** The entry of a role in terraform's style, as others write it. */
function foreignEntry(name: string): string {
  return `- "groups":\n  - "operators"\n  "rolearn": "arn:aws:iam::111122223333:role/${name}"\n  "username": "${name}"\n`;
}

/** The entry of a role as the provider writes it, in the key order of the seasoned map's last entry. */
function ownEntry(name: string, group = "viewers"): string {
  // A bare y is a boolean to YAML 1.1.
  const username = name === "y" ? '"y"' : name;
  return `- groups:\n  - ${group}\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${username}\n`;
}

/** Another writer, which reads the whole ConfigMap and writes it back unless it has changed, as eksctl does. */
export class ForeignWriter {
  readonly #cluster: TestCluster;
  /** The names of the added entries, in order. */
  readonly added: string[] = [];
  /** How many names it has chosen, also for writes at the same time. */
  #chosen = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Adds one entry, by default for a new role, and a data key of the same name. */
  async write(name = `foreign-${++this.#chosen}`): Promise<void> {
    for (;;) {
      const map = (await this.#cluster.request("GET", path)).body as ConfigMap;
      const data = { ...map.data, mapRoles: (map.data?.["mapRoles"] ?? "") + foreignEntry(name), [name]: "theirs" };
      if ((await this.#cluster.request("PUT", path, { ...map, data })).status === 200) {
        this.added.push(name);
        return;
      }
    }
  }
}

/** The expected map: our roles, each in one group, and the additions of a foreign writer. */
export interface Expected {
  readonly names: readonly string[];
  readonly group?: string;
  readonly foreign?: readonly string[];
}

/** Asserts that the map contains each expected entry once, in any order, and the seasoned map unchanged. */
export async function expectEntries(map: AwsAuthMap, { names, group, foreign = [] }: Expected): Promise<void> {
  const data = await map.data();
  let { mapRoles = "" } = data;
  for (const entry of [...names.map((name) => ownEntry(name, group)), ...foreign.map(foreignEntry)]) {
    const pieces = mapRoles.split(entry);
    expect({ entry, times: pieces.length - 1, data }).toMatchObject({ times: 1 });
    mapRoles = pieces.join("");
  }
  const theirs = Object.fromEntries(foreign.map((name) => [name, "theirs"]));
  expect({ ...data, mapRoles }).toEqual({ ...seasonedData, ...theirs });
}
