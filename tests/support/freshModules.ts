import { afterAll, vi } from "vitest";

// The suites of a worker share its process, which takes a third less time, but no state of this project's modules. Installed packages and
// the built package keep theirs. What a failed test has not restored must not fail the next suite.
vi.resetModules();
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
