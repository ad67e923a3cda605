import type { Row } from "./rows.ts";

/** A row as one line, for a terminal and for the log of an unattended run. */
export function lineOf({ subject, ours, base, against, spread, count, bound, verdict }: Row): string {
  const figures = base === "" ? spread : `${ours} against ${base} (${against}), ratio ${spread}`;
  const runs = count === 1 ? "1 run" : `${count} runs`;
  return `${marks[verdict]} ${subject}: ${figures}, ${runs}${bound === "" ? "" : `; bound ${bound}`}`;
}

const marks = { met: "met     ", noise: "noise   ", missed: "MISSED  ", reported: "        " } as const;
