import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { clusterInput } from "../../../sdk/cluster.ts";
import { getIdentityMappingsOutput } from "../../../sdk/getIdentityMappings.ts";

/** The value that the engine gets, and whether it is told to keep it secret. */
async function sent(input: unknown): Promise<{ value: unknown; isSecret: boolean }> {
  const output: pulumi.Output<unknown> = pulumi.output<unknown>(input);
  const value = await new Promise((resolve) => output.apply(resolve));
  return { value, isSecret: await pulumi.isSecret(output) };
}

/** The error that ends a program with this output, as Pulumi hears of it. */
async function endOf(make: () => pulumi.Output<unknown>): Promise<string | undefined> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  let end: string | undefined;
  process.on("unhandledRejection", (error) => {
    end = error instanceof Error ? error.message : String(error);
  });
  make();
  await setTimeout(20);
  process.removeAllListeners("unhandledRejection");
  for (const listener of others) {
    process.on("unhandledRejection", listener);
  }
  return end;
}

/** A value as a program in JavaScript may give it. */
const untyped = (value: object): Parameters<typeof clusterInput>[0] => Object(value);
const content = "users: [{token: t0p-secret}]";
const arn = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";
const object = { apiVersion: "v1", users: [{ token: "t0p-secret" }] };

describe("clusterInput", () => {
  it.each(["prod", undefined])("leaves %s as it is", (cluster) => {
    expect(clusterInput(cluster)).toBe(cluster);
  });

  it.each([
    ["a name from a resource", pulumi.output("prod")],
    ["a name from a promise", Promise.resolve("prod")],
  ])("keeps %s in the clear", async (_title, cluster) => {
    expect(await sent(clusterInput(cluster))).toEqual({ value: "prod", isSecret: false });
  });

  it.each([
    ["YAML", "kind: Config\nusers: []\n"],
    ["YAML with its line breaks spelt out", "kind: Config\\nusers:\\n- token: t0p-secret\\n"],
    ["YAML on one line", `kind: Config, ${content}`],
    ["a text from a resource", pulumi.output(content)],
    ["an object", object],
    ["a path", "kubeconfig"],
  ])("keeps a kubeconfig secret: %s", async (_title, kubeconfig) => {
    expect(await sent(clusterInput({ kubeconfig }))).toMatchObject({ isSecret: true });
  });

  it.each([
    ["a text", pulumi.output({ kubeconfig: content, context: "prod" })],
    ["an object", pulumi.output({ kubeconfig: object })],
  ])("keeps a kubeconfig secret in a cluster that is an output as a whole: %s", async (_title, cluster) => {
    expect(await sent(clusterInput(cluster))).toMatchObject({ isSecret: true });
  });

  it.each([
    ["a resource", { __pulumiResource: true, __pulumiCustomResource: true, id: "prod", arn: pulumi.output(arn) }],
    ["a component", { __pulumiResource: true, eksCluster: pulumi.output({ arn: pulumi.output(arn), name: "prod" }) }],
    ["what aws.eks.getCluster finds", { arn, name: "prod", endpoint: "https://prod.example", id: "prod" }],
  ])(
    "takes the ARN of %s that is an output, and not its ID, a name without region and account",
    async (_title, made) => {
      expect(await sent(clusterInput(pulumi.output(made)))).toEqual({ value: arn, isSecret: false });
    },
  );

  it.each([
    ["a text", content, content],
    ["a text from a resource", pulumi.output(content), content],
    ["an object", untyped(object), object],
  ])("keeps a whole kubeconfig in the place of a name secret: %s", async (_title, cluster, value) => {
    expect(await sent(clusterInput(cluster))).toEqual({ value, isSecret: true });
  });

  it.each([
    ["cluster", pulumi.output(undefined)],
    ["cluster", Promise.resolve(null)],
    ["arn of cluster", { arn: pulumi.output(undefined), name: "prod" }],
    ["arn of cluster", { eksCluster: { arn: pulumi.output(undefined), name: "prod" } }],
    // A component of the program's own, or of a package.
    ["arn of cluster", { __pulumiResource: true, arn: pulumi.output(undefined), name: "prod" }],
    // What Pulumi makes of a resource of a component whose package the program does not load: its ID.
    ["arn of cluster", { eksCluster: pulumi.output("prod") }],
    ["arn of cluster", { eksCluster: pulumi.output(undefined) }],
    ["region of cluster", { name: "prod", region: pulumi.output(undefined) }],
    ["kubeconfig of cluster", { kubeconfig: Promise.resolve(undefined), context: "prod" }],
  ])("refuses an output without a value, with which it would be another cluster: %s", async (name, cluster) => {
    expect(await endOf(() => pulumi.output<unknown>(clusterInput(untyped(cluster))))).toBe(
      `${name} is an output without a value; give it one, or leave it out`,
    );
  });
});

it.each([
  ["profile", { arn: pulumi.output(arn), name: "prod", profile: "deploy" }],
  ["roleArn", { arn, name: "prod", roleArn: "arn:aws:iam::111122223333:role/deploy" }],
  ["account", { eksCluster: { arn: pulumi.output(arn), name: "prod" }, account: "111122223333" }],
])("clusterInput refuses %s beside the ARN of a cluster, which alone would count", (name, cluster) => {
  expect(() => clusterInput(cluster)).toThrow(
    `cluster has ${name} beside a cluster's ARN, where it would not count; write { name: ARN, ${name} }`,
  );
});

it("clusterInput takes the roleArn of a cluster itself for no way to it", async () => {
  const found = { arn, name: "prod", endpoint: "https://prod.example", roleArn: "arn:aws:iam::111122223333:role/eks" };
  for (const cluster of [found, { ...found, __pulumiResource: true, endpoint: undefined }]) {
    expect(await sent(clusterInput(cluster))).toMatchObject({ value: arn });
  }
});

it("getIdentityMappingsOutput refuses an ARN without a value, with which it would find the mappings of all", async () => {
  const args = Object({ cluster: { manifest: "none.yaml" }, arn: pulumi.output(undefined) });
  expect(await endOf(() => getIdentityMappingsOutput(args))).toBe(
    "arn is an output without a value; give it one, or leave it out",
  );
});
