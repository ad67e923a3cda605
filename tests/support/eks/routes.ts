import { eksError } from "./awsError.ts";

const cluster = "/clusters/{clusterName}";
const entries = `${cluster}/access-entries`;
const entry = `${entries}/{principalArn}`;
const tags = "/tags/{resourceArn}";

/** The HTTP bindings of EKS: botocore, data/eks/2017-11-01/service-2.json. */
const routes = [
  ["DescribeCluster", "GET", cluster],
  ["DescribeClusterVersions", "GET", "/cluster-versions"],
  ["ListNodegroups", "GET", `${cluster}/node-groups`],
  ["DescribeNodegroup", "GET", `${cluster}/node-groups/{nodegroupName}`],
  ["ListFargateProfiles", "GET", `${cluster}/fargate-profiles`],
  ["DescribeFargateProfile", "GET", `${cluster}/fargate-profiles/{fargateProfileName}`],
  ["CreateAccessEntry", "POST", entries],
  ["ListAccessEntries", "GET", entries],
  ["DescribeAccessEntry", "GET", entry],
  ["UpdateAccessEntry", "POST", entry],
  ["DeleteAccessEntry", "DELETE", entry],
  ["AssociateAccessPolicy", "POST", `${entry}/access-policies`],
  ["ListAssociatedAccessPolicies", "GET", `${entry}/access-policies`],
  ["DisassociateAccessPolicy", "DELETE", `${entry}/access-policies/{policyArn}`],
  ["TagResource", "POST", tags],
  ["UntagResource", "DELETE", tags],
] as const;

/** Operations of EKS that the local AWS implements. */
export type EksOperation = (typeof routes)[number][0];

const patterns = routes.map(([operation, method, path]) => {
  const pattern = new RegExp(`^${path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
  return { operation, method, pattern };
});

/** A parsed request to EKS. The SDK gives each field the type of EKS's model. */
export interface EksRequest {
  readonly operation: EksOperation;
  /** Parts of the path, decoded: `clusterName`, `principalArn`, ... */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: {
    readonly principalArn?: string;
    readonly kubernetesGroups?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly clientRequestToken?: string;
    readonly username?: string;
    readonly type?: string;
    readonly policyArn?: string;
    readonly accessScope?: { readonly type?: string; readonly namespaces?: readonly string[] };
  };
}

/** The EKS operation of a method and path, and the parts of the path; undefined for any other. */
export function matchRoute(
  method: string,
  path: string,
): { readonly operation: EksOperation; readonly parts: Readonly<Record<string, string>> } | undefined {
  for (const { operation, pattern, ...route } of patterns) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (match !== null) {
      const parts = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
      return { operation, parts: Object.fromEntries(parts) };
    }
  }
  return undefined;
}

export function parseRequest(method: string, path: string, query: URLSearchParams, body: string): EksRequest {
  const matched = matchRoute(method, path);
  if (matched === undefined) {
    throw eksError("UnknownOperationException", `${method} ${path} is no operation of EKS`);
  }
  return { operation: matched.operation, path: matched.parts, query, body: body === "" ? {} : JSON.parse(body) };
}
