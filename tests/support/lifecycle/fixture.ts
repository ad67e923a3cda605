import { test } from "vitest";
import { entryLimits } from "../../../provider/session/knownEntries.ts";
import { Stack } from "./stack.ts";
import { roleOf, World } from "./world.ts";

/** A mapping of the role "dev", as a program declares it. */
export const dev = roleOf("dev");

export const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

/** Skips the waits for access entries, which a {@link World} applies at once. */
export function skipWaits(): void {
  const brief = { total: 100, first: 1, most: 1 };
  Object.assign(entryLimits, { inForce: 0, shown: brief, claimed: { ...brief, total: 2 } });
}

/** A test on a cluster with an empty map, and a stack on it. */
export const it = test
  .extend("world", { auto: true }, () => {
    skipWaits();
    return new World();
  })
  .extend("stack", ({ world }) => new Stack(world));
