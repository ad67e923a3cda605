import { array, boolean, strictObject, string, unknown } from "zod";

// A key without a value is null, which eksctl takes for a key that is not there.
const text = string().nullish();

/** The `metadata` of an eksctl file. What only concerns the making of the cluster is known here, and not looked at. */
export const metadataSchema = strictObject({
  name: text,
  region: text,
  version: unknown().optional(),
  forceUpdateVersion: unknown().optional(),
  rollbackConfig: unknown().optional(),
  tags: unknown().optional(),
  annotations: unknown().optional(),
});

/** One item of `iamIdentityMappings`: the types of its keys. Which go together is another matter. */
export const mappingSchema = strictObject({
  arn: text,
  username: text,
  groups: array(string()).nullish(),
  account: text,
  serviceName: text,
  namespace: text,
  noDuplicateARNs: boolean().nullish(),
});

/** What has these keys in a file. */
export const metadataKeys: readonly string[] = Object.keys(metadataSchema.shape);

/** The keys of an item. */
export const mappingKeys: readonly string[] = Object.keys(mappingSchema.shape);
