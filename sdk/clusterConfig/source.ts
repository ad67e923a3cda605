import type { Path } from "./config";

/** A ClusterConfig before it is checked, and how to point a user at a part of it. */
export interface ConfigSource {
  /** What messages call it: a file's path as given, or `config`. */
  readonly name: string;
  /** Whether it is a whole eksctl file, which says what it is. */
  readonly isFile: boolean;
  /** Its content: plain values. */
  readonly value: unknown;
  /** Where a part of it is, as the head of a message: `cluster.yaml:12`, or the name alone. */
  locate(path: Path): string;
  /** How a scalar is spelt in the file; undefined where it is no scalar, or nothing is spelt. */
  spelling(path: Path): string | undefined;
}

/** A ClusterConfig that a program gives as a value. */
export function valueSource(value: unknown): ConfigSource {
  return { name: "config", isFile: false, value, locate: () => "config", spelling: () => undefined };
}

/** A path as a program would write it: `iamIdentityMappings[2].arn`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => (typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${step}`))
    .join("");
}
