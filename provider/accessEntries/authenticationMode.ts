/** Where a cluster looks for identities, or where a mapping is stored, with the values of EKS: in aws-auth, in both, or in access entries. */
export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

export type AuthenticationMode = (typeof authenticationModes)[number];
