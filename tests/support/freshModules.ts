import { afterAll, vi } from "vitest";

// The suites of a worker share its process, which saves a third of the time, but not the state of this project's modules. Installed
// packages and the built package keep their state. Stubs that a failed test leaves must not fail the next suite.
vi.resetModules();
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
