/** Whether this is `npm run test:nightly`: the same tests with more cases, and also the `*.nightly.ts` suites. */
export const isNightly = process.env["NIGHTLY"] !== undefined;

/** How many cases a test tries. */
export function cases(everyRun: number, nightly: number): number {
  return isNightly ? nightly : everyRun;
}

/** The rows of a table that a test tries: the first at every run, since the others differ in what cheaper tests hold. */
export function sample<Row>(rows: readonly Row[], everyRun = 1): readonly Row[] {
  return rows.slice(0, cases(everyRun, rows.length));
}
