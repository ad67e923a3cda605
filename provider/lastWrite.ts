import { printable } from "./text/text";

/** The last change of an access entry, or of a key of aws-auth by another program, by the clock of the server. */
export interface LastWrite {
  /** The field manager. Undefined for an access entry, since EKS does not report who changed it. */
  readonly writer?: string;
  readonly at: Date;
}

/** `last written by kubectl-edit, 2026-11-30 14:02 UTC`, or `last changed 2026-11-30 14:02 UTC` without a writer. */
export function describeLastWrite({ writer, at }: LastWrite): string {
  const time = `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return writer === undefined ? `last changed ${time}` : `last written by ${printable(writer.slice(0, 128))}, ${time}`;
}
