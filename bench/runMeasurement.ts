import type { Reading } from "./reading.ts";
import type { Bench } from "./support/bench.ts";

/** Cleanups of the current measurement. */
let cleanUps: (() => Promise<void>)[] = [];

/** Runs one measurement, and stops whatever it started, even if it fails. */
export async function runMeasurement(
  measurement: (bench: Bench) => Promise<void>,
  options: Pick<Bench, "isQuick" | "plugin">,
  emit: (reading: Reading) => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    await measurement({
      ...options,
      emit,
      progress: (text) => console.error(`   ${seconds()} s: ${text}`),
      onEnd: (cleanUp) => void cleanUps.push(cleanUp),
    });
  } finally {
    await endMeasurement();
  }
  console.error(`   ${seconds()} s in all`);
}

/** Cleans up what the current measurement has started: API servers, proxies, directories. */
export async function endMeasurement(): Promise<void> {
  const started = cleanUps.toReversed();
  cleanUps = [];
  for (const cleanUp of started) {
    await cleanUp();
  }
}
