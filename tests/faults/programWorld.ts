import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { type MovingCluster, MovingWorld } from "./movingWorld.ts";
import { ProgramStack } from "./programStack.ts";

const iam = (resource: string) => `arn:aws:iam::111122223333:${resource}`;

/** A role with a path, and an administrator. */
export const dev = { arn: iam("role/eng/dev"), username: "dev", groups: ["viewers"] };
export const admin = { arn: iam("role/admin"), username: "admin", groups: ["system:masters"] };

/** An entry of mapRoles for a role without a path. */
export function roleItem(name: string, username: string, group: string): string {
  return `- rolearn: ${iam(`role/${name}`)}\n  username: ${username}\n  groups: ["${group}"]\n`;
}

/** What the tests of a file share. */
export interface ProgramWorld {
  readonly world: MovingWorld;
  /** The cluster of this test. */
  readonly cluster: MovingCluster;
  /** A stack on it. */
  readonly stack: ProgramStack;
  /** What was said in this test. */
  readonly told: readonly string[];
  /** Forgets it. */
  forget(): void;
  /** The names of the access entries that stacks have, or have left. */
  entries(): readonly string[];
  /** mapRoles of the cluster. */
  map(): string;
}

/** Starts a local AWS for the tests of a file, and a cluster with a stack for each of them. */
export function useProgramWorld(): ProgramWorld {
  let world: MovingWorld;
  let cluster: MovingCluster;
  let stack: ProgramStack;
  const told: string[] = [];
  beforeAll(async () => {
    world = await MovingWorld.start();
  }, 900_000);
  afterAll(() => world?.stop());
  beforeEach(async () => {
    told.length = 0;
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(String(text).replace(/\s+/g, " ")));
    cluster = await world.cluster();
    stack = new ProgramStack(cluster.name);
    return () => vi.restoreAllMocks();
  });
  return {
    get world() {
      return world;
    },
    get cluster() {
      return cluster;
    },
    get stack() {
      return stack;
    },
    told,
    forget: () => void told.splice(0),
    entries: () =>
      world.aws
        .entries(cluster.name)
        .filter(({ tags }) => Object.keys(tags).some((key) => key.startsWith("pulumi-aws-auth/")))
        .map(({ principalArn }) => principalArn.replace(/.*\//, "")),
    map: () => cluster.api.data?.["mapRoles"] ?? "",
  };
}
