import type { Reading } from "./reading.ts";
import type { Bench } from "./support/bench.ts";

/** Runs one measurement, and ends whatever it started, also where it fails. */
export async function runMeasurement(
  measurement: (bench: Bench) => Promise<void>,
  isQuick: boolean,
  emit: (reading: Reading) => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const cleanUps: (() => Promise<void>)[] = [];
  const seconds = () => Math.round((performance.now() - started) / 1000);
  try {
    await measurement({
      isQuick,
      emit,
      progress: (text) => console.error(`   ${seconds()} s: ${text}`),
      onEnd: (cleanUp) => void cleanUps.push(cleanUp),
    });
  } finally {
    for (const cleanUp of cleanUps.toReversed()) {
      await cleanUp();
    }
  }
  console.error(`   ${seconds()} s in all`);
}
