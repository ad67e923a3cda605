import { expect } from "vitest";
import { AwsAuthError } from "../../../provider/errors.ts";
import { dataReaders, listReaders, type Readers, recordReaders, reviewReaders } from "./readers.ts";
import { dataShapes, listShapes, recordShapes, reviewShapes, type Shape } from "./shapes.ts";

type Cell = readonly [reader: string, shape: string, read: (text: string) => unknown, make: Shape];

const families: readonly (readonly [Readonly<Record<string, Shape>>, Readers])[] = [
  [listShapes, listReaders],
  [dataShapes, dataReaders],
  [recordShapes, recordReaders],
  [reviewShapes, reviewReaders],
];

/** Every reader with every shape of its input. */
export const cells: readonly Cell[] = families.flatMap(([shapes, readers]) =>
  Object.entries(readers).flatMap(([reader, read]) =>
    Object.entries(shapes).map(([shape, make]): Cell => [reader, shape, read, make]),
  ),
);

/**
 * Expects that a text is read, or refused with an AwsAuthError, within a limit.
 *
 * @param maxCpuMs CPU time in milliseconds, which does not depend on other tests that run concurrently.
 */
export async function expectReadInTime([, , read, make]: Cell, bytes: number, patience: number): Promise<void> {
  const text = make(bytes);
  const start = process.cpuUsage();
  const problem: unknown = await Promise.resolve(text)
    .then(read)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1_000).toBeLessThan(patience);
  if (problem !== undefined) {
    expect(problem).toBeInstanceOf(AwsAuthError);
  }
}
