import { eksError } from "./awsError.ts";

/** Operations of EKS that the local AWS knows. */
export type EksOperation = (typeof routes)[number]["operation"];

type FieldKind = "string" | "strings" | "tags" | "scope" | "accessConfig";

interface Route {
  readonly operation: string;
  readonly method: string;
  /** `{name}` stands for one segment. */
  readonly path: string;
  /** Names of the parameters in the query string. */
  readonly query?: readonly string[];
  /** Fields of the body; those that end in `!` are required. */
  readonly body?: Readonly<Record<string, FieldKind>>;
}

const paging = ["maxResults", "nextToken"];
const cluster = "/clusters/{clusterName}";
const entries = `${cluster}/access-entries`;
const entry = `${entries}/{principalArn}`;

/** The HTTP bindings of EKS: botocore, data/eks/2017-11-01/service-2.json. */
const routes = [
  { operation: "DescribeCluster", method: "GET", path: cluster },
  { operation: "DescribeClusterVersions", method: "GET", path: "/cluster-versions", query: ["*"] },
  {
    operation: "UpdateClusterConfig",
    method: "POST",
    path: `${cluster}/update-config`,
    body: { "accessConfig!": "accessConfig", clientRequestToken: "string" },
  },
  { operation: "DescribeUpdate", method: "GET", path: `${cluster}/updates/{updateId}` },
  { operation: "ListNodegroups", method: "GET", path: `${cluster}/node-groups`, query: paging },
  { operation: "DescribeNodegroup", method: "GET", path: `${cluster}/node-groups/{nodegroupName}` },
  { operation: "ListFargateProfiles", method: "GET", path: `${cluster}/fargate-profiles`, query: paging },
  { operation: "DescribeFargateProfile", method: "GET", path: `${cluster}/fargate-profiles/{fargateProfileName}` },
  {
    operation: "CreateAccessEntry",
    method: "POST",
    path: entries,
    body: {
      "principalArn!": "string",
      kubernetesGroups: "strings",
      tags: "tags",
      clientRequestToken: "string",
      username: "string",
      type: "string",
    },
  },
  { operation: "ListAccessEntries", method: "GET", path: entries, query: paging },
  { operation: "DescribeAccessEntry", method: "GET", path: entry },
  {
    operation: "UpdateAccessEntry",
    method: "POST",
    path: entry,
    body: { kubernetesGroups: "strings", clientRequestToken: "string", username: "string" },
  },
  { operation: "DeleteAccessEntry", method: "DELETE", path: entry },
  {
    operation: "AssociateAccessPolicy",
    method: "POST",
    path: `${entry}/access-policies`,
    body: { "policyArn!": "string", "accessScope!": "scope" },
  },
  { operation: "ListAssociatedAccessPolicies", method: "GET", path: `${entry}/access-policies`, query: paging },
  { operation: "DisassociateAccessPolicy", method: "DELETE", path: `${entry}/access-policies/{policyArn}` },
  { operation: "TagResource", method: "POST", path: "/tags/{resourceArn}", body: { "tags!": "tags" } },
  { operation: "UntagResource", method: "DELETE", path: "/tags/{resourceArn}", query: ["tagKeys"] },
  { operation: "ListTagsForResource", method: "GET", path: "/tags/{resourceArn}" },
] as const satisfies readonly Route[];

/** A request for EKS, taken apart. */
export interface EksRequest {
  readonly operation: EksOperation;
  /** Parts of the path, decoded: `clusterName`, `principalArn`, ... */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: RequestBody;
}

/** The body of a request, each field of the type that EKS's model gives it. */
export interface RequestBody {
  readonly principalArn?: string;
  readonly kubernetesGroups?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly clientRequestToken?: string;
  readonly username?: string;
  readonly type?: string;
  readonly policyArn?: string;
  readonly accessScope?: { readonly type?: string; readonly namespaces?: readonly string[] };
  readonly accessConfig?: { readonly authenticationMode?: string };
}

/** The operation of EKS behind a method and path, and the parts of the path; undefined for any other. */
export function matchRoute(
  method: string,
  path: string,
):
  | { readonly route: Route & { readonly operation: EksOperation }; readonly parts: Record<string, string> }
  | undefined {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
    const match = route.method === method ? pattern.exec(path) : null;
    if (match !== null) {
      const parts = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { route, parts: Object.fromEntries(parts) };
    }
  }
  return undefined;
}

/**
 * Takes a request for EKS apart. Fields and parameters that the model does not have, or of another type, are refused: AWS may be
 * milder with what it does not know [inferred].
 */
export function parseRequest(method: string, path: string, query: URLSearchParams, body: string): EksRequest {
  const matched = matchRoute(method, path);
  if (matched === undefined) {
    throw eksError("UnknownOperationException", `${method} ${path} is no operation of EKS`);
  }
  const { route, parts } = matched;
  const known = route.query ?? [];
  const strange = [...query.keys()].find((name) => !known.includes(name) && !known.includes("*"));
  if (strange !== undefined) {
    throw eksError("SerializationException", `${route.operation} has no parameter ${strange}`);
  }
  return { operation: route.operation, path: parts, query, body: parseBody(route, body) };
}

function parseBody({ operation, body: fields }: Route, text: string): RequestBody {
  if (fields === undefined || text === "") {
    if (text !== "") {
      throw eksError("SerializationException", `${operation} has no body`);
    }
    checkFields(operation, {}, fields ?? {});
    return {};
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw eksError("SerializationException", "The body is not JSON");
  }
  if (!isObject(body)) {
    throw eksError("SerializationException", "The body is not an object");
  }
  checkFields(operation, body, fields);
  return body;
}

function checkFields(
  operation: string,
  body: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, FieldKind>>,
): void {
  const kinds = new Map(Object.entries(fields).map(([name, kind]) => [name.replace("!", ""), kind]));
  for (const [name, value] of Object.entries(body)) {
    const kind = kinds.get(name);
    if (kind === undefined || !isOfKind(value, kind)) {
      throw eksError("SerializationException", `${operation} has no field ${name} of this type`);
    }
  }
  const missing = Object.keys(fields).find((name) => name.endsWith("!") && !(name.slice(0, -1) in body));
  if (missing !== undefined) {
    throw eksError("InvalidParameterException", `The ${missing.slice(0, -1)} parameter is required`); // [inferred]
  }
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case "string":
      return typeof value === "string";
    case "strings":
      return isStrings(value);
    case "tags":
      return isObject(value) && isStrings(Object.values(value));
    case "scope":
      return hasOnly(value, { type: "string", namespaces: "strings" });
    case "accessConfig":
      return hasOnly(value, { authenticationMode: "string" });
  }
}

function hasOnly(value: unknown, fields: Readonly<Record<string, FieldKind>>): boolean {
  return (
    isObject(value) &&
    Object.entries(value).every(([name, of]) => {
      const kind = fields[name];
      return kind !== undefined && isOfKind(of, kind);
    })
  );
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
