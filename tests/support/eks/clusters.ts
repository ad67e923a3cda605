import { describeClusterResponse, type HttpResponse, json } from "../aws/responses.ts";
import { eksError, invalid } from "./awsError.ts";
import type { EksRequest } from "./routes.ts";
import { type Cluster, region } from "./state.ts";

/** The cluster with a name in the caller's account. */
export function clusterOf(clusters: readonly Cluster[], account: string, name: string): Cluster {
  const cluster = clusters.find((candidate) => candidate.name === name && candidate.account === account);
  if (cluster === undefined) {
    throw eksError("ResourceNotFoundException", `No cluster found for name: ${name}.`, { clusterName: name });
  }
  return cluster;
}

/** Answers the calls on a cluster and its nodes. */
export function answerClusterCall(cluster: Cluster, { operation, path, query }: EksRequest): HttpResponse {
  const clusterName = cluster.name;
  switch (operation) {
    case "ListNodegroups": {
      const { items, ...rest } = pageOf([...cluster.nodegroups.keys()], (name) => name, query);
      return json({ nodegroups: items, ...rest });
    }
    case "ListFargateProfiles": {
      const { items, ...rest } = pageOf([...cluster.fargateProfiles.keys()], (name) => name, query);
      return json({ fargateProfileNames: items, ...rest });
    }
    case "DescribeNodegroup":
      return json({ nodegroup: { ...cluster.nodegroups.get(path["nodegroupName"] ?? ""), clusterName } });
    case "DescribeFargateProfile":
      return json({
        fargateProfile: { ...cluster.fargateProfiles.get(path["fargateProfileName"] ?? ""), clusterName },
      });
    default:
      return describeClusterResponse(
        clusterName,
        { ...cluster, authenticationMode: cluster.mode },
        region,
        cluster.account,
      );
  }
}

/**
 * One page of a list: 100 items, or the requested number up to 100 (botocore, ListAccessEntriesRequestMaxResults). A token continues after
 * the last item even if that item was deleted.
 *
 * @param keyOf the unique key that orders the items: EKS guarantees no order, so no test should rely on the order of creation
 */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  query: URLSearchParams,
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const most = Number(query.get("maxResults") ?? "100");
  if (!(most >= 1 && most <= 100)) {
    throw invalid("maxResults must be between 1 and 100");
  }
  const after = query.get("nextToken") ?? "";
  const rest = items.filter((item) => keyOf(item) > after).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  const page = rest.slice(0, most);
  const last = page.at(-1);
  return { items: page, ...(last !== undefined && rest.length > page.length && { nextToken: keyOf(last) }) };
}
