import type { Position } from "../yaml/yamlErrors";
import type { DataKey } from "./entry";

/** Where a map comes from, for messages. */
export interface Origin {
  /** The name of the cluster or the file. */
  readonly label: string;
  /**
   * For a map in a file: the position at which the text of each key begins. Line numbers in the key are relative to it. Omits keys
   * whose lines are not lines of the file, such as quoted ones.
   */
  readonly places?: Readonly<Record<string, Position>> | undefined;
}

/** Names a map: `kube-system/aws-auth of EKS cluster "prod" (eu-central-1)`, or the file that holds it. */
export function describeMap(origin: Origin | undefined): string {
  if (origin === undefined) {
    return "kube-system/aws-auth";
  }
  return origin.places === undefined ? `kube-system/aws-auth of ${origin.label}` : origin.label;
}

/** The line of the file for a line of a key; undefined if there is none. */
export function fileLineOf(origin: Origin | undefined, key: DataKey, line: number): number | undefined {
  const place = origin?.places?.[key];
  return place === undefined ? undefined : place.line + line - 1;
}

/** Describes a line of a key, by its number in the file and in the key: `line 45, 33 of the key`. */
export function describeLine(line: number, fileLine: number | undefined): string {
  return fileLine === undefined ? `line ${line}` : `line ${fileLine}, ${line} of the key`;
}

/** The same with a column. */
export function describePosition(origin: Origin | undefined, key: DataKey, { line, column }: Position): string {
  const place = origin?.places?.[key];
  return place === undefined
    ? `line ${line}, column ${column}`
    : `line ${fileLineOf(origin, key, line)}, column ${place.column + column - 1} (line ${line} of the key)`;
}
