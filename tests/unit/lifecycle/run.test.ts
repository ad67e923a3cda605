import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { StoredConfigMap } from "../../../provider/cluster/store.ts";
import { Run } from "../../../provider/lifecycle/run.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";

describe("the prefetch of clusters", () => {
  afterEach(() => vi.restoreAllMocks());

  it("reads eight maps at a time until all are read, whatever becomes of one", async () => {
    const run = new Run();
    const responses: (() => void)[] = [];
    const asked: unknown[] = [];
    vi.spyOn(run, "sessionOf").mockImplementation(async (cluster) => {
      asked.push(cluster);
      if (cluster === "prod-3") {
        throw new Error("no such cluster");
      }
      const read = () =>
        new Promise<StoredConfigMap>((resolve) => {
          responses.push(() => resolve({ data: {}, version: "1" }));
        });
      const store = {
        label: "memory",
        warnings: [],
        read,
        caller: async () => undefined,
        isLetIn: async () => true,
        account: async () => undefined,
        write: () => Promise.reject(new Error("unexpected")),
      };
      return new ClusterSession(store, new Declarations());
    });
    const clusters = Array.from({ length: 20 }, (_, index) => `prod-${index}`);
    run.prefetch(JSON.stringify(clusters));
    run.prefetch(JSON.stringify(clusters));
    await setImmediate();
    expect(asked).toEqual(clusters.slice(0, 9));
    expect(responses).toHaveLength(8);
    while (responses.length > 0) {
      responses.shift()?.();
      await setImmediate();
      expect(responses.length).toBeLessThanOrEqual(8);
    }
    expect(asked).toEqual(clusters);
  });
});

describe("what check found, for the diff that follows", () => {
  const sessionWith = (label: string) => {
    const unexpected = () => Promise.reject(new Error("unexpected"));
    const store = {
      label,
      warnings: [],
      read: unexpected,
      caller: unexpected,
      isLetIn: unexpected,
      account: unexpected,
      write: unexpected,
    };
    return new ClusterSession(store, new Declarations());
  };

  it("is the session over the very way that the resource names, and no other", async () => {
    const run = new Run();
    const [found, other] = [sessionWith("found"), sessionWith("other")];
    const looked = vi.spyOn(run, "sessionOf").mockResolvedValue(other);
    const cluster = { server: "0123456789ab", kubeconfig: "kubeconfig", context: "admin" };
    run.keepSession(cluster, found);
    expect(await run.keptSession({ ...cluster })).toBe(found);
    expect(looked).not.toHaveBeenCalled();
    for (const change of [{ context: "viewer" }, { kubeconfig: "other" }, { server: "ba9876543210" }]) {
      expect(await run.keptSession({ ...cluster, ...change })).toBe(other);
    }
    expect(looked).toHaveBeenCalledTimes(3);
  });

  it("is what the last check found, since a program may write a kubeconfig between two of its resources", async () => {
    const run = new Run();
    const last = sessionWith("last");
    run.keepSession({ context: "admin" }, sessionWith("first"));
    run.keepSession({ context: "admin" }, last);
    expect(await run.keptSession({ context: "admin" })).toBe(last);
  });
});
