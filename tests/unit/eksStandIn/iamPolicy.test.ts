import { expect, it } from "vitest";
import { checkPolicyDocument, isAllowed, type PolicyDocument, type Statement } from "../../support/eks/iamPolicy.ts";

const cluster = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
const arn = "arn:aws:iam::111122223333:role/team-a/dev";
const [user, groups, principal] = ["eks:username", "eks:kubernetesGroups", "eks:principalArn"];

function policyOf(operator: string, key: string, pattern: string | readonly string[], more: Partial<Statement> = {}) {
  const condition = { [operator]: { [key]: pattern } };
  const statement = { Effect: "Allow", Action: "eks:CreateAccessEntry", Resource: cluster, Condition: condition };
  return { Version: "2012-10-17", Statement: [{ ...statement, ...more }] } satisfies PolicyDocument;
}

it.each<
  [operator: string, key: string, pattern: string | string[], value: string | string[] | undefined, holds: boolean]
>([
  ["StringEquals", user, ["b", "a"], "a", true],
  ["StringEquals", user, "a*", "ab", false],
  ["StringEquals", user, "a", undefined, false],
  ["StringLike", user, "a.?:*", "a.b:", true],
  ["StringLike", user, "a.?:*", "aab:", false],
  ["ArnLike", principal, "arn:aws:iam::*:role/team-a/*", arn, true],
  ["ArnEquals", principal, "arn:*:role/team-a/dev", arn, false],
  ["ForAllValues:StringLike", groups, "a:*", ["a:x", "a:y"], true],
  ["ForAllValues:StringLike", groups, "a:*", ["a:x", "b"], false],
  ["ForAllValues:StringLike", groups, "a:*", undefined, true],
  ["ForAnyValue:StringEquals", groups, "b", ["a", "b"], true],
  ["ForAnyValue:StringEquals", groups, "b", [], false],
  ["Null", groups, "false", [], false],
  ["Null", groups, "true", undefined, true],
])("%s of %s with %j and the value %j holds: $4", (operator, key, pattern, value, holds) => {
  const policy = policyOf(operator, key, pattern);
  checkPolicyDocument(policy);
  const call = { action: "eks:CreateAccessEntry", resource: cluster, values: { [key]: value } };
  expect(isAllowed(policy, call)).toBe(holds);
  const denial = { Effect: "Deny", Action: "eks:*", Resource: "*" };
  expect(isAllowed({ ...policy, Statement: [...policy.Statement, denial] }, call)).toBe(false);
  expect(isAllowed(policy, { ...call, resource: `${cluster}-2` })).toBe(false);
});

it.each<[problem: string, policy: PolicyDocument]>([
  ["StringNotLike", policyOf("StringNotLike", user, "a")],
  ["StringEqualsIfExists", policyOf("StringEqualsIfExists", user, "a")],
  ["StringLike", policyOf("StringLike", groups, "a")],
  ["ForAllValues:StringLike", policyOf("ForAllValues:StringLike", user, "a")],
  ["eks:groups of eks:CreateAccessEntry", policyOf("StringEquals", "eks:groups", "a")],
  ["eks:username of eks:UpdateAccessEntry", policyOf("StringLike", user, "a", { Action: "eks:UpdateAccessEntry" })],
  ["ec2:RunInstances", policyOf("Null", user, "true", { Action: "ec2:RunInstances" })],
])("a policy is refused for %s", (problem, policy) => {
  expect(() => checkPolicyDocument(policy)).toThrow(`unknown in a policy: ${problem}`);
});
