import { expect } from "vitest";
import { claimsIn } from "../../../provider/accessEntries/index.ts";
import type { TestProject } from "../engine/testProject.ts";
import { type AccessEntryCluster, longAgo, roleOf, startEntryCluster } from "./entryCluster.ts";
import type { AccessEntry } from "./state.ts";

/** The role that stacks share. */
export const shared = roleOf("eng/shared");

/** Each stack maps the role to what its environment says. */
const program = `
const { GROUPS = "system:masters", ADOPT } = process.env;
new IdentityMapping("shared", { arn: "${shared}", username: "shared", groups: GROUPS.split(" "), adopt: ADOPT === "yes" });
`;

/** Two stacks that map one role on one cluster. */
export interface SharingStacks {
  readonly world: AccessEntryCluster;
  readonly infra: TestProject;
  readonly apps: TestProject;
  /** Makes a third one. */
  add(name: string): Promise<TestProject>;
  /** How many entries aws-auth has. */
  inMap(): Promise<number>;
  /** The role's access entry. */
  entry(): AccessEntry | undefined;
  /** Who claims it. */
  claims(): readonly string[];
  stop(): Promise<void>;
}

/** The labels of the claims of both stacks. */
export const [ofInfra, ofApps] = ["organization/infra/test shared", "organization/apps/test shared"] as const;

/** Starts a cluster with the two stacks, which are to be configured. */
export async function startSharingStacks(): Promise<SharingStacks> {
  const world = await startEntryCluster("API_AND_CONFIG_MAP", longAgo);
  world.aws.principals.create(shared);
  const add = (name: string) => world.add(name, program);
  const entry = () => world.aws.entry("prod", shared);
  return {
    world,
    infra: await add("infra"),
    apps: await add("apps"),
    add,
    inMap: async () => ((await world.map.data())["mapRoles"] ?? "").split("rolearn:").length - 1,
    entry,
    claims: () => claimsOf(entry()?.tags),
    stop: () => world.stop(),
  };
}

/** The claims in the tags of an access entry: their labels, and which have found it. */
export function claimsOf(tags: Readonly<Record<string, string>> = {}): readonly string[] {
  return claimsIn(tags)
    .map(({ label, isFound }) => `${isFound ? "found by " : ""}${label}`)
    .toSorted();
}

/** What a run of the engine prints, which has to succeed. */
export async function done(run: Promise<{ readonly code: number | null; readonly output: string }>): Promise<string> {
  const { code, output } = await run;
  expect(code, output).toBe(0);
  return output;
}
