import { expect, it, onTestFinished, vi } from "vitest";
import { caData, open, world } from "./world.ts";

it("a cluster that was still being made is reached once it is there", async () => {
  const { clusters, api } = await world();
  clusters.set("prod", { endpoint: "", caData, status: "CREATING" });
  const store = await open();
  await expect(store.read()).rejects.toMatchObject({ message: expect.stringContaining("its status is CREATING") });
  clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API_AND_CONFIG_MAP" });
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + 11_000);
  onTestFinished(() => void vi.restoreAllMocks());
  expect((await store.read()).data).toEqual({ mapRoles: "[]\n" });
});
