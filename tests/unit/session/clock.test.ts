import { describe, expect, it, vi } from "vitest";
import { waitFor } from "../../../provider/async/waiting.ts";
import { CachedLookup } from "../../../provider/cluster/cachedLookup.ts";
import { type AwsAuthDocument, entriesOf } from "../../../provider/document/index.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { add, arn, MemoryStore, namesIn } from "./memoryStore.ts";

const hour = 3_600_000;

describe("a clock that is set back an hour", () => {
  it("does not make a run trust an old map", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const store = new MemoryStore();
    store.data["mapRoles"] = `- rolearn: ${arn("a")}\n  username: a\n`;
    const session = new ClusterSession(store, new Declarations());
    const addUnlessThere = (document: AwsAuthDocument) =>
      namesIn(document).includes("a") ? { document, result: "there" } : add("a")(document);
    expect(await session.commit(addUnlessThere)).toBe("there");
    vi.setSystemTime(Date.now() - hour);
    vi.advanceTimersByTime(6_000);
    store.foreignWrite({ mapRoles: "[]\n" });
    await session.commit(addUnlessThere);
    vi.useRealTimers();
    expect(entriesOf((await session.document()) as AwsAuthDocument)).toHaveLength(1);
    expect(store.data["mapRoles"]).toContain(arn("a"));
  });

  it("does not make a run wait an hour longer", async () => {
    const real = Date.now;
    let offset = 0;
    vi.spyOn(Date, "now").mockImplementation(() => real() - offset);
    const waiting = waitFor(
      async () => {
        offset = hour;
        return undefined;
      },
      { total: 100, first: 10, most: 20 },
    );
    const late = Symbol("late");
    const outcome = await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 3_000, late))]);
    vi.restoreAllMocks();
    expect(outcome).toBeUndefined();
  });

  it("does not make a failure last an hour longer", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const lookup = new CachedLookup<string>();
    await expect(lookup.get(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    vi.setSystemTime(Date.now() - hour);
    vi.advanceTimersByTime(11_000);
    expect(await lookup.get(async () => "yes")).toBe("yes");
    vi.useRealTimers();
  });
});
