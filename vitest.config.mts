import { defineConfig } from "vitest/config";
import { isNightly } from "./tests/support/nightly.ts";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts", ...(isNightly ? ["tests/**/*.nightly.ts"] : [])],
    globalSetup: ["tests/support/globalSetup.ts"],
    reporters: ["default", "./tests/support/closingLine.ts"],
    // The engine, the API server and the programs that they start leave a core idle most of the time.
    maxWorkers: 3,
    // One run of the engine takes seconds, and several tests share the machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
