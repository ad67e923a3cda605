import { expect, it } from "vitest";
import { withTimeout } from "../../../provider/plugin/resources.ts";

it("passes on what an operation comes to", async () => {
  expect(await withTimeout(0, "create", Promise.resolve(1))).toBe(1);
  expect(await withTimeout(60, "create", Promise.resolve(1))).toBe(1);
  await expect(withTimeout(60, "create", Promise.reject(new Error("no")))).rejects.toThrow("no");
});

it("gives up when the time of customTimeouts is up", async () => {
  await expect(withTimeout(0.001, "delete", new Promise(() => undefined))).rejects.toMatchObject({
    code: "clusterUnreachable",
    message: expect.stringContaining("the delete took longer than the 0.001 s of customTimeouts"),
  });
});

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300])("takes %s for no limit", async (seconds) => {
  expect(await withTimeout(seconds, "update", Promise.resolve(1))).toBe(1);
});
