/** Where a cluster, or a mapping, keeps who somebody is: in aws-auth, in both, or in an access entry. EKS's own words. */
export const authenticationModes = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

export type AuthenticationMode = (typeof authenticationModes)[number];
