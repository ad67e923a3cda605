import { expect } from "vitest";
import { AwsAuthError } from "../../../provider/errors.ts";
import { dataReaders, listReaders, type Readers, recordReaders, reviewReaders } from "./readers.ts";
import { dataShapes, listShapes, recordShapes, reviewShapes, type Shape } from "./shapes.ts";

type ReadCase = readonly [reader: string, shape: string, read: (text: string) => unknown, make: Shape];

const families: readonly (readonly [Readonly<Record<string, Shape>>, Readers])[] = [
  [listShapes, listReaders],
  [dataShapes, dataReaders],
  [recordShapes, recordReaders],
  [reviewShapes, reviewReaders],
];

/** Every reader with every shape of its input. */
export const readCases: readonly ReadCase[] = families.flatMap(([shapes, readers]) =>
  Object.entries(readers).flatMap(([reader, read]) =>
    Object.entries(shapes).map(([shape, make]): ReadCase => [reader, shape, read, make]),
  ),
);

/**
 * Expects that a text is read, or refused with an AwsAuthError, within a limit. A busy machine only adds time, so the fastest of three
 * readings counts.
 *
 * @param maxCpuMs CPU time in milliseconds.
 */
export async function expectReadWithin([, , read, make]: ReadCase, bytes: number, maxCpuMs: number): Promise<void> {
  const text = make(bytes);
  let fastest = Number.POSITIVE_INFINITY;
  for (let readings = 0; readings < 3 && fastest >= maxCpuMs; readings += 1) {
    const start = process.cpuUsage();
    const problem: unknown = await Promise.resolve(text)
      .then(read)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    const { user, system } = process.cpuUsage(start);
    fastest = Math.min(fastest, (user + system) / 1_000);
    if (problem !== undefined) {
      expect(problem).toBeInstanceOf(AwsAuthError);
    }
  }
  expect(fastest).toBeLessThan(maxCpuMs);
}

const small: readonly (readonly [keyof typeof listShapes, bytes: number])[] = [
  ["a chain of aliases", 100_000],
  ["an anchor that contains itself", 4],
  ["aliases without anchors", 6],
  ["deep brackets", 100_000],
  ["deep braces", 200_000],
  ["deep dashes", 400_000],
  ["deep question marks", 400_000],
  ["deep lines", 2_000_000],
  ["a long quoted text", 1_000_000],
  ["a long text of escapes", 800_000],
  ["an unclosed quote", 800_000],
  ["a long key", 1_000_000],
  ["many keys", 250_000],
  ["blank lines", 200_000],
  ["a long run of spaces", 400_000],
  ["many templates", 200_000],
];
const tenTimes = (name: string) => Array.from({ length: 10 }, () => name).join(", ");

/** Small YAML lists that expand to large, deep or slow ones. */
export const yamlBombs = {
  "a billion laughs": `- &a0 [lol]\n${Array.from({ length: 12 }, (_, i) => `- &a${i + 1} [${tenTimes(`*a${i}`)}]\n`).join("")}`,
  "merge keys that double the size": `- &a0 {x: 1}\n${Array.from({ length: 40 }, (_, i) => `- &a${i + 1} {<<: [*a${i}, *a${i}]}\n`).join("")}`,
  "open brackets": listShapes["open brackets"](500_000),
  ...Object.fromEntries(small.map(([name, bytes]) => [name, listShapes[name](bytes)])),
};

/** Maximum CPU time to read and refuse one of these, in milliseconds; a vulnerable reader takes minutes, or all memory. */
export const yamlBombCpuMs = 4_000;
