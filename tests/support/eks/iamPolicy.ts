import { readBlock } from "../docs/markdown.ts";

/** A policy of IAM for an identity, with what the policies of the documentation use. Anything else is an error. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A call, as IAM judges it. */
export interface JudgedCall {
  /** `eks:CreateAccessEntry`, ... */
  readonly action: string;
  readonly resource: string;
  /** The values of condition keys; those that are missing have none. */
  readonly values?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** An action of each policy in docs/permissions.md. */
const documented = { reads: "ListAccessEntries", writes: "CreateAccessEntry", commands: "ListNodegroups" };

/** Policies of docs/permissions.md that are attached together. */
export async function documentedPolicy(...names: readonly (keyof typeof documented)[]): Promise<PolicyDocument> {
  const blocks = await Promise.all(names.map((name) => readBlock("docs/permissions.md", `"eks:${documented[name]}"`)));
  return { Version: "2012-10-17", Statement: blocks.flatMap((block) => JSON.parse(block).Statement) };
}

export function actionsOf({ Statement: statements }: PolicyDocument): readonly string[] {
  return [...new Set(statements.flatMap(({ Action }) => listOf(Action)))];
}

export function withoutAction({ Statement: statements, ...policy }: PolicyDocument, action: string): PolicyDocument {
  const Statement = statements.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((other) => other !== action),
  }));
  return { ...policy, Statement };
}

const ofEntry = ["eks:principalArn", "eks:accessEntryType", "eks:clusterName"];
/**
 * The keys of each action: https://docs.aws.amazon.com/service-authorization/latest/reference/list_eks.html. Omitted, since AWS does not
 * document their values: the username and groups of UpdateAccessEntry, which can be old or new, and the scope of DisassociateAccessPolicy.
 */
const keysOfAction: Readonly<Record<string, readonly string[]>> = {
  CreateAccessEntry: ["eks:principalArn", "eks:kubernetesGroups", "eks:username", "eks:accessEntryType", "aws:TagKeys"],
  AssociateAccessPolicy: [...ofEntry, "eks:policyArn", "eks:namespaces", "eks:accessScope"],
  DisassociateAccessPolicy: [...ofEntry, "eks:policyArn"],
  UpdateAccessEntry: ofEntry,
  DeleteAccessEntry: ofEntry,
  DescribeAccessEntry: ofEntry,
  ListAssociatedAccessPolicies: ofEntry,
  TagResource: [...ofEntry, "aws:TagKeys"],
  UntagResource: [...ofEntry, "aws:TagKeys"],
};

/** The operators for a key by its type: a list, an ARN or a text. */
function operatorsFor(key: string): RegExp {
  if (/Groups$|namespaces$|TagKeys$/.test(key)) {
    return /^ForAllValues:String(?:Equals|Like)$/;
  }
  return key.endsWith("Arn") ? /^Arn(?:Equals|Like)$/ : /^String(?:Equals|Like)$/;
}

/** @throws Error if the policy has something that is not known here. */
export function checkPolicyDocument({ Statement: statements }: PolicyDocument): void {
  for (const { Effect, Action, Condition = {} } of statements) {
    const problems = [
      ...(Effect === "Allow" ? [] : [Effect]),
      ...conditionsOf(Condition).flatMap(([operator, key]) => [
        ...(operatorsFor(key).test(operator) ? [] : [`${operator} of ${key}`]),
        ...listOf(Action).flatMap((action) =>
          keysOfAction[action.replace("eks:", "")]?.includes(key) ? [] : [`${key} of ${action}`],
        ),
      ]),
    ];
    if (problems.length > 0) {
      throw new Error(`unknown in a policy: ${problems.join(", ")}`);
    }
  }
}

/** Whether a statement of a policy allows a call. */
export function isAllowed(
  { Statement: statements }: PolicyDocument,
  { action, resource, values }: JudgedCall,
): boolean {
  return statements.some(
    ({ Action, Resource, Condition = {} }) =>
      listOf(Action).some((pattern) => like(pattern, action)) &&
      listOf(Resource).some((pattern) => like(pattern, resource)) &&
      conditionsOf(Condition).every(([operator, key, patterns]) =>
        holds(operator, patterns, listOf(values?.[key] ?? [])),
      ),
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function holds(operator: string, patterns: readonly string[], values: readonly string[]): boolean {
  // The operators for ARNs are the same, and match each part of an ARN alone, which makes no difference to these patterns.
  const test = operator.endsWith("StringEquals") ? Object.is : like;
  const matches = (value: string) => patterns.some((pattern) => test(pattern, value));
  // True without values, as in IAM.
  return operator.startsWith("ForAllValues") ? values.every(matches) : values.some(matches);
}

function conditionsOf(condition: NonNullable<Statement["Condition"]>) {
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, patterns]) => [operator, key, listOf(patterns)] as const),
  );
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}

/** `*` is any text, and `?` one character. */
function like(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[^\w*?]/g, "\\$&")
    .replaceAll("*", "[^]*")
    .replaceAll("?", "[^]");
  return new RegExp(`^${source}$`).test(value);
}
