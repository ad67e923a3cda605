import { expect } from "vitest";
import type { AwsAuthMap, ConfigMap } from "../../support/cluster/awsAuth.ts";
import type { TestCluster } from "../../support/cluster/startCluster.ts";
import { seasonedData } from "../../support/engine/manifest.ts";

/** What the random choices of a suite are made from; printed by each suite, and set to repeat one. */
export const seed = Number(process.env["FAULT_SEED"] ?? 20261124);

const path = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

/** The entry of a role as others write it, in terraform's style. */
function foreignEntry(name: string): string {
  return `- "groups":\n  - "operators"\n  "rolearn": "arn:aws:iam::111122223333:role/${name}"\n  "username": "${name}"\n`;
}

/** The entry of a role as we write it, in the order of the seasoned map's last entry. */
function ownEntry(name: string, group = "viewers"): string {
  // A bare y is a boolean to YAML 1.1.
  const username = name === "y" ? '"y"' : name;
  return `- groups:\n  - ${group}\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${username}\n`;
}

/** Another writer, who changes the ConfigMap the way eksctl does: reads all of it and writes it back, unless it has changed. */
export class ForeignWriter {
  readonly #cluster: TestCluster;
  /** The names of what was added, in order. */
  readonly added: string[] = [];

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** Adds one entry, by default for a role of its own, and a data key of the same name. */
  async write(name = `foreign-${this.added.length + 1}`): Promise<void> {
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

/** What has to be in the map: the roles that are ours, each in one group, and what a foreign writer added. */
export interface Expected {
  readonly names: readonly string[];
  readonly group?: string;
  readonly foreign?: readonly string[];
}

/** Asserts that the map holds each expected entry once, in whatever order, and every other byte of the seasoned map. */
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
