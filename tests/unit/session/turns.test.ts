import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Turns } from "../../../provider/session/turns.ts";

const patience = { quiet: 100, expected: 1_000 };

/** Turns whose changes end when the test says so, and the order in which they began and ended. */
function world() {
  const turns = new Turns(patience);
  const log: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const tell = vi.fn();
  const start = (key: string, kind: { isAdministrator?: boolean; isOwn?: boolean } = {}) => {
    const end = Promise.withResolvers<void>();
    ends.set(key, end);
    const change = async () => {
      log.push(key);
      await end.promise;
      log.push(`${key} done`);
      return key;
    };
    return turns.run({ key, isAdministrator: false, isOwn: false, ...kind }, change, tell);
  };
  return {
    turns,
    log,
    tell,
    start,
    end: (key: string) => ends.get(key)?.resolve(),
    fail: (key: string) => ends.get(key)?.reject(new Error(`${key} fails`)),
  };
}

const admin = { isAdministrator: true };
const own = { isOwn: true };

describe("the moves of one cluster", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

  it("run side by side, but for administrators, who move one after the other", async () => {
    const { start, log, end } = world();
    const running = [start("a", admin), start("b", admin), start("c"), start("d")];
    await pass(0);
    expect(log).toEqual(["a", "c", "d"]);
    end("a");
    await pass(0);
    expect(log).toEqual(["a", "c", "d", "a done", "b"]);
    for (const key of ["b", "c", "d"]) {
      end(key);
    }
    expect(await Promise.all(running)).toEqual(["a", "b", "c", "d"]);
  });

  it("leave administrators, and the run's own identity, where they are once an administrator's move has failed, and others go on", async () => {
    const { start, log, fail, end } = world();
    const failing = start("a", admin).catch((error: Error) => error.message);
    const refused = ["b", "self"].map((key) =>
      start(key, key === "self" ? own : admin).catch((error: unknown) => error),
    );
    const plain = start("c");
    await pass(0);
    fail("a");
    end("c");
    await pass(patience.quiet);
    expect(await failing).toBe("a fails");
    for (const error of await Promise.all(refused)) {
      expect(error).toMatchObject({
        code: "rejected",
        message:
          "the change of another administrator failed in this run, so this mapping stays as it is; fix that one first: a fails",
      });
    }
    expect(await plain).toBe("c");
    expect(log).toEqual(["a", "c", "c done"]);
  });

  it("go on past one that is no administrator's and fails", async () => {
    const { start, fail, end } = world();
    const failing = start("a").catch((error: Error) => error.message);
    fail("a");
    expect(await failing).toBe("a fails");
    const next = start("b", admin);
    end("b");
    expect(await next).toBe("b");
  });

  it("end with the run's own identity, which waits until nothing else is moving and nothing has come for a while", async () => {
    const { start, log, end, tell } = world();
    const last = start("self", own);
    expect(tell).toHaveBeenCalledWith("the mapping of this run's own identity moves last, and waits for the others");
    await pass(patience.quiet / 5);
    const others = [start("a", admin), start("b", admin)];
    await pass(10 * patience.expected);
    end("a");
    await pass(10 * patience.expected);
    expect(log).toEqual(["a", "a done", "b"]);
    end("b");
    await pass(patience.quiet - 1);
    expect(log).toEqual(["a", "a done", "b", "b done"]);
    await pass(1);
    expect(log.at(-1)).toBe("self");
    end("self");
    expect(await last).toBe("self");
    await Promise.all(others);
  });

  it("wait longer for one that was checked and has not come, and not for ever, since the engine may never ask for it", async () => {
    const { turns, start, log, end } = world();
    turns.expect("self");
    turns.expect("a");
    turns.expect("never");
    const last = start("self", own);
    await pass(patience.expected - 1);
    const other = start("a");
    end("a");
    await other;
    await pass(patience.expected - 1);
    expect(log).toEqual(["a", "a done"]);
    await pass(1);
    expect(log.at(-1)).toBe("self");
    end("self");
    await last;
  });

  it("wait only for the next while once all that were checked have come", async () => {
    const { turns, start, log, end } = world();
    turns.expect("self");
    turns.expect("a");
    const last = start("self", own);
    const other = start("a");
    end("a");
    await other;
    await pass(patience.quiet);
    expect(log).toEqual(["a", "a done", "self"]);
    end("self");
    await last;
  });

  it("wait longer where the engine is slow", async () => {
    const { turns, start, log, end } = world();
    turns.expect("self");
    await pass(patience.quiet);
    const last = start("self", own);
    await pass(4 * patience.quiet - 1);
    expect(log).toEqual([]);
    await pass(1);
    expect(log).toEqual(["self"]);
    end("self");
    await last;
  });

  it("do not wait for each other where several are of the run's own identity", async () => {
    const { start, end } = world();
    const both = [start("self", own), start("again", { ...own, ...admin })];
    await pass(patience.quiet);
    end("self");
    end("again");
    await pass(patience.quiet);
    expect(await Promise.all(both)).toEqual(["self", "again"]);
  });
});
