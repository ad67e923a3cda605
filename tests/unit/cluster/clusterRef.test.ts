import { describe, expect, it } from "vitest";
import { serverFingerprint } from "../../../provider/cluster/clusterRef.ts";

describe("serverFingerprint", () => {
  it.each([
    ["https://a.example", "https://A.example/", true],
    ["https://a.example", "https://a.example:443", true],
    ["https://a.example/k8s/c-1", "https://a.example/k8s/c-1/", true],
    ["https://a.example/k8s/c-1", "https://a.example/k8s/c-2", false],
    ["https://a.example", "https://a.example:6443", false],
    ["https://a.example", "http://a.example", false],
    ["https://a.example", "https://b.example", false],
  ])("of %s and %s: the same is %s", (a, b, same) => {
    expect(serverFingerprint(a) === serverFingerprint(b)).toBe(same);
  });

  it.each<[title: string, a: Way, b: Way, same: boolean]>([
    ["a proxy and none", ["http://p:3128"], [], false],
    ["two proxies", ["http://p:3128"], ["http://q:3128"], false],
    ["two ports of a proxy", ["http://p:3128"], ["http://p:3129"], false],
    ["a proxy with and without credentials", ["http://me:t0p-secret@p:3128"], ["http://P:3128/"], true],
    ["new credentials for a proxy", ["http://me:old@p:3128"], ["http://me:new@p:3128"], true],
    ["a TLS server name and none", [undefined, "a.example"], [], false],
    ["two TLS server names", [undefined, "a.example"], [undefined, "b.example"], false],
    ["a TLS server name in another letter case", [undefined, "a.example"], [undefined, "A.example"], true],
    ["a proxy and a TLS server name", ["http://a.example"], [undefined, "http://a.example"], false],
  ])("of one URL with %s", (_title, a, b, same) => {
    expect(serverFingerprint("https://x", ...a) === serverFingerprint("https://x/", ...b)).toBe(same);
  });

  it("never changes, since states hold it", () => {
    const server = "https://ABC.gr7.eu-central-1.eks.amazonaws.com";
    expect(serverFingerprint(server)).toBe("abe04014ef36-");
    expect(serverFingerprint(server, "http://me:t0p-secret@proxy:3128")).toBe("abe04014ef36-4c791f8a8577");
    expect(serverFingerprint(server, undefined, "kubernetes")).toBe("abe04014ef36-7140faa58171");
  });
});

type Way = readonly [proxyUrl?: string | undefined, tlsServerName?: string];
