import type { Position } from "../yaml/yamlErrors";
import type { DataKey } from "./entry";

/** Where a map comes from, for messages. */
export interface Origin {
  /** Names the cluster or the file. */
  readonly label: string;
  /**
   * Of a map that a file holds: where the text of each key begins there, so that a line of the key is as many lines behind that. A key
   * whose lines are none of the file's, as one in quotes, is left out.
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

/** The line of the file that a line of a key is; undefined where it is none. */
export function fileLineOf(origin: Origin | undefined, key: DataKey, line: number): number | undefined {
  const place = origin?.places?.[key];
  return place === undefined ? undefined : place.line + line - 1;
}

/** Names a line of a key for whoever has the file or the ConfigMap open: `line 45, 33 of the key`. */
export function describeLine(line: number, fileLine: number | undefined): string {
  return fileLine === undefined ? `line ${line}` : `line ${fileLine}, ${line} of the key`;
}

/** The same for a column in it. */
export function describePosition(origin: Origin | undefined, key: DataKey, { line, column }: Position): string {
  const place = origin?.places?.[key];
  return place === undefined
    ? `line ${line}, column ${column}`
    : `line ${fileLineOf(origin, key, line)}, column ${place.column + column - 1} (line ${line} of the key)`;
}
