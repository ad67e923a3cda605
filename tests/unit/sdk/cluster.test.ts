import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { clusterInputOf } from "../../../sdk/cluster.ts";
import { getIdentityMappingsOutput } from "../../../sdk/getIdentityMappings.ts";

/** The value that the engine receives, and whether it is secret. */
async function sent(input: unknown): Promise<{ value: unknown; isSecret: boolean }> {
  const output: pulumi.Output<unknown> = pulumi.output<unknown>(input);
  const value = await new Promise((resolve) => output.apply(resolve));
  return { value, isSecret: await pulumi.isSecret(output) };
}

/** The unhandled rejection with which an output ends a program. */
async function rejectionOf(create: () => pulumi.Output<unknown>): Promise<string> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const { promise, resolve } = Promise.withResolvers<unknown>();
  process.on("unhandledRejection", resolve);
  create();
  const error = await promise;
  // An output consists of several promises, which are rejected together.
  await setImmediate();
  process.removeAllListeners("unhandledRejection");
  for (const listener of others) {
    process.on("unhandledRejection", listener);
  }
  return error instanceof Error ? error.message : String(error);
}

/** A value as a program in JavaScript may pass it. */
const untyped = (value: unknown): Parameters<typeof clusterInputOf>[0] =>
  typeof value === "string" ? value : Object(value);
const content = "users: [{token: t0p-secret}]";
const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
const object = { apiVersion: "v1", users: [{ token: "t0p-secret" }] };

describe("clusterInput", () => {
  it.each(["prod", undefined])("returns %s unchanged", (cluster) => {
    expect(clusterInputOf(cluster)).toBe(cluster);
  });

  const ofOutput = pulumi.output(arn);
  const resource = { __pulumiResource: true };
  const found = { arn, name: "prod", endpoint: "https://prod.example", id: "prod" };
  const withRole = { ...found, roleArn: "arn:aws:iam::111122223333:role/eks" };
  // The ID of a resource is a name without region and account, so its ARN is sent.
  it.each<[title: string, cluster: object, value: string]>([
    ["a name from a resource", pulumi.output("prod"), "prod"],
    ["a name from a promise", Promise.resolve("prod"), "prod"],
    ["a resource", pulumi.output({ ...resource, __pulumiCustomResource: true, id: "prod", arn: ofOutput }), arn],
    ["a component", pulumi.output({ ...resource, eksCluster: pulumi.output({ arn: ofOutput, name: "prod" }) }), arn],
    ["the result of aws.eks.getCluster", pulumi.output(found), arn],
    // The cluster's own role is no role to assume.
    ["a cluster with its role", withRole, arn],
    ["a cluster's resource with its role", { ...withRole, ...resource, endpoint: undefined }, arn],
  ])("sends %s in plain text", async (_title, cluster, value) => {
    expect(await sent(clusterInputOf(untyped(cluster)))).toEqual({ value, isSecret: false });
  });

  it.each<[title: string, cluster: unknown, value?: unknown]>([
    ["YAML", { kubeconfig: "kind: Config\nusers: []\n" }],
    ["YAML with escaped line breaks", { kubeconfig: "kind: Config\\nusers:\\n- token: t0p-secret\\n" }],
    ["YAML on one line", { kubeconfig: `kind: Config, ${content}` }],
    ["a text from a resource", { kubeconfig: pulumi.output(content) }],
    ["an object", { kubeconfig: object }],
    ["a path", { kubeconfig: "kubeconfig" }],
    ["a text in a cluster that is an output", pulumi.output({ kubeconfig: content, context: "prod" })],
    ["an object in a cluster that is an output", pulumi.output({ kubeconfig: object })],
    ["a text in place of a name", content, content],
    ["a text from a resource in place of a name", pulumi.output(content), content],
    ["an object in place of a name", object, object],
  ])("marks a kubeconfig as secret: %s", async (_title, cluster, value = expect.anything()) => {
    expect(await sent(clusterInputOf(untyped(cluster)))).toEqual({ value, isSecret: true });
  });

  it.each([
    ["cluster", pulumi.output(undefined)],
    ["cluster", Promise.resolve(null)],
    ["arn of cluster", { arn: pulumi.output(undefined), name: "prod" }],
    ["arn of cluster", { eksCluster: { arn: pulumi.output(undefined), name: "prod" } }],
    // A component of the program or of a package.
    ["arn of cluster", { __pulumiResource: true, arn: pulumi.output(undefined), name: "prod" }],
    // Pulumi passes only the ID of a component's resource if the program does not load its package.
    ["arn of cluster", { eksCluster: pulumi.output("prod") }],
    ["arn of cluster", { eksCluster: pulumi.output(undefined) }],
    ["region of cluster", { name: "prod", region: pulumi.output(undefined) }],
    ["kubeconfig of cluster", { kubeconfig: Promise.resolve(undefined), context: "prod" }],
  ])("refuses an undefined output, which would select another cluster: %s", async (name, cluster) => {
    expect(await rejectionOf(() => pulumi.output<unknown>(clusterInputOf(untyped(cluster))))).toBe(
      `${name} is an output without a value; set a value, or omit the input`,
    );
  });
});

it.each([
  ["profile", { arn: pulumi.output(arn), name: "prod", profile: "deploy" }],
  ["roleArn", { arn, name: "prod", roleArn: "arn:aws:iam::111122223333:role/deploy" }],
  ["account", { eksCluster: { arn: pulumi.output(arn), name: "prod" }, account: "111122223333" }],
])("clusterInput refuses %s next to the ARN of a cluster, since it would be ignored", (name, cluster) => {
  expect(() => clusterInputOf(cluster)).toThrow(
    `cluster has ${name} in addition to a cluster's ARN, so ${name} would be ignored; use { name: ARN, ${name} }`,
  );
});

it("getIdentityMappingsOutput refuses an undefined ARN, which would return all mappings", async () => {
  const args = Object({ cluster: { manifest: "none.yaml" }, arn: pulumi.output(undefined) });
  expect(await rejectionOf(() => getIdentityMappingsOutput(args))).toBe(
    "arn is an output without a value; set a value, or omit the input",
  );
});
