/** Where a cluster, or a mapping, keeps who somebody is: in aws-auth, in both, or in an access entry. EKS's own words. */
export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

/** One of {@link authenticationModes}. */
export type AuthenticationMode = (typeof authenticationModes)[number];

/** Whether a mapping of a mode has an entry in aws-auth. */
export function isInMap(mode: AuthenticationMode): boolean {
  return mode !== "API";
}

/** Whether a mapping of a mode has an access entry. */
export function isInEntry(mode: AuthenticationMode): boolean {
  return mode !== "CONFIG_MAP";
}
