/** The type of an identity mapping: the engine sends every type that begins like this to the dynamic provider's plugin. */
export const resourceType = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
