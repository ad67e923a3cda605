/** Whether this is `npm run test:nightly`: the same tests with more cases, and also the `*.nightly.ts` suites. */
export const isNightly = process.env["NIGHTLY"] !== undefined;

/** The number of cases of a test. */
export function cases(everyRun: number, nightly: number): number {
  return isNightly ? nightly : everyRun;
}

/** The rows of a table to test: by default only the first, since cheaper tests cover the differences of the others. */
export function sample<Row>(rows: readonly Row[], everyRun = 1): readonly Row[] {
  return rows.slice(0, cases(everyRun, rows.length));
}
