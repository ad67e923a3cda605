/** A condition on the columns of a table: each column that it names has one of the values. */
export type When<Cells> = { readonly [Name in keyof Cells]?: readonly Cells[Name][] };

/** The first row of a table that applies. */
export function firstRow<Cells extends object, Row extends { readonly when: When<Cells> }>(
  rows: readonly Row[],
  cells: Cells,
): Row | undefined {
  return rows.find(({ when }) => {
    for (const name in when) {
      if (when[name]?.includes(cells[name]) === false) {
        return false;
      }
    }
    return true;
  });
}
