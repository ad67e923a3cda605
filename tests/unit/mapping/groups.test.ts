import { describe, expect, it } from "vitest";
import { builtInGroupMeant, isBuiltInGroup } from "../../../provider/mapping/index.ts";

describe("builtInGroupMeant", () => {
  it.each([
    ["system:master", "system:masters"],
    ["System:Masters", "system:masters"],
    ["SYSTEM:MASTERS", "system:masters"],
    ["system:mastres", "system:masters"],
    ["sytem:masters", "system:masters"],
    ["systems:masters", "system:masters"],
    ["system:node", "system:nodes"],
    ["system:bootstrapper", "system:bootstrappers"],
    ["system:bootstraper", "system:bootstrappers"],
    ["system:node-proxiers", "system:node-proxier"],
    ["system:authenticate", "system:authenticated"],
    ["system:serviceaccount", "system:serviceaccounts"],
    ["eks:kube-proxy-window", "eks:kube-proxy-windows"],
    ["EKS:kube-proxy-windows", "eks:kube-proxy-windows"],
  ])("takes %s for %s", (group, meant) => {
    expect(builtInGroupMeant(group)).toBe(meant);
  });

  // Names that a company may well have given itself, and the built-in ones.
  it.each([
    "system:masters",
    "system:nodes",
    "system:bootstrappers",
    "system:authenticated",
    "system:unauthenticated",
    "system:monitoring",
    "system:node-proxier",
    "system:serviceaccounts",
    "system:serviceaccounts:kube-system",
    "system:bootstrappers:kubeadm:default-node-token",
    "eks:kube-proxy-windows",
    "masters",
    "nodes",
    "node",
    "master",
    "system-masters",
    "system",
    "system:",
    "my-system:masters",
    "team:masters",
    "aws:nodes",
    "eks:masters",
    "systems:node",
    "system:admins",
    "system:testers",
    "system:monitors",
    "system:metrics",
    "system:nodes-eu",
    "system:monitoring-a",
    "system:masters2",
    "system:masters:eu",
    "system:node-{{AccountID}}",
    "eks:kube-proxy-linux",
    "aks:kube-proxy-windows",
    "eks-console-dashboard-full-access-group",
    "développeurs",
    "",
  ])("leaves %s alone", (group) => {
    expect(builtInGroupMeant(group)).toBeUndefined();
  });

  it("takes no time for a name as long as a map", () => {
    const start = performance.now();
    expect(builtInGroupMeant(`system:${"masters".repeat(100_000)}`)).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

describe("isBuiltInGroup", () => {
  it.each([
    ["system:masters", true],
    ["system:serviceaccounts:dev", true],
    ["System:masters", false],
    ["system:master", false],
    ["viewers", false],
  ])("%s: %s", (group, isBuiltIn) => {
    expect(isBuiltInGroup(group)).toBe(isBuiltIn);
  });
});
