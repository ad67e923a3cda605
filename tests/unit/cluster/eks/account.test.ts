import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { caData } from "../../../support/cluster/apiServer.ts";
import { expectFailure, kubeconfigOf, openCluster, setEnv } from "../../../support/cluster/kubeconfigs.ts";
import { open, type World, world } from "./world.ts";

const own = "111122223333";
const other = "444455556666";
const openIn = (account: string, name = "prod") => open(`arn:aws:eks:eu-central-1:${account}:cluster/${name}`);

let started: World;
beforeEach(async () => {
  started = await world();
});
const operations = () => started.aws.requests.map(({ operation }) => operation);

describe("an EKS cluster of a known account", () => {
  it("is read with credentials of that account, with one request", async () => {
    expect((await (await openIn(own)).read()).version).toBe("1");
    expect(operations()).toEqual(["DescribeCluster"]);
  });

  it("is not confused with a cluster of the same name in another account", async () => {
    await expectFailure(
      (await openIn(other)).read(),
      "clusterChanged",
      /^EKS cluster "prod" \(eu-central-1\) is in account 444455556666, not in account 111122223333 of the default AWS credentials; set AWS_AUTH_PROFILE or AWS_AUTH_ROLE_ARN to credentials for account 444455556666/,
    );
    expect(started.api.requests).toEqual([]);
  });

  it("is not reported as deleted if the credentials are of another account", async () => {
    // AWS_ACCOUNT_ID may be set by hand, so it proves nothing.
    setEnv({ AWS_ACCOUNT_ID: other });
    await expectFailure(
      (await openIn(other, "gone")).read(),
      "clusterChanged",
      /^EKS cluster "gone" .* is in account 444455556666, not in account 111122223333 of .*; /,
    );
    expect(operations()).toEqual(["DescribeCluster", "GetCallerIdentity"]);
    expect(started.aws.requests[1]).toMatchObject({ accessKeyId: "AKIAENV", region: "eu-central-1", service: "sts" });
  });

  it("is reported as deleted if its account has no cluster of this name", async () => {
    await expectFailure(
      (await openIn(own, "gone")).read(),
      "clusterGone",
      'EKS cluster "gone" (eu-central-1) of account 111122223333 no longer exists, according to EKS',
    );
  });

  it("is not reported as deleted if STS refuses GetCallerIdentity or cannot be reached", async () => {
    const read = async () => (await openIn(own, "gone")).read();
    started.aws.fail("GetCallerIdentity", { status: 403, code: "AccessDenied", message: "explicit deny" });
    await expectFailure(read(), "accessDenied", /cannot perform sts:GetCallerIdentity \(explicit deny\)/);
    setEnv({ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9" });
    await expectFailure(read(), "clusterUnreachable", /cannot be reached .* for sts:GetCallerIdentity: /);
  });
});

describe("the account of an EKS cluster", () => {
  it("is read from the DescribeCluster response, and compared for each caller", async () => {
    const store = await open();
    expect(await store.account()).toBe(own);
    expect(await store.account(own)).toBe(own);
    await expectFailure(store.account(other), "clusterChanged");
    expect((await store.read()).version).toBe("1");
    expect(operations()).toEqual(["DescribeCluster"]);
  });

  it("decides for each caller whether a missing cluster was deleted, with one lookup", async () => {
    const store = await open({ name: "gone", region: "eu-central-1" });
    await expectFailure(store.account(), "clusterNotFound");
    await expectFailure(store.account(own), "clusterGone");
    await expectFailure(store.account(other), "clusterChanged");
    await expectFailure(store.read(), "clusterNotFound");
    expect(operations()).toEqual(["DescribeCluster", "GetCallerIdentity"]);
  });

  it("is requested again 11 seconds after a failure", async () => {
    started.aws.fail("DescribeCluster", { status: 403, code: "AccessDeniedException", message: "no" }, 1);
    const store = await open();
    await expectFailure(store.account(), "accessDenied");
    await expectFailure(store.account(), "accessDenied");
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 11_000);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await store.account()).toBe(own);
  });

  it("is compared before the authentication mode, in which the cluster may ignore aws-auth", async () => {
    started.clusters.set("prod", { endpoint: started.api.url, caData, authenticationMode: "API" });
    const store = await open();
    await expectFailure(store.account(other), "clusterChanged");
    expect(await store.account(own)).toBe(own);
    await expectFailure(store.read(), "configMapIgnored");
  });

  it.each([
    ["a kubeconfig", { kubeconfig: kubeconfigOf({ a: "https://a.example" }) }],
    ["a manifest", { manifest: "m.yaml" }],
  ])("is unknown for %s", async (_title, input) => {
    expect(await (await openCluster(input)).account()).toBeUndefined();
  });
});
