import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { clustersAhead } from "../../../sdk/clustersAhead.ts";

describe("the clusters that a program names", () => {
  it("go with every resource of a turn, each once, as far as they are EKS clusters in plain text", async () => {
    const staging = { name: "staging", region: "eu-central-1" };
    const first = clustersAhead("prod");
    const others = [
      "prod",
      staging,
      { ...staging },
      { name: pulumi.output("made-in-this-program") },
      { kubeconfig: "prod.kubeconfig" },
      { manifest: "aws-auth.yaml" },
      undefined,
    ].map(clustersAhead);
    expect(await first).toBe(JSON.stringify(["prod", staging]));
    expect(await Promise.all(others)).toEqual(others.map(() => JSON.stringify(["prod", staging])));
  });

  it("are not passed on where there is only one", async () => {
    const first = clustersAhead("prod");
    clustersAhead("prod");
    expect(await first).toBeUndefined();
  });
});
