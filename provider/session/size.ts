import { AwsAuthError } from "../errors";

/** What the API server allows for all values of a ConfigMap together, in bytes (MaxSecretSize in its validation). */
const maxBytes = 1024 * 1024;

/**
 * Refuses a write that the API server would refuse, before anything is sent.
 *
 * @throws AwsAuthError `tooLarge`.
 */
export function assertFits(data: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>>): void {
  const next = { ...data, ...changes };
  // Text takes at most three bytes for each of JavaScript's characters, and counting is worth it only near the limit.
  if (3 * lengthOf(next) <= maxBytes) {
    return;
  }
  const before = bytesOf(data);
  const after = bytesOf(next);
  if (after > maxBytes && after > before) {
    throw new AwsAuthError(
      "tooLarge",
      `kube-system/aws-auth would grow from ${before} to ${after} bytes, and a ConfigMap holds at most ${maxBytes}; map a role that many people assume instead of each person, or remove entries that nobody uses`,
    );
  }
}

function bytesOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function lengthOf(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, text) => sum + text.length, 0);
}
