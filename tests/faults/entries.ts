import { expect } from "vitest";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { seasonedData } from "../support/engine/manifest.ts";

/** The entry of a role as others write it, in terraform's style. */
export function roleEntry(name: string): string {
  return `- "groups":\n  - "viewers"\n  "rolearn": "arn:aws:iam::111122223333:role/${name}"\n  "username": "${name}"\n`;
}

/** The entry of a role as we write it, in the order of the seasoned map's last entry. */
function ownEntry(name: string, group = "viewers"): string {
  // A bare y is a boolean to YAML 1.1.
  const username = name === "y" ? '"y"' : name;
  return `- groups:\n  - ${group}\n  rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${username}\n`;
}

/** What has to be in the map. */
export interface Expected {
  /** The roles that are ours. */
  readonly names: readonly string[];
  /** The group that each of them is in; default viewers. */
  readonly group?: string;
  /** What a foreign writer added meanwhile, each with a data key of the same name. */
  readonly foreign?: readonly string[];
}

/**
 * Asserts that the map holds each expected entry exactly once, in whatever order, and that everything else is what the seasoned map
 * has, byte for byte.
 */
export async function expectEntries(map: AwsAuthMap, { names, group, foreign = [] }: Expected): Promise<void> {
  const data = await map.data();
  let { mapRoles = "" } = data;
  const entries = [...names.map((name) => ownEntry(name, group)), ...foreign.map((name) => roleEntry(name))];
  for (const entry of entries) {
    const pieces = mapRoles.split(entry);
    expect({ entry, times: pieces.length - 1, data }).toMatchObject({ times: 1 });
    mapRoles = pieces.join("");
  }
  const theirs = Object.fromEntries(foreign.map((name) => [name, "theirs"]));
  expect({ ...data, mapRoles }).toEqual({ ...seasonedData, ...theirs });
}
