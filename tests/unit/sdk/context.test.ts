import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { headStart, prefetchOf } from "../../../sdk/context.ts";

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

describe("the head start of the first mapping", () => {
  const plain = { arn: "arn:aws:iam::111122223333:role/a", groups: ["g"] };

  afterEach(async () => {
    vi.unstubAllEnvs();
    // One that is still under way would be the next test's.
    await headStart(plain);
  });

  it("the first mapping of each go waits for nothing, and the others for the same", async () => {
    vi.stubEnv("PULUMI_NODEJS_MONITOR", "mock");
    for (const _go of [1, 2]) {
      expect(headStart(plain)).toBeUndefined();
      const others = headStart(plain);
      expect(others).toBeInstanceOf(Promise);
      expect(headStart(plain)).toBe(others);
      await others;
    }
  });

  it("a mapping that waits for an input goes its own way", async () => {
    vi.stubEnv("PULUMI_NODEJS_MONITOR", "mock");
    const promised = [Promise.resolve("a"), pulumi.output("a")];
    expect(promised.map((username) => headStart({ ...plain, username }))).toEqual([undefined, undefined]);
    expect(headStart(plain)).toBeUndefined();
    expect(promised.map((username) => headStart({ ...plain, username }))).toEqual([undefined, undefined]);
  });

  it("nothing waits where no CLI runs the program", () => {
    vi.stubEnv("PULUMI_NODEJS_MONITOR", undefined);
    expect([headStart(plain), headStart(plain)]).toEqual([undefined, undefined]);
  });
});
