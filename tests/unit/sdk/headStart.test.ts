import { afterEach, expect, it, vi } from "vitest";
import { headStart } from "../../../sdk/headStart.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

it("the first mapping of each go waits for nothing, and the others for the same", async () => {
  vi.stubEnv("PULUMI_NODEJS_MONITOR", "mock");
  for (const _go of [1, 2]) {
    expect(headStart()).toBeUndefined();
    const others = headStart();
    expect(others).toBeInstanceOf(Promise);
    expect(headStart()).toBe(others);
    await others;
  }
});

it("nothing waits where no CLI runs the program", () => {
  vi.stubEnv("PULUMI_NODEJS_MONITOR", undefined);
  expect([headStart(), headStart()]).toEqual([undefined, undefined]);
});
