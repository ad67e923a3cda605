import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { prefetchOf } from "../../../sdk/context.ts";

describe("the clusters that a program names", () => {
  it("go with every resource of a turn that names one, each once", async () => {
    const staging = { name: "staging", region: "eu-central-1" };
    const texts = ["prod", "prod", staging, { ...staging }].map(prefetchOf);
    expect(await Promise.all(texts)).toEqual(texts.map(() => JSON.stringify(["prod", staging])));
  });

  it.each([
    ["made in the program", { name: pulumi.output("made-in-this-program") }],
    ["reached by kubeconfig", { kubeconfig: "prod.kubeconfig" }],
    ["a manifest", { manifest: "aws-auth.yaml" }],
    ["named by the stack", undefined],
  ])("are only EKS clusters in plain text, and none that is %s", async (_title, cluster) => {
    const texts = ["prod", "staging"].map(prefetchOf);
    expect(prefetchOf(cluster)).toBeUndefined();
    expect(await Promise.all(texts)).toEqual(texts.map(() => JSON.stringify(["prod", "staging"])));
  });

  it("are not passed on where there is only one", async () => {
    const first = prefetchOf("prod");
    prefetchOf("prod");
    expect(await first).toBeUndefined();
  });
});
