import { afterAll, beforeAll, beforeEach, expect, vi } from "vitest";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { hear } from "../support/hear.ts";
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
  /** Goes on with another cluster, and a stack on it. */
  renew(): Promise<void>;
  /** The names of the access entries that stacks have, or have left. */
  entries(): readonly string[];
  /** Has the move of a mapping "dev" fail once its access entry is made. */
  failToMove(mapping: object, mode: AuthenticationMode | undefined): Promise<void>;
  /** Has its way back to aws-auth fail before its access entry goes. */
  failToReturn(mapping: object): Promise<void>;
  /** mapRoles of the cluster. */
  map(): string;
}

/** Starts a local AWS for the tests of a file, and a cluster with a stack for each of them. */
export function useProgramWorld(): ProgramWorld {
  let world: MovingWorld;
  let cluster: MovingCluster;
  let stack: ProgramStack;
  const told: string[] = [];
  const renew = async () => {
    cluster = await world.cluster();
    stack = new ProgramStack(cluster.name);
  };
  beforeAll(async () => {
    world = await MovingWorld.start();
  }, 900_000);
  afterAll(() => world?.stop());
  beforeEach(async () => {
    hear(told);
    await renew();
    return () => {
      world.aws.before = undefined;
      world.aws.after = undefined;
      vi.restoreAllMocks();
    };
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
    renew,
    entries: () =>
      world.aws
        .entries(cluster.name)
        .filter(({ tags }) => Object.keys(tags).some((key) => key.startsWith("pulumi-aws-auth/")))
        .map(({ principalArn }) => principalArn.replace(/.*\//, "")),
    failToMove: async (mapping, mode) => {
      let isCut = false;
      world.aws.after = async ({ operation }) => {
        isCut ||= operation === "CreateAccessEntry";
        return isCut ? "cut" : undefined;
      };
      expect(await stack.up({ mappings: { dev: { ...mapping } }, mode })).toHaveLength(1);
      world.aws.after = undefined;
    },
    failToReturn: async (mapping) => {
      const isLast = (operation: string) => ["DeleteAccessEntry", "UntagResource"].includes(operation);
      world.aws.before = async ({ operation }) => (isLast(operation) ? "cut" : undefined);
      expect(await stack.up({ mappings: { dev: { ...mapping } }, mode: "CONFIG_MAP" })).toHaveLength(1);
      world.aws.before = undefined;
    },
    map: () => cluster.api.data?.["mapRoles"] ?? "",
  };
}
