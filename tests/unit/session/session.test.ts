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
    const sleep = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time));
    const sessionOver = (writeTime: number) => {
      const store = new MemoryStore();
      store.beforeWrite = () => sleep(writeTime);
      return { store, session: new ClusterSession(store, new Declarations()) };
    };
    /** A session that made two changes, a minute later two more, and was then asked so many questions. */
    const sessionAfterPause = async (questions = 0) => {
      const { store, session } = sessionOver(5);
      const both = () => Promise.all([session.commit(add("a")), session.commit(add("b"))]);
      await timeOf(both());
      await vi.advanceTimersByTimeAsync(60_000);
      await timeOf(both());
      for (let count = 0; count < questions; count++) {
        session.expectChange();
      }
      return { store, session };
    };
    /** The engine has four changes under way, and sends the next of each so long after the one before it is stored. */
    const chains = (session: ClusterSession, pauses: readonly number[]) =>
      Promise.all(
        pauses.map(async (pause, index) => {
          for (let step = 0; step < 5; step++) {
            await session.commit(add(`${index}-${step}`));
            await sleep(pause);
          }
        }),
      );

    it.each([
      ["far away", 100, [2, 6, 12, 20], 5],
      // The first change finds out how long the engine takes for one.
      ["near, while the engine saves a large state", 5, [50, 100, 150, 200], 7],
    ])("waits for as many as there were before: API server %s", async (_title, writeTime, pauses, writes) => {
      const { store, session } = sessionOver(writeTime);
      await timeOf(chains(session, pauses));
      expect(namesIn(await session.document())).toHaveLength(20);
      expect(store.writes).toHaveLength(writes);
    });

    /**
     * An engine with some changes under way, which saves its state before it sends a change and after its result, one save after the other.
     *
     * @param growth how much longer the last save takes than the first one, in milliseconds.
     * @param isAsking whether it asks about each resource before its change, as it does for a new one.
     */
    const engine = async (
      session: ClusterSession,
      saveTime: number,
      count: number,
      { growth = 0, inProgress = 8, isAsking = false } = {},
    ) => {
      let saved = Promise.resolve();
      let saves = 0;
      const save = () => {
        const takes = saveTime + (growth * saves++) / (2 * count);
        saved = saved.then(() => sleep(takes));
        return saved;
      };
      const changes = Array.from({ length: count }, (_, index) => `${performance.now()}-${index}`).values();
      const worker = async () => {
        for (const name of changes) {
          if (isAsking) {
            session.expectChange();
          }
          await save();
          await session.commit(add(name));
          await save();
        }
      };
      await Promise.all(Array.from({ length: inProgress }, worker));
    };

    it.each([
      ["a small state", 20, 400],
      ["a state so large that it takes the engine more than half a second to save the results of a group", 80, 150],
    ])(
      "leaves out of a group what the engine sends during its write, so that the engine never waits: %s",
      async (_title, saveTime, count) => {
        const { store, session } = sessionOver(50);
        const took = await timeOf(engine(session, saveTime, count));
        // The first groups, which find out how many are under way, may take as long as 25 writes. Full groups would wait for each write.
        expect(took).toBeLessThan(count * 2 * saveTime + 25 * 50);
        expect(store.writes.length).toBeLessThanOrEqual(count / 4);
      },
    );

    it("does not leave out the rest of a layer, for which the mappings of the next one wait", async () => {
      const { store, session } = sessionOver(20);
      const layers = async () => {
        for (let layer = 0; layer < 60; layer++) {
          await engine(session, 10, 8);
        }
      };
      // A layer takes sixteen saves and one write.
      expect(await timeOf(layers())).toBeLessThan(60 * (16 * 10 + 20) * 1.1);
      expect(store.writes.length).toBeLessThanOrEqual(60 + 15);
    });

    it("does not wait for the engine's long pause in one group after the other, in vain", async () => {
      const { session } = sessionOver(50);
      const layers = async () => {
        for (let layer = 0; layer < 6; layer++) {
          await engine(session, 80, 16, { inProgress: 16 });
          await engine(session, 80, 1);
        }
      };
      expect(await timeOf(layers())).toBeLessThan(6 * (2 * 17 * 80 + 2 * 50) * 1.05);
    });

    it("does not count the time before the first change as a pause of the engine", async () => {
      const { session } = sessionOver(15);
      await vi.advanceTimersByTimeAsync(1_000);
      await timeOf(Promise.all([session.commit(add("a")), session.commit(add("b"))]));
      expect(await timeOf(session.commit(add("c")))).toBeLessThanOrEqual(15 + 11);
    });

    it("waits for all that are under way if the engine can send all of them during a write", async () => {
      const { store, session } = sessionOver(100);
      await timeOf(engine(session, 4, 160));
      expect(store.writes.length).toBeLessThanOrEqual(160 / 8 + 3);
    });

    it("waits for hardly more at the end once there was a change for each resource that the engine asked about", async () => {
      const { session } = sessionOver(12);
      // The last change is one that its group left out, while the engine saves the results of the others in 60 ms.
      expect(await timeOf(engine(session, 10, 97, { isAsking: true }))).toBeLessThan(97 * 2 * 10 + 80);
    });

    it("does not wait longer because the engine asks about others", async () => {
      // As many as there were changes, and one that stays open.
      const { session } = await sessionAfterPause(6);
      const asking = setInterval(() => session.expectChange(), 1);
      setTimeout(() => clearInterval(asking), 1000);
      expect(await timeOf(session.commit(add("c")))).toBeLessThanOrEqual(250 + 5 + 1);
    });

    it.each([
      ["a change for the only question", 1],
      ["five changes and four questions", 4],
    ])("waits longer once the engine asks about one more, after %s", async (_title, questions) => {
      const { session, store } = await sessionAfterPause(questions);
      const next = async () => {
        const first = session.commit(add("c"));
        await sleep(8);
        session.expectChange();
        await sleep(40);
        await Promise.all([first, session.commit(add("d"))]);
      };
      const before = store.writes.length;
      await timeOf(next());
      expect(store.writes).toHaveLength(before + 1);
    });

    it("gathers what the engine sends one by one, each after the write of the one before", async () => {
      const { session, store } = sessionOver(25);
      await timeOf(engine(session, 40, 400));
      expect(store.writes.length).toBeLessThanOrEqual(400 / 3);
    });

    it("waits for hardly more than it must where one comes after the other, some later than others", async () => {
      const { session } = sessionOver(10);
      const rest = [15, 20, 40, 12];
      const chain = async () => {
        for (let round = 0; round < 50; round++) {
          for (const [index, pause] of rest.entries()) {
            await session.commit(add(`${round}-${index}`));
            await sleep(pause);
          }
        }
      };
      const sum = rest.reduce((total, pause) => total + pause + 10, 0);
      expect(await timeOf(chain())).toBeLessThan(50 * sum * 1.05);
    });

    it("waits no longer at the end because the engine had to save the results of a write", async () => {
      const { session } = sessionOver(12);
      const took = await timeOf(engine(session, 10, 104));
      // The engine saves the results of a group in 80 ms before it sends more, and the last group would wait for twice as long.
      expect(took).toBeLessThan(104 * 2 * 10 + 80);
    });

    it("waits for the long pause of a group even if its others grow with the state", async () => {
      const { session, store } = sessionOver(7);
      await timeOf(engine(session, 3, 400, { growth: 9, inProgress: 16 }));
      expect(store.writes.length).toBeLessThanOrEqual(40);
    });

    it("waits no longer than twice the longest pause before, when nothing more comes", async () => {
      const { session } = sessionOver(5);
      await timeOf(chains(session, [20, 40, 60, 80]));
      const took = await timeOf(session.commit(add("last")));
      expect(took).toBeGreaterThanOrEqual(40 + 5);
      expect(took).toBeLessThanOrEqual(2 * 80 + 5 + 1);
    });

    it("waits a quarter of a second at most", async () => {
      const { session } = await sessionAfterPause();
      expect(await timeOf(session.commit(add("c")))).toBeLessThanOrEqual(250 + 5 + 1);
    });

    it("waits half as long at most for one more than there ever were", async () => {
      const { session } = sessionOver(5);
      await timeOf(session.commit(add("a")));
      await vi.advanceTimersByTimeAsync(60_000);
      await timeOf(session.commit(add("b")));
      expect(await timeOf(session.commit(add("c")))).toBeLessThanOrEqual(125 + 5 + 1);
    });

    it("waits for nothing where one comes after the other", async () => {
      const { session } = sessionOver(15);
      await timeOf(session.commit(add("a")));
      await vi.advanceTimersByTimeAsync(100);
      expect(await timeOf(session.commit(add("b")))).toBeLessThanOrEqual(16);
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
    vi.useFakeTimers();
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
    vi.useFakeTimers();
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
    vi.useFakeTimers();
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
    vi.useFakeTimers();
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
