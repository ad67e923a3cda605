import { AwsAuthError } from "../errors";
import { hiddenTexts, type Mapping, validateMapping } from "../mapping";
import { quoted } from "../text/text";

/** Why no program can declare what an import has found. */
export interface Obstacle {
  /** One sentence. */
  readonly reason: string;
  /** Whether a mapping with `adopt` corrects it. */
  readonly isCorrectable: boolean;
}

/** What an import has found. */
export interface Importable {
  readonly live: Mapping;
  /** Its place and content, for messages. */
  readonly label: string;
  /** Those that the content does not show. */
  readonly obstacles: readonly Obstacle[];
}

/**
 * The mapping as a program declares it. Pulumi would print code for one that the check of a resource refuses, and call the refusal a bug
 * in the provider.
 *
 * @param way another way on, or "".
 * @throws AwsAuthError `invalidInput` if no program can declare it.
 */
export function declaredMapping({ live, label, obstacles }: Importable, way: string): Mapping {
  const { kind: _kind, ...fields } = live;
  const { mapping, problems } = validateMapping(fields, () => false);
  const found = [
    ...obstacles,
    // A mapping cannot take over the entry of an ARN that it cannot have.
    ...problems.map(({ property, reason }) => ({ reason, isCorrectable: property !== "arn" })),
  ];
  if (mapping === undefined || found.length > 0) {
    const correct = found.every(({ isCorrectable }) => isCorrectable)
      ? "correct it, or declare a mapping with adopt: true in place of the import, which corrects it"
      : "correct or remove it";
    throw refusal(label, [...found.map(({ reason }) => reason), correct + way]);
  }
  const hidden = hiddenTexts(mapping).map((text) => `${quoted(text)} has characters that cannot be seen`);
  if (hidden.length > 0) {
    throw refusal(label, [...hidden, `in place of the import, declare a mapping that has escapes for them${way}`]);
  }
  return mapping;
}

function refusal(label: string, clauses: readonly string[]): AwsAuthError {
  return new AwsAuthError("invalidInput", `${label} cannot be imported: ${clauses.join("; ")}`);
}
