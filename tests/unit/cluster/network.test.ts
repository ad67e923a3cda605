import { describe, expect, it } from "vitest";
import { proxyFor } from "../../../provider/cluster/network.ts";

describe("proxyFor", () => {
  it.each([
    ["https://a.example", { HTTPS_PROXY: "http://p:1" }, "http://p:1"],
    ["https://a.example", { https_proxy: "p:1" }, "http://p:1"],
    ["https://a.example", { HTTPS_PROXY: "socks5://p:1" }, "socks5://p:1"],
    ["http://a.example", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["http://a.example", { HTTP_PROXY: "http://p:1" }, "http://p:1"],
    ["https://a.example", { HTTPS_PROXY: "" }, undefined],
    ["https://localhost", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://[::1]:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
  ])("for %s with %j is %s", (url, env, proxy) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });

  it.each([
    ["*", "https://a.example", true],
    ["example", "https://a.example", true],
    [".example", "https://a.example", true],
    ["*.example", "https://a.example", true],
    [".a.example", "https://a.example", false],
    ["b.example, a.example", "https://a.example", true],
    ["A.EXAMPLE", "https://a.example", true],
    ["ple", "https://a.example", false],
    ["a.example:443", "https://a.example", true],
    ["a.example:8443", "https://a.example", false],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/8", "https://a.example", false],
    ["10.1.2.3", "https://10.1.2.3:6443", true],
    ["fd00::/8", "https://[fd00::1]", true],
    ["10.0.0.0/99", "https://10.1.2.3", false],
    ["", "https://a.example", false],
  ])("NO_PROXY=%j exempts %s: %s", (noProxy, url, exempt) => {
    const proxy = proxyFor(new URL(url), { HTTPS_PROXY: "http://p:1", NO_PROXY: noProxy });
    expect(proxy === undefined).toBe(exempt);
  });
});
