import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { unfolded } from "../../support/unfolded.ts";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { create, createIn, type Given, type Provider, type Stored, startRun } from "./entryStack.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const adminOf = (name: string): Given => ({ name, arn: arnOf(name), groups: ["system:masters"] });
const nodesOf = (name: string): Given => ({
  name,
  arn: arnOf(name),
  groups: ["system:bootstrappers", "system:nodes"],
  username: "system:node:{{EC2PrivateDNSName}}",
});
const strict = { "aws-auth:lockoutProtection": "error" };

/** A cluster with mappings that this package has made, each kept where it says. */
async function made(...kept: readonly (readonly [Given, AuthenticationMode])[]) {
  const world = await entriesWorld("API_AND_CONFIG_MAP");
  for (const [{ arn }] of kept) {
    world.aws.principals.create(arn);
  }
  world.clock.behind -= 30_000;
  const stored: Stored[] = [];
  for (const [given, mode] of kept) {
    stored.push(await create(given, mode));
  }
  const left = () => [
    ...(world.kubernetes.data?.["mapRoles"]?.match(/role\/\w+/g) ?? []),
    ...world.aws.entries("prod").map(({ principalArn }) => `entry ${principalArn.replace(/.*\//, "")}`),
  ];
  return { ...world, stored, left };
}

const notByKubeconfig = "a kubeconfig does not lead to the EKS API";

function kubeconfigTo(server: string): string {
  return JSON.stringify({
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

/** Gives API servers behind a kubeconfig the name of one of EKS, where they are asked for it. */
async function seemsToBeEks(): Promise<void> {
  const { KubeconfigConnection } = await import("../../../provider/cluster/kubeconfig/kubeconfigConnection.ts");
  const { endpoint } = KubeconfigConnection.prototype;
  vi.spyOn(KubeconfigConnection.prototype, "endpoint").mockImplementation(async function (
    this: typeof KubeconfigConnection.prototype,
  ) {
    const url = await endpoint.call(this);
    return Object.defineProperty(url, "hostname", { value: "ABC0.gr7.eu-central-1.eks.amazonaws.com" });
  });
}

const remove = async (run: Provider, stored: Stored | undefined) => run.delete(stored?.id ?? "", { ...stored?.outs });

describe("the last ones that have access to a cluster with access entries", () => {
  let told: string[] = [];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    return () => vi.restoreAllMocks();
  });

  it("do not go without a warning where they are kept in both places", async () => {
    const { stored, left } = await made([adminOf("admin"), "API_AND_CONFIG_MAP"]);
    told = [];
    await remove(await startRun("API_AND_CONFIG_MAP"), stored[0]);
    expect(left()).toEqual([]);
    expect(told).toEqual([expect.stringMatching(/^warning: .*role\/admin" has the only mapping to system:masters/)]);
  });

  it.each([
    ["an administrator in each place", [adminOf("a"), "CONFIG_MAP"], [adminOf("b"), "API"]],
    ["nodes in access entries", [nodesOf("a"), "API"], [nodesOf("b"), "API"]],
  ] as const)("do not go side by side in one run, where they are %s", async (_title, one, other) => {
    const { stored, left } = await made(one, other);
    const run = await startRun("API", strict);
    const results = await Promise.allSettled(stored.map((one) => remove(run, one)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(left()).toHaveLength(1);
  });

  it.each([
    ["all together where the cluster has no access entries", false, 1],
    ["one after the other where it has some", true, 2],
  ])("leave aws-auth in one run %s", async (_title, isWithEntry, writes) => {
    const { stored, aws, kubernetes } = await made(
      [adminOf("a"), "CONFIG_MAP"],
      [adminOf("b"), "CONFIG_MAP"],
      [adminOf("stays"), "CONFIG_MAP"],
    );
    if (isWithEntry) {
      aws.addServiceEntry("prod", arnOf("other"), { type: "STANDARD", username: "other" });
    }
    kubernetes.requests.length = 0;
    const run = await startRun("CONFIG_MAP", strict);
    await Promise.all([stored[0], stored[1]].map((one) => remove(run, one)));
    expect(kubernetes.requests.filter(({ line }) => line.startsWith("PATCH"))).toHaveLength(writes);
  });

  it.each([
    ["access entry", "API"],
    ["entry in aws-auth", "CONFIG_MAP"],
  ] as const)("do not go where another run has removed the other one's %s meanwhile", async (_title, mode) => {
    const { stored, left } = await made([adminOf("first"), "API"], [adminOf("other"), mode], [adminOf("last"), "API"]);
    const [one, another] = [await startRun("API", strict), await startRun(mode, strict)];
    await remove(one, stored[0]);
    await remove(another, stored[1]);
    await expect(remove(one, stored[2])).rejects.toMatchObject({ code: "lockout" });
    expect(left()).toEqual(["entry last"]);
  });

  it("are judged by aws-auth alone behind a kubeconfig that leads to EKS, which is told once", async () => {
    const world = await entriesWorld("API_AND_CONFIG_MAP");
    const config: Readonly<Record<string, string>> = { "aws-auth:kubeconfig": kubeconfigTo(world.kubernetes.url) };
    const run = await startRun();
    await run.configure({ config: { get: (key) => config[key], require: (key) => config[key] ?? "" } });
    await seemsToBeEks();
    const givens = [...["a", "b", "c"].map(adminOf), { ...adminOf("team"), groups: ["viewers"] }];
    const stored: Stored[] = [];
    for (const given of givens) {
      stored.push(await createIn(run, given));
    }
    const tellings = () => told.filter((text) => text.includes(notByKubeconfig));
    await remove(run, stored[3]);
    expect(tellings()).toEqual([]);
    await remove(run, stored[0]);
    await remove(run, stored[1]);
    expect(tellings()).toEqual([expect.stringContaining("is judged by aws-auth alone")]);
  });
});
