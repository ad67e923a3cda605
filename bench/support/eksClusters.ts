import { readFileSync } from "node:fs";
import { startAwsEndpoint } from "../../tests/support/aws/endpoint.ts";
import { startTokenReviewer } from "../../tests/support/aws/tokenReview.ts";
import { type AwsAuthMap, grant } from "../../tests/support/cluster/awsAuth.ts";
import { type Bench, clusterFor } from "./bench.ts";
import { startProxy } from "./proxy.ts";

/** The distance of the API server: near, or 100 milliseconds away. */
export const distances = { near: 0, far: 100 } as const;

/** Name of an EKS cluster, by the distance of its API server. */
export type Distance = keyof typeof distances;

/** One API server as two EKS clusters at different distances. */
export interface EksClusters {
  readonly region: string;
  /** The one map of both. */
  readonly map: AwsAuthMap;
  /** Environment variables that lead to EKS, with an identity that may write only aws-auth. */
  readonly env: Readonly<Record<string, string>>;
}

/** A cluster as users meet it: found by its name in EKS, and entered with a token of AWS credentials. AWS itself is near. */
export async function eksClusters(bench: Bench): Promise<EksClusters> {
  const [accessKeyId, user, region] = ["AKIADEPLOYER", "deployer", "eu-central-1"];
  const reviewer = await startTokenReviewer({ [accessKeyId]: user }, "near");
  bench.onEnd(() => reviewer.stop());
  const { cluster, map } = await clusterFor(bench, { authenticationTokenWebhookConfigFile: reviewer.configFile });
  // Not the documented role, which does not allow replacing the whole ConfigMap, as eksctl does.
  const verbs = ["get", "create", "update", "patch"];
  await grant(cluster, user, [{ apiGroups: [""], resources: ["configmaps"], verbs }]);
  const ca = readFileSync(cluster.caFile, "utf8");
  const proxy = await startProxy(bench, { target: cluster.server, ca, delay: distances.far });
  const endpoints: Record<Distance, string> = { near: cluster.server, far: proxy.url };
  const clusters = Object.entries(endpoints).map(
    ([name, endpoint]) => [name, { endpoint, caData: cluster.caData }] as const,
  );
  const aws = await startAwsEndpoint({
    identity: `arn:aws:iam::111122223333:user/${user}`,
    clusters: new Map(clusters),
  });
  bench.onEnd(() => aws.stop());
  return {
    region,
    map,
    env: {
      AWS_ENDPOINT_URL_EKS: aws.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  };
}
