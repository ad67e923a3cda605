import { fileRows, nameRows } from "./fileRows.ts";
import { pluginRows } from "./pluginRows.ts";
import type { Row } from "./row.ts";
import { clusterRows, typeRows } from "./typeRows.ts";
import { impersonationRows, userRows } from "./userRows.ts";

/** All of them. */
export const rows: readonly Row[] = [
  ...fileRows,
  ...nameRows,
  ...typeRows,
  ...clusterRows,
  ...userRows,
  ...impersonationRows,
  ...pluginRows,
];
