import { test } from "vitest";
import { Stack } from "./stack.ts";
import { roleOf, World } from "./world.ts";

/** A mapping of the role "dev", as a program declares it. */
export const dev = roleOf("dev");

export const modes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

/** A test on a cluster with an empty map, and a stack on it. */
export const it = test
  .extend("world", { auto: true }, () => new World())
  .extend("stack", ({ world }) => new Stack(world));
