// A stand-in for pulumi-resource-aws that implements only the functions for the caller's identity and partition.
import { serve } from "./plugin.ts";

const accountId = "111122223333";
const partition = "aws";

const results: Readonly<Record<string, object>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": {
    accountId,
    arn: `arn:${partition}:iam::${accountId}:user/tests`,
    id: accountId,
    userId: "AIDATESTTESTTESTTEST1",
  },
  "aws:index/getPartition:getPartition": {
    partition,
    id: partition,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  },
};

serve("aws", {
  invoke: async (token) => {
    const outputs = results[token];
    return outputs === undefined
      ? { failures: [{ property: "", reason: `the stand-in for AWS knows no ${token}` }] }
      : { outputs };
  },
});
