import { describe, expect, it, onTestFinished, vi } from "vitest";
import { kubeconfigOf } from "../support.ts";
import { caData, open, type World, withSts, world } from "./world.ts";

const operations = ({ aws }: World) => aws.requests.map(({ operation }) => operation);

describe("an EKS cluster of a known account", () => {
  const arnIn = (account: string, name = "prod") => `arn:aws:eks:eu-central-1:${account}:cluster/${name}`;
  const openIn = (account: string, name?: string) => open(arnIn(account, name), withSts());

  it("is reached with that account's credentials, with one request", async () => {
    const started = await world();
    expect((await (await openIn("111122223333")).read()).version).toBe("1");
    expect(operations(started)).toEqual(["DescribeCluster"]);
  });

  it("is not the cluster of that name in another account", async () => {
    const started = await world();
    await expect((await openIn("444455556666")).read()).rejects.toMatchObject({
      code: "clusterChanged",
      message: expect.stringMatching(
        /^EKS cluster "prod" \(eu-central-1\) of account 444455556666 cannot be reached with the default AWS credentials, of account 111122223333; set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials of account 444455556666, or name the other cluster/,
      ),
    });
    expect(started.api.requests).toEqual([]);
  });

  it("is not gone because another account has none of that name", async () => {
    // Where anybody may have put the account that they mean, it is no proof.
    const started = await world({ AWS_ACCOUNT_ID: "444455556666" });
    await expect((await openIn("444455556666", "gone")).read()).rejects.toMatchObject({
      code: "clusterChanged",
      message: expect.stringMatching(
        /^EKS cluster "gone" .* of account 444455556666 cannot be reached with .*, of account 111122223333; /,
      ),
    });
    expect(operations(started)).toEqual(["DescribeCluster", "GetCallerIdentity"]);
    expect(started.aws.requests[1]).toMatchObject({ accessKeyId: "AKIAENV", region: "eu-central-1", service: "sts" });
  });

  it("is gone when its own account has none of that name", async () => {
    await world();
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "clusterGone",
      message: 'EKS cluster "gone" (eu-central-1) of account 111122223333 does not exist any more, according to EKS',
    });
  });

  it("is not known to be gone when STS does not say whose the credentials are", async () => {
    const { aws } = await world();
    aws.fail("GetCallerIdentity", { status: 403, code: "AccessDenied", message: "explicit deny" });
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "accessDenied",
      message: expect.stringMatching(/may not do sts:GetCallerIdentity \(explicit deny\)/),
    });
  });

  it("is not known to be gone when STS cannot be reached", async () => {
    await world({ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9" });
    await expect((await openIn("111122223333", "gone")).read()).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringMatching(/cannot be reached .* for sts:GetCallerIdentity: /),
    });
  });
});

describe("the account of an EKS cluster", () => {
  const gone = { name: "gone", region: "eu-central-1" };

  it("is learned by the request that a read needs anyway, and asserted for each who asks", async () => {
    const started = await world();
    const store = await open(undefined, withSts());
    expect(await store.account()).toBe("111122223333");
    expect(await store.account("111122223333")).toBe("111122223333");
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    expect((await store.read()).version).toBe("1");
    expect(operations(started)).toEqual(["DescribeCluster"]);
  });

  it("decides for each who asks whether a cluster that is not found is gone; AWS is asked once", async () => {
    const started = await world();
    const store = await open(gone, withSts());
    await expect(store.account()).rejects.toMatchObject({ code: "clusterNotFound" });
    await expect(store.account("111122223333")).rejects.toMatchObject({ code: "clusterGone" });
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    await expect(store.read()).rejects.toMatchObject({ code: "clusterNotFound" });
    expect(operations(started)).toEqual(["DescribeCluster", "GetCallerIdentity"]);
  });

  it("is asked for again some time after a failure", async () => {
    const { aws } = await world();
    aws.fail("DescribeCluster", { status: 403, code: "AccessDeniedException", message: "no" }, 1);
    const store = await open();
    await expect(store.account()).rejects.toMatchObject({ code: "accessDenied" });
    await expect(store.account()).rejects.toMatchObject({ code: "accessDenied" });
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 11_000);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await store.account()).toBe("111122223333");
  });

  it("is another one's before it is told that its cluster ignores aws-auth", async () => {
    const { clusters, api } = await world();
    clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API" });
    const store = await open();
    await expect(store.account("444455556666")).rejects.toMatchObject({ code: "clusterChanged" });
    expect(await store.account("111122223333")).toBe("111122223333");
    await expect(store.read()).rejects.toMatchObject({ code: "configMapIgnored" });
  });

  it("is none of a cluster that a kubeconfig or a manifest names", async () => {
    const kubeconfig = kubeconfigOf({ a: "https://a.example" });
    for (const input of [{ kubeconfig }, { manifest: "m.yaml" }]) {
      expect(await (await open(input)).account()).toBeUndefined();
    }
  });
});
