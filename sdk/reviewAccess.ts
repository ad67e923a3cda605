import { wellFormed } from "../provider/engine/wellFormed";
import type { AccessReview } from "../provider/review/model";
import type { PlainCluster } from "./getIdentityMappings";
import { checkedSettings } from "./settings";

/** Arguments of {@link reviewAccess}, as plain values. */
export interface ReviewAccessArgs {
  /** The clusters to review, each as in {@link getIdentityMappings}. Default: the cluster in the stack's configuration. */
  clusters?: PlainCluster[];
  /** An earlier review to compare with. Default: none. */
  since?: AccessReview;
}

/**
 * Reviews who has access to clusters, as `npx pulumi-aws-auth review` does: every identity of each map, and each one that has an EKS
 * access entry, with its entries, rights and findings, and what has changed since an earlier review. Eight clusters are read at a time.
 *
 * @returns the review. Clusters that cannot be read are in `unread`. If bindings may not be listed, or for a manifest, `hasRights` is
 * false, and only groups are known. If access entries may not be read, `accessEntriesUnread` says why, and only the map is known.
 *
 * @example
 * ```ts
 * import * as awsAuth from "pulumi-aws-auth";
 *
 * const review = awsAuth.reviewAccess({ clusters: ["prod", { name: "staging", region: "eu-west-1" }] });
 * export const administrators = review.then(({ clusters }) =>
 *   clusters.flatMap(({ name, identities }) =>
 *     identities.filter(({ isAdministrator }) => isAdministrator).map(({ identity }) => `${identity} in ${name}`),
 *   ),
 * );
 * ```
 */
export async function reviewAccess(args: ReviewAccessArgs = {}): Promise<AccessReview> {
  // What reads clusters is loaded only by programs that ask for it.
  const [{ listedTarget }, { reviewClusters }] = await Promise.all([
    import("../provider/cluster/readClusters.js"),
    import("../provider/review/reviewClusters.js"),
  ]);
  const settings = checkedSettings();
  const targets = (args.clusters ?? [undefined]).map((cluster, index) => {
    const fallback = cluster === undefined ? "the cluster of the stack's configuration" : `cluster ${index + 1}`;
    return listedTarget(cluster, fallback, settings);
  });
  return wellFormed(await reviewClusters(targets, { createdAt: new Date(), since: args.since }));
}
