import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, it, vi } from "vitest";
import { headStart } from "../../../sdk/context.ts";

const plain = { arn: "arn:aws:iam::111122223333:role/a", groups: ["g"] };

afterEach(() => {
  vi.unstubAllEnvs();
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
  await headStart(plain);
});

it("nothing waits where no CLI runs the program", () => {
  vi.stubEnv("PULUMI_NODEJS_MONITOR", undefined);
  expect([headStart(plain), headStart(plain)]).toEqual([undefined, undefined]);
});
