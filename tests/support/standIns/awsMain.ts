// A stand-in for pulumi-resource-aws that implements only the functions of the examples. Its calls of IAM go to the stand-in of IAM.
import { IAM, paginateListRoles } from "@aws-sdk/client-iam";
import { serve } from "./plugin.ts";

const accountId = "111122223333";
const partition = "aws";

/** The results of functions by their arguments. */
const functions: Readonly<Record<string, (inputs: { nameRegex: string; pathPrefix: string }) => Promise<object>>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": async () => ({
    accountId,
    arn: `arn:${partition}:iam::${accountId}:user/tests`,
    id: accountId,
    userId: "AIDATESTTESTTESTTEST1",
  }),
  "aws:index/getPartition:getPartition": async () => ({
    partition,
    id: partition,
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  // As in internal/service/iam/roles_data_source.go of terraform-provider-aws: the expression need not match the whole name.
  "aws:iam/getRoles:getRoles": async ({ nameRegex, pathPrefix }) => {
    const roles = [];
    for await (const { Roles = [] } of paginateListRoles({ client: new IAM() }, { PathPrefix: pathPrefix })) {
      roles.push(...Roles.filter(({ RoleName = "" }) => new RegExp(nameRegex).test(RoleName)));
    }
    const [arns, names] = [roles.map(({ Arn }) => Arn), roles.map(({ RoleName }) => RoleName)];
    return { arns, names, id: "eu-central-1", nameRegex, pathPrefix };
  },
};

serve("aws", {
  invoke: async (token, inputs) => {
    const outputs = await functions[token]?.(inputs);
    return outputs === undefined
      ? { failures: [{ property: "", reason: `the stand-in for AWS knows no ${token}` }] }
      : { outputs };
  },
});
