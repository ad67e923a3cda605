import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsAuthDocument, entriesOf } from "../../../provider/document/index.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { add, arn, MemoryStore, namesIn } from "./memoryStore.ts";

describe("a session with a cluster", () => {
  it("reads once for any number of questions", async () => {
    const store = new MemoryStore();
    const session = new ClusterSession(store, new Declarations());
    await Promise.all([session.document(), session.document(), session.commit(add("a"))]);
    await session.document();
    expect(store.reads).toBe(1);
  });

  it("gathers what comes in while a write is under way, and carries it with one write", async () => {
    const store = new MemoryStore();
    const session = new ClusterSession(store, new Declarations());
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    store.beforeWrite = () => {
      started.resolve();
      return gate.promise;
    };
    const first = session.commit(add("a"));
    await started.promise;
    const others = ["b", "c", "d"].map((name) => session.commit(add(name)));
    gate.resolve();
    expect(await Promise.all([first, ...others])).toEqual(["a", "b", "c", "d"]);
    expect(store.writes).toHaveLength(2);
    expect(store.reads).toBe(1);
    expect(namesIn(await session.document())).toEqual(["a", "b", "c", "d"]);
  });

  describe("with an engine that sends one change after the other", () => {
    beforeEach(() => vi.useFakeTimers());
    afterEach(() => vi.useRealTimers());

    const sleep = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time));
    /** Advances the clock until `work` is done, and says how long that took, in milliseconds. */
    const timeOf = async (work: Promise<unknown>): Promise<number> => {
      const start = performance.now();
      let isOver = false;
      void work.finally(() => {
        isOver = true;
      });
      while (!isOver && performance.now() - start < 30_000) {
        await vi.advanceTimersByTimeAsync(1);
      }
      return performance.now() - start;
    };
    const sessionOver = (writeTime: number) => {
      const store = new MemoryStore();
      store.beforeWrite = () => sleep(writeTime);
      return { store, session: new ClusterSession(store, new Declarations()) };
    };
    const sendEach = async (session: ClusterSession, pause: number, count: number) => {
      const sent: Promise<string>[] = [];
      for (let index = 0; index < count; index++) {
        sent.push(session.commit(add(`${index}`)));
        await sleep(pause);
      }
      await Promise.all(sent);
    };

    it("gathers them until none comes for 25 ms, and carries them with one write", async () => {
      const { store, session } = sessionOver(10);
      const took = await timeOf(sendEach(session, 20, 6));
      expect(store.writes).toHaveLength(1);
      expect(took).toBeGreaterThanOrEqual(5 * 20 + 25 + 10);
      expect(took).toBeLessThanOrEqual(5 * 20 + 25 + 10 + 2);
    });

    it("gathers for 250 ms at most", async () => {
      const { store, session } = sessionOver(0);
      const start = performance.now();
      const writes: number[] = [];
      store.beforeWrite = () => void writes.push(performance.now() - start);
      await timeOf(sendEach(session, 20, 30));
      expect(writes[0]).toBeLessThanOrEqual(250 + 2);
      expect(writes).toHaveLength(3);
    });

    it("does not wait for more after a write during which some came", async () => {
      const { store, session } = sessionOver(50);
      const first = session.commit(add("a"));
      await vi.advanceTimersByTimeAsync(25 + 40);
      const took = await timeOf(Promise.all([first, session.commit(add("b"))]));
      expect(store.writes).toHaveLength(2);
      expect(took).toBeLessThanOrEqual(10 + 50 + 2);
    });

    /** An engine with eight changes in progress, which saves its state before each change and after its result, one save after the other. */
    const engine = async (session: ClusterSession, saveTime: number, count: number) => {
      let saved = Promise.resolve();
      const save = () => {
        saved = saved.then(() => sleep(saveTime));
        return saved;
      };
      const names = Array.from({ length: count }, (_, index) => `${index}`).values();
      const worker = async () => {
        for (const name of names) {
          await save();
          await session.commit(add(name));
          await save();
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
    };

    it.each([
      ["a near cluster and a small state", 5, 3],
      ["a near cluster and a large state", 5, 20],
      ["a far cluster and a small state", 100, 3],
      ["a far cluster and a large state", 100, 20],
    ])("writes about once for eight changes in progress: %s", async (_title, writeTime, saveTime) => {
      const { store, session } = sessionOver(writeTime);
      await timeOf(engine(session, saveTime, 200));
      expect(namesIn(await session.document())).toHaveLength(200);
      expect(store.writes.length).toBeLessThanOrEqual(200 / 8 + 5);
    });
  });

  it("sends only the keys that changed, and nothing where nothing changed", async () => {
    const store = new MemoryStore();
    store.data["notes"] = "foreign";
    const session = new ClusterSession(store, new Declarations());
    expect(await session.commit((document) => ({ document, result: "seen" }))).toBe("seen");
    await session.commit(add("a"));
    expect(store.writes.map((write) => Object.keys(write))).toEqual([["mapRoles"]]);
  });

  it("reads and computes anew after a conflict, and keeps what the other one wrote", async () => {
    const store = new MemoryStore();
    const session = new ClusterSession(store, new Declarations());
    await session.document();
    store.foreignWrite({ mapRoles: `- rolearn: ${arn("foreign")}\n  username: foreign\n`, notes: "new" });
    await session.commit(add("a"));
    expect(store.reads).toBe(2);
    expect(namesIn(await session.document())).toEqual(["foreign", "a"]);
    expect(store.data["notes"]).toBe("new");
  });

  it("does not parse again what a newer version has in common with the last one", async () => {
    const store = new MemoryStore();
    store.data["mapRoles"] = `- rolearn: ${arn("kept")}\n  username: kept\n`;
    const session = new ClusterSession(store, new Declarations());
    const [kept] = entriesOf(await session.document());
    store.foreignWrite({ notes: "new" });
    await session.commit(add("a"));
    expect(store.reads).toBe(2);
    expect(entriesOf(await session.document())[0]).toBe(kept);
  });

  it("looks once more before it says that there is nothing to write, or fails a change, on an old map", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const store = new MemoryStore();
    store.data["mapRoles"] = `- rolearn: ${arn("a")}\n  username: a\n`;
    const session = new ClusterSession(store, new Declarations());
    const addUnlessThere = (document: AwsAuthDocument) =>
      namesIn(document).includes("a") ? { document, result: "there" } : add("a")(document);
    expect(await session.commit(addUnlessThere)).toBe("there");
    expect(store.reads).toBe(1);
    vi.advanceTimersByTime(6_000);
    store.foreignWrite({ mapRoles: "[]\n" });
    expect(await session.commit(addUnlessThere)).toBe("a");
    expect(store.reads).toBe(2);
    vi.useRealTimers();
  });

  it("looks once where a look takes longer than it is trusted", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const store = new MemoryStore();
    store.beforeRead = () => void vi.setSystemTime(Date.now() + 6_000);
    const session = new ClusterSession(store, new Declarations());
    expect(await session.commit((document) => ({ document, result: "nothing to do" }))).toBe("nothing to do");
    expect(store.reads).toBe(1);
    vi.useRealTimers();
  });

  it("fails a bad change alone", async () => {
    const store = new MemoryStore();
    const session = new ClusterSession(store, new Declarations());
    const bad = session.commit(() => {
      throw new AwsAuthError("duplicateArn", "in the way");
    });
    const results = await Promise.allSettled([session.commit(add("a")), bad, session.commit(add("b"))]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(store.writes).toHaveLength(1);
    expect(namesIn(await session.document())).toEqual(["a", "b"]);
  });

  it("refuses a change that would pass 1 MiB, with both sizes, and makes the others", async () => {
    const store = new MemoryStore();
    store.data["notes"] = "x".repeat(1024 * 1024 - 200);
    const session = new ClusterSession(store, new Declarations());
    const [fits, tooLarge] = await Promise.allSettled([session.commit(add("a")), session.commit(add("b".repeat(300)))]);
    expect(fits?.status).toBe("fulfilled");
    expect(tooLarge).toMatchObject({
      reason: { code: "tooLarge", message: expect.stringMatching(/from 1048379 to \d+ bytes.*at most 1048576/) },
    });
  });

  it("says so when somebody else changes the map before each of its attempts", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const store = new MemoryStore();
    store.beforeWrite = () => store.foreignWrite({ notes: String(store.version) });
    const session = new ClusterSession(store, new Declarations());
    await expect(session.commit(add("a"))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("before each of 100 attempts"),
    });
    store.beforeWrite = () => {};
    expect(await session.commit(add("b"))).toBe("b");
    vi.restoreAllMocks();
  });

  it("asks a cluster that does not respond once for a whole plan, and again later", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const store = new MemoryStore();
    store.beforeRead = () => {
      throw new AwsAuthError("clusterUnreachable", "no response");
    };
    const session = new ClusterSession(store, new Declarations());
    for (let i = 0; i < 5; i++) {
      await expect(session.document()).rejects.toMatchObject({ code: "clusterUnreachable" });
    }
    await expect(session.commit(add("a"))).rejects.toMatchObject({ code: "clusterUnreachable" });
    expect(store.reads).toBe(1);
    vi.advanceTimersByTime(11_000);
    store.beforeRead = () => {};
    expect(await session.commit(add("a"))).toBe("a");
    vi.useRealTimers();
  });

  it("tells what it waits for: a slow response, and a map that somebody else keeps changing", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const store = new MemoryStore();
    const told: string[] = [];
    const session = new ClusterSession(store, new Declarations(), (status) => told.push(status));
    const gate = Promise.withResolvers<void>();
    store.beforeWrite = () => gate.promise;
    const slow = session.commit(add("a"));
    await vi.advanceTimersByTimeAsync(1_900);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual(["waiting for memory to accept a write"]);
    gate.resolve();
    await slow;
    let foreignWrites = 0;
    store.beforeWrite = () => {
      if (++foreignWrites < 7) {
        store.foreignWrite({ notes: String(store.version) });
      }
    };
    const contended = session.commit(add("b"));
    await vi.advanceTimersByTimeAsync(2_000);
    await contended;
    const [, fifth, sixth, ...rest] = told;
    expect(fifth).toBe("memory: somebody else keeps changing kube-system/aws-auth; attempt 6 to write it");
    expect(sixth).toContain("attempt 7");
    expect(rest).toEqual([]);
    vi.useRealTimers();
  });
});
