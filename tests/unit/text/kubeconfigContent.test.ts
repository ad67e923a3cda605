import { describe, expect, it } from "vitest";
import { holdsKubeconfig, isKubeconfigContent } from "../../../provider/text/kubeconfigContent.ts";

describe("isKubeconfigContent", () => {
  it.each([
    "kind: Config\n",
    "  {}",
    "apiVersion: v1",
    "kind: Config\\nclusters:\\n- name: a",
    "kind: Config\\nusers:\\n- name: a",
    "kind: Config, users: []",
    "'apiVersion': v1",
    '[{"clusters":[]}]',
    "YXBpVmVyc2lvbjog".repeat(100),
  ])("takes %j for content", (text) => {
    expect(isKubeconfigContent(text)).toBe(true);
  });

  it.each([
    "kubeconfig",
    "~/.kube/config",
    "C:\\Users\\me\\.kube\\config",
    "/etc/clusters:/etc/users:/etc/apiVersion",
    "/etc/kube/users/clusters.yaml",
    Array(100).fill("/home/me/.kube/one").join(":"),
    "prod",
    "arn:aws:eks:eu-west-1:111122223333:cluster/users",
  ])("takes %j for a path or a name", (text) => {
    expect(isKubeconfigContent(text)).toBe(false);
  });
});

describe("holdsKubeconfig", () => {
  it.each([
    ["users: []\n", true],
    [{ apiVersion: "v1" }, true],
    [{ clusters: [] }, true],
    [{ users: [] }, true],
    [{ kubeconfig: "users: []\n" }, false],
    [{ name: "prod" }, false],
    ["prod", false],
    [undefined, false],
    [null, false],
  ])("of %j is %s", (input, expected) => {
    expect(holdsKubeconfig(input)).toBe(expected);
  });
});
