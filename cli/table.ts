import { printable } from "../provider/text/text";

const tabStop = 8;

/**
 * A table as eksctl prints it, with Go's text/tabwriter and tab stops of 8: columns are padded with tabs, and rows are sorted by
 * their cells if `isSorted` is set.
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  isSorted: boolean,
): string {
  const cells = rows.map((row) => row.map(printable));
  const shown = isSorted ? cells.toSorted(compareRows) : cells;
  const lines = [header, ...shown];
  const widths = header.map((_, column) => {
    const widest = lines.reduce((width, line) => Math.max(width, lengthOf(line[column] ?? "")), 0);
    return Math.ceil((widest + 1) / tabStop) * tabStop;
  });
  return lines.map((line) => `${renderLine(line, widths)}\n`).join("");
}

function renderLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, column) => {
      const isLast = column === cells.length - 1;
      return isLast ? cell : cell + "\t".repeat(Math.ceil(((widths[column] ?? 0) - lengthOf(cell)) / tabStop));
    })
    .join("");
}

/** Go compares strings by their bytes. */
function compareRows(a: readonly string[], b: readonly string[]): number {
  for (const [column, cell] of a.entries()) {
    const order = Buffer.compare(Buffer.from(cell), Buffer.from(b[column] ?? ""));
    if (order !== 0) {
      return order;
    }
  }
  return 0;
}

function lengthOf(text: string): number {
  return [...text].length;
}
