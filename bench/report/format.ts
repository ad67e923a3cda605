import type { Unit } from "../reading.ts";
import type { Summary } from "../statistics.ts";

/** A figure with three significant digits, or all of them where it is whole. */
export function formatFigure(figure: number): string {
  return Number.isInteger(figure)
    ? figure.toLocaleString("en-US")
    : figure.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

/** A figure with its unit. */
export function formatAmount(figure: number, unit: Unit): string {
  return unit === "" ? formatFigure(figure) : `${formatFigure(figure)} ${unit}`;
}

/** A median with its spread, where there is one. */
export function formatSpread({ least, median, most }: Summary, unit: Unit): string {
  return least === most
    ? formatAmount(median, unit)
    : `${formatAmount(median, unit)} (${formatFigure(least)} to ${formatFigure(most)})`;
}
