import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { StoredConfigMap } from "../../../provider/cluster/store.ts";
import { lookAhead, run } from "../../../provider/lifecycle/run.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";

describe("looking clusters up ahead", () => {
  afterEach(() => vi.restoreAllMocks());

  it("reads eight maps at a time until all are read, whatever becomes of one", async () => {
    const answers: (() => void)[] = [];
    const asked: unknown[] = [];
    vi.spyOn(run, "sessionOf").mockImplementation(async (cluster) => {
      asked.push(cluster);
      if (cluster === "prod-3") throw new Error("no such cluster");
      const read = () =>
        new Promise<StoredConfigMap>((resolve) => {
          answers.push(() => resolve({ data: {}, version: "1" }));
        });
      const store = {
        label: "memory",
        warnings: [],
        read,
        caller: async () => undefined,
        account: async () => undefined,
        write: () => Promise.reject(new Error("unexpected")),
      };
      return new ClusterSession(store, new Declarations());
    });
    const clusters = Array.from({ length: 20 }, (_, index) => `prod-${index}`);
    lookAhead(JSON.stringify(clusters));
    lookAhead(JSON.stringify(clusters));
    await setImmediate();
    expect(asked).toEqual(clusters.slice(0, 9));
    expect(answers).toHaveLength(8);
    while (answers.length > 0) {
      answers.shift()?.();
      await setImmediate();
      expect(answers.length).toBeLessThanOrEqual(8);
    }
    expect(asked).toEqual(clusters);
  });
});
