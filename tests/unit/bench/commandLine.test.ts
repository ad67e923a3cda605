import { expect, it } from "vitest";
import { bounds } from "../../../bench/bounds.ts";
import { commandLine } from "../../../bench/measurements/commandLine.ts";
import { measurementNames, measurements } from "../../../bench/measurements/index.ts";
import type { Reading } from "../../../bench/reading.ts";
import { rowOf } from "../../../bench/report/rows.ts";

it("the start of the command line is measured beside Node's own, and bounded", async () => {
  const readings: Reading[] = [];
  await commandLine({
    isQuick: true,
    plugin: undefined,
    progress: () => {},
    emit: async (reading) => void readings.push(reading),
    onEnd: () => {},
  });
  const [reading] = readings;
  expect(readings).toEqual([{ id: "cli/help", unit: "ms", ours: expect.any(Array), base: expect.any(Array) }]);
  expect([reading?.ours.length, reading?.base?.length]).toEqual([5, 5]);
  // Milliseconds, since no machine starts Node in less than one or in more than a minute.
  for (const figure of [...(reading?.ours ?? []), ...(reading?.base ?? [])]) {
    expect(figure).toBeGreaterThan(1);
    expect(figure).toBeLessThan(60_000);
  }
});

it("the row of the command line says what is compared, and what is allowed", () => {
  const bound = bounds["cli/help"];
  expect(bound).toEqual({ subject: "--help of the command line", against: "node -e 0", most: 1.5 });
  const reading = { id: "cli/help", unit: "ms", ours: [60, 80], base: [50, 50] } as const;
  expect(bound && rowOf(reading, bound)).toMatchObject({ bound: "≤ 1.5", verdict: "met", spread: "1.4 (1.2 to 1.6)" });
});

it("every measurement can be named, each once", () => {
  expect(measurementNames.toSorted()).toEqual(Object.keys(measurements).toSorted());
});
