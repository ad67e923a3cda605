import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startApiServer } from "../apiServer.ts";
import { caData, open, world } from "./world.ts";

/** As if a run had lasted for some minutes. */
function minutesLater(): void {
  const later = Date.now() + 10 * 60_000;
  vi.spyOn(Date, "now").mockImplementation(() => later);
  onTestFinished(() => void vi.restoreAllMocks());
}

describe("a cluster that changes while a run lasts", () => {
  it("is not written in vain: it has begun to ignore aws-auth", async () => {
    const { clusters, api } = await world();
    const store = await open();
    const base = await store.read();
    clusters.set("prod", { endpoint: api.url, caData, authenticationMode: "API" });
    minutesLater();
    await expect(store.write({ data: { mapRoles: "new" } }, base)).rejects.toMatchObject({ code: "configMapIgnored" });
  });

  it("is reached where it is now: it was deleted and made again under its name", async () => {
    const { clusters, api } = await world();
    const store = await open();
    await store.read();
    const next = await startApiServer({ mapRoles: "next" });
    clusters.set("prod", { endpoint: next.url, caData, authenticationMode: "API_AND_CONFIG_MAP" });
    api.disturb = () => ({ cut: "before" });
    minutesLater();
    expect((await store.read()).data).toEqual({ mapRoles: "next" });
  });
});
