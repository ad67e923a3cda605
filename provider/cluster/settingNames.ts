import { closestOf } from "../closest";

/** What a stack's configuration may say under `aws-auth:`. */
export const settingNames = [
  "cluster",
  "region",
  "profile",
  "roleArn",
  "kubeconfig",
  "context",
  "manifest",
  "noDuplicateARNs",
  "lockoutProtection",
  "unreachable",
  "deleteUnreachable",
  "ownership",
  "owner",
] as const;

/**
 * Finds keys that have no effect. Pulumi gives all of a stack's configuration to everybody, so that nobody else complains about a
 * misspelt one.
 *
 * @param keys all full keys of the stack.
 * @param project the project's name. The keys of a project that is called aws-auth itself are its own: of them only what is nearly
 * one of ours is told.
 * @returns a sentence for each.
 */
export function describeUnknownSettings(keys: readonly string[], project: string): string[] {
  return keys.flatMap((key) => {
    const [, name] = /^aws-auth:(?:config:)?(.+)$/.exec(key) ?? [];
    if (name === undefined || settingNames.some((known) => known === name)) return [];
    const meant = closestOf(name, settingNames);
    if (meant === undefined && project === "aws-auth") return [];
    const remedy = meant === undefined ? `the keys are ${settingNames.join(", ")}` : `did you mean aws-auth:${meant}?`;
    return [`stack configuration aws-auth:${name} is not known, and has no effect; ${remedy}`];
  });
}
