import { readFileSync } from "node:fs";
import { type AwsEndpoint, startAwsEndpoint } from "../../tests/support/aws/endpoint.ts";
import type { TestCluster } from "../../tests/support/cluster/startCluster.ts";
import { type Bench, otherEntries } from "./bench.ts";
import { type LocalProxy, startProxy } from "./proxy.ts";

/**
 * Many EKS clusters on one real API server: a cluster's API server is a path of a proxy, which leads to a namespace of its own in the
 * place of kube-system. So each cluster has its own aws-auth with its own versions, kept by etcd, and no cluster is in another one's way.
 */
export interface EksFleet {
  readonly names: readonly string[];
  /** Before all API servers. */
  readonly api: LocalProxy;
  /** Before EKS. */
  readonly eks: LocalProxy;
  /** EKS itself: what it was asked. */
  readonly aws: AwsEndpoint;
  /** What a program needs in its environment to find EKS. */
  readonly env: Readonly<Record<string, string>>;
  /** Gives every cluster a new map again. */
  reset(): Promise<void>;
}

/** @param delay milliseconds to EKS, and to each API server. */
export async function eksFleet(bench: Bench, cluster: TestCluster, size: number, delay: number): Promise<EksFleet> {
  const names = Array.from({ length: size }, (_, index) => `fleet-${index}`);
  const api = await startProxy(bench, {
    target: cluster.server,
    ca: readFileSync(cluster.caFile, "utf8"),
    delay,
    rewrite: (path) =>
      path
        .replace(/^\/(fleet-\d+)(\/api\/v1\/namespaces)\/kube-system/, "$2/$1")
        .replace(/^\/fleet-\d+(?=\/apis\/)/, ""),
    headers: { authorization: `Bearer ${cluster.adminToken}` },
  });
  const clusters = new Map(
    names.map((name) => [
      name,
      { endpoint: `${api.url}/${name}`, caData: cluster.caData, authenticationMode: "CONFIG_MAP" },
    ]),
  );
  const aws = await startAwsEndpoint({ identity: "arn:aws:iam::111122223333:user/deployer", clusters });
  bench.onEnd(() => aws.stop());
  const eks = await startProxy(bench, { target: aws.url, delay });
  for (const name of names) {
    await cluster.request("POST", "/api/v1/namespaces", { metadata: { name } });
  }
  return {
    names,
    api,
    eks,
    aws,
    env: {
      AWS_ENDPOINT_URL_EKS: eks.url,
      AWS_ENDPOINT_URL_STS: aws.url,
      AWS_ACCESS_KEY_ID: "AKIADEPLOYER",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-central-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    reset: () => reset(cluster, names),
  };
}

/** The ConfigMap has to be there: one that the provider makes would name kube-system in its body. */
async function reset(cluster: TestCluster, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const collection = `/api/v1/namespaces/${name}/configmaps`;
    await cluster.request("DELETE", `${collection}/aws-auth`);
    const { status } = await cluster.request("POST", collection, {
      metadata: { name: "aws-auth" },
      data: otherEntries,
    });
    if (status !== 201) {
      throw new Error(`POST ${collection}: ${status}`);
    }
  }
}
