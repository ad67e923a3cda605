// A stand-in for pulumi-resource-aws with the functions and resources of the examples. Roles are those of the stand-in of IAM; other resources
// exist in the state only.
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
  "aws:index/getRegion:getRegion": async () => ({ id: "eu-central-1", region: "eu-central-1" }),
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
  create: async (urn, inputs) => {
    const [, , type, resource = ""] = urn.split("::");
    const name: string = inputs.name ?? inputs.clusterName ?? resource;
    if (type === "aws:iam/role:Role") {
      const { assumeRolePolicy } = inputs;
      const { Role } = await new IAM().createRole({ RoleName: name, AssumeRolePolicyDocument: assumeRolePolicy });
      return { id: name, outs: { ...inputs, name, arn: Role?.Arn } };
    }
    const arn = `arn:${partition}:eks:eu-central-1:${accountId}:cluster/${name}`;
    return { id: name, outs: { ...inputs, name, ...(type === "aws:eks/cluster:Cluster" && { arn }) } };
  },
  delete: async (id, urn) => {
    if (urn.split("::")[2] === "aws:iam/role:Role") {
      await new IAM().deleteRole({ RoleName: id });
    }
  },
});
