import { renderJson, type Terminal } from "../terminal";
import { renderMarkdown } from "./markdown";
import type { Report } from "./report";
import { renderText } from "./text";

/** Data as JSON, or the report of it in another format. */
export function renderReport(
  data: object,
  report: Report,
  output: "table" | "json" | "markdown",
  terminal: Terminal,
): string {
  switch (output) {
    case "json":
      return renderJson(data);
    case "markdown":
      return renderMarkdown(report);
    case "table":
      return renderText(report, terminal);
  }
}
