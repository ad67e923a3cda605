/** A condition on the columns of a table: each column that it names has one of the values. */
export type When<Cells> = { readonly [Name in keyof Cells]?: readonly Cells[Name][] };

interface Conditional<Cells> {
  readonly when: When<Cells>;
}

/** The first row of a table that applies. */
export function firstRow<Cells extends object, Row extends Conditional<Cells>>(
  rows: readonly Row[],
  cells: Cells,
): Row | undefined {
  return rows.find(({ when }) => applies(when, cells));
}

function applies<Cells extends object>(when: When<Cells>, cells: Cells): boolean {
  for (const name in when) {
    if (when[name]?.includes(cells[name]) === false) {
      return false;
    }
  }
  return true;
}
