import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { clustersAhead } from "../../../sdk/clustersAhead.ts";

describe("the clusters that a program names", () => {
  it("go with the first resource of a turn, each once, as far as they are EKS clusters in plain text", async () => {
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
    expect(others).toEqual(others.map(() => undefined));
    expect(await first).toEqual(["prod", staging]);
  });

  it("are not passed on where there is only one", async () => {
    const first = clustersAhead("prod");
    clustersAhead("prod");
    expect(await first).toEqual([]);
  });
});
