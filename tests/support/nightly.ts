/** Whether this is `npm run test:nightly`: the same tests with more cases, and the `*.nightly.ts` suites besides. */
export const isNightly = process.env["NIGHTLY"] !== undefined;

/** How many cases a test tries. */
export function cases(everyRun: number, nightly: number): number {
  return isNightly ? nightly : everyRun;
}
