import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { onTestFinished, vi } from "vitest";

/** Replaces the clock for the rest of a test: only pauses of the tested code advance it, and they end at once. */
export function waitedTime(): { milliseconds: number } {
  const waited = { milliseconds: 0 };
  const start = Math.ceil(performance.now());
  vi.spyOn(performance, "now").mockImplementation(() => start + waited.milliseconds);
  vi.spyOn(timers, "setTimeout").mockImplementation(async (pause = 0) => {
    waited.milliseconds += Math.ceil(pause);
  });
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return waited;
}
