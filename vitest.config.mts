import { defineConfig, type ProjectConfig } from "vitest/config";
import { isNightly } from "./tests/support/nightly.ts";
import { seed } from "./tests/support/seed.ts";

if (isNightly) {
  console.log(`seed ${seed}; run again with SEED=${seed}`);
}

const common: ProjectConfig = {
  // One run of the engine takes seconds, and several tests share the machine: the limits are for what hangs.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // All workers use the seed of this process.
  env: { SEED: `${seed}` },
  setupFiles: ["./tests/support/seededCases.ts"],
};

/** The tests that need `npm ci` alone: no engine, no API server, no Go. */
const unit = ["tests/unit/**/*.test.ts", "tests/lifecycle/*.test.ts", "tests/package/{consumers,docs}/*.test.ts"];

// The peer dependencies as users may have them: parts that take long to build, for the nightly run alone.
const peers = "tests/package/peers/*.nightly.ts";

// Programs in Python and Go, whose language hosts take minutes to build, and the rehearsal of a release.
const languages = ["tests/package/languages/*.nightly.ts", "tests/rehearsal/*.nightly.ts"];

// A test of this project that asks for a real part fails at once, also on a machine that has it.
const none = "/dev/null/no-parts-in-unit-tests";

export default defineConfig({
  test: {
    globalSetup: ["tests/support/setUpPackage.ts"],
    // The engine, the API server and the programs that they start leave a core idle most of the time.
    maxWorkers: 3,
    slowTestThreshold: 10_000,
    reporters: ["default", "./tests/support/closingLine.ts"],
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: unit,
          env: { ...common.env, PULUMI_BIN: none, KUBEBUILDER_ASSETS: none, XDG_CACHE_HOME: none },
          isolate: false,
          setupFiles: ["./tests/support/seededCases.ts", "./tests/support/freshModules.ts"],
        },
      },
      {
        test: {
          ...common,
          name: "real",
          include: ["tests/**/*.test.ts", ...(isNightly ? ["tests/**/*.nightly.ts"] : [])],
          exclude: [...unit, peers, ...languages],
          globalSetup: ["tests/support/setUpParts.ts"],
        },
      },
      {
        test: {
          ...common,
          name: "languages",
          include: isNightly ? languages : [],
          globalSetup: ["tests/support/setUpParts.ts"],
        },
      },
      {
        test: {
          ...common,
          name: "peers",
          include: isNightly ? [peers] : [],
          globalSetup: ["tests/support/setUpParts.ts"],
        },
      },
    ],
  },
});
