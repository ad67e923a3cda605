import { describe, expect, it } from "vitest";
import { connectionTo } from "../../../provider/cluster/connect.ts";
import { eksRegionOf } from "../../../provider/cluster/kubeconfig/eksPlugin.ts";
import { resolveClusterRef } from "../../../provider/cluster/resolveClusterRef.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, settingsOf } from "../../support/cluster/kubeconfigs.ts";

describe("eksRegionOf", () => {
  it.each([
    ["0A1B.gr7.eu-central-1.eks.amazonaws.com", "eu-central-1"],
    ["0a1b.sk1.us-gov-west-1.eks.amazonaws.com", "us-gov-west-1"],
    ["0a1b.yl4.cn-north-1.eks.amazonaws.com.cn", "cn-north-1"],
    ["0a1b.sk1.us-iso-east-1.eks.c2s.ic.gov", "us-iso-east-1"],
    ["0a1b.sk1.us-isob-east-1.eks.sc2s.sgov.gov", "us-isob-east-1"],
    ["0a1b.sk1.eusc-de-east-1.eks.amazonaws.eu", "eusc-de-east-1"],
    ["0a1b.gr7.us-west-2.api.aws", "us-west-2"],
    ["0a1b.gr7.us-west-2.eks.api.aws", "us-west-2"],
    ["0a1b.yl4.cn-north-1.api.amazonwebservices.com.cn", "cn-north-1"],
    ["kube.eu-central-1.api.example.com", undefined],
    ["eu-central-1.eks.amazonaws.com.example.com", undefined],
    ["eks.eu-central-1.amazonaws.com", undefined],
    ["127.0.0.1", undefined],
  ])("finds the region in %s: %s", (host, region) => {
    expect(eksRegionOf(host)).toBe(region);
  });
});

describe("the access entries of a cluster that the kubeconfig does not specify", () => {
  const unnamed = "the kubeconfig does not contain the name of its EKS cluster";
  const metrics = "metrics.eks.amazonaws.com";
  const anywhere = "anywhere.eks.amazonaws.com";
  const eksVersion = "v1.31.2-eks-7f9249a";
  const status = (line: string) => (url: string) => (url === line ? { status: 403 } : undefined);

  it.each([
    ["a cluster of another distribution", {}, undefined],
    ["EKS by its API group", { groups: [metrics] }, unnamed],
    ["EKS on which EKS Anywhere is installed", { groups: [anywhere, metrics] }, unnamed],
    ["EKS Anywhere", { groups: [anywhere], gitVersion: eksVersion }, undefined],
    ["EKS or EKS Distro", { gitVersion: eksVersion }, `the server may belong to EKS: its version is ${eksVersion}`],
    [
      "hidden API groups",
      { fault: status("GET /apis") },
      "the server may belong to EKS: reading its API groups returned 403",
    ],
    [
      "a hidden version",
      { fault: status("GET /version") },
      "the server may belong to EKS: reading its version returned 403",
    ],
    ["the TLS server name of EKS", { serverName: "0a1b.gr7.eu-central-1.eks.amazonaws.com" }, unnamed],
    ["a local cluster on an Outpost", { args: ["eks", "get-token", "--cluster-id", "3f0c0b52"] }, unnamed],
    ["another plugin", { args: ["--cluster-id", "3f0c0b52"] }, undefined],
  ])("are known for %s, depending on the responses of the server", async (_title, given, cause) => {
    const { fault, serverName, args, ...served } = {
      ...{ fault: () => undefined, serverName: undefined, args: undefined },
      ...given,
    };
    const server = Object.assign(await startApiServer({}), served);
    server.defaultFault = () => fault(server.requests.at(-1)?.line ?? "");
    const kubeconfig = JSON.parse(kubeconfigOf({ ctx: server.url }));
    kubeconfig.clusters[0].cluster["tls-server-name"] = serverName;
    if (args !== undefined) {
      const status = { token: "t0p-secret" };
      const text = JSON.stringify({ kind: "ExecCredential", status });
      const exec = { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath };
      kubeconfig.users[0].user = { exec: { ...exec, args: ["-p", JSON.stringify(text), "--", ...args] } };
    }
    const settings = settingsOf({});
    const { hiddenEntries } = await connectionTo(await resolveClusterRef({ kubeconfig }, settings), settings);
    const remedy = "; set --cluster, or cluster in the program";
    const found = [await hiddenEntries?.(), await hiddenEntries?.()];
    expect(found).toEqual(Array(2).fill(cause && cause + remedy));
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });
});
