import { expect } from "vitest";
import { firstRow, type When } from "../../provider/lifecycle/facts.ts";

interface Row<Cells> {
  readonly row: string;
  readonly when: When<Cells>;
}

/**
 * Breaks a row of a table: leaves it out, and each of its conditions in turn. A wrong outcome of a row is noticed by the case that it
 * decides, which leaving it out shows. A condition that other rows imply may be left out.
 *
 * @param combinations all values that the columns can have together.
 * @param isNoticed whether a case has another outcome with these rows.
 */
export function expectNoticed<Cells extends object, R extends Row<Cells>>(
  rows: readonly R[],
  row: R,
  combinations: readonly Cells[],
  isNoticed: (rows: readonly R[]) => boolean,
): void {
  expect(isNoticed(rows.filter((other) => other !== row)), "left out").toBe(true);
  const unnoticed = Object.keys(row.when).filter((name) => {
    const { [name]: _dropped, ...when }: Record<string, unknown> = { ...row.when };
    const broken = rows.map((other) => (other === row ? { ...row, when } : other));
    const differs = combinations.some((cells) => firstRow(broken, cells)?.row !== firstRow(rows, cells)?.row);
    return differs && !isNoticed(broken);
  });
  expect(unnoticed, "conditions that are left out unnoticed").toEqual([]);
}

/**
 * All combinations of some values of each column.
 *
 * @param one any of them.
 */
export function combinationsOf<Cells extends object>(
  one: Cells,
  values: { readonly [Name in keyof Cells]: readonly Cells[Name][] },
): readonly Cells[] {
  let combinations = [one];
  for (const name in values) {
    combinations = combinations.flatMap((cells) => values[name].map((value) => ({ ...cells, [name]: value })));
  }
  return combinations;
}
