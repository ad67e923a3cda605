import { vi } from "vitest";

// The suites of a worker share its process, which takes a third less time, but no state of any module.
vi.resetModules();
