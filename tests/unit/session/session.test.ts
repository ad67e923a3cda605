import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AwsAuthMap } from "../../../provider/awsAuthMap/index.ts";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../../../provider/errors.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { add, arn, MemoryStore, namesIn } from "../../support/lifecycle/memoryStore.ts";

const it = test
  .extend("store", () => new MemoryStore())
  .extend("session", ({ store }) => new ClusterSession(store, "prod"));

const lose = () => {
  throw new UnknownOutcomeError(new AwsAuthError("clusterUnreachable", "cut"));
};
const beUnreachable = () => {
  throw new AwsAuthError("clusterUnreachable", "no response");
};
const entry = (name: string) => `- rolearn: ${arn(name)}\n  username: ${name}\n`;

/** A policy that refuses these names, and names the first that it finds. */
const policy =
  (...names: readonly string[]) =>
  ({ mapRoles = "" }: Readonly<Record<string, string>>) => {
    const found = names.find((name) => mapRoles.includes(`${arn(name)}\n`));
    return found === undefined ? undefined : new RefusedContentError("rejected", `policy: no ${found}`);
  };

const addUnlessThere = (name: string) => (document: AwsAuthMap) =>
  namesIn(document).includes(name) ? { document, result: "there" } : add(name)(document);

/** Commits all of them at once, and returns the outcome of each. */
async function commitAll(session: ClusterSession, names: readonly string[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(names.map((name) => session.commit(add(name))));
  return outcomes.map((outcome) => (outcome.status === "fulfilled" ? "stored" : String(outcome.reason.message)));
}

describe("the commits of a run", () => {
  it("read the map once, and are written together after the write in progress", async ({ store, session }) => {
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
    expect([store.writes.length, store.reads]).toEqual([2, 1]);
    expect(namesIn(await session.document())).toEqual(["a", "b", "c", "d"]);
  });

  it("send only the keys that changed", async ({ store, session }) => {
    store.data["notes"] = "foreign";
    await session.commit(add("a"));
    expect(store.writes.map((write) => Object.keys(write))).toEqual([["mapRoles"]]);
  });

  it("write nothing if nothing changes", async ({ store, session }) => {
    expect(await session.commit((document) => ({ document, result: "seen" }))).toBe("seen");
    expect(store.writes).toEqual([]);
  });

  it("fail individually if they throw", async ({ session }) => {
    const broken = session.commit(() => {
      throw new AwsAuthError("duplicateArn", "in the way");
    });
    const [refused, stored] = await Promise.allSettled([broken, session.commit(add("a"))]);
    expect(refused).toMatchObject({ reason: { code: "duplicateArn" } });
    expect(stored).toMatchObject({ value: "a" });
  });

  it("are computed again after a conflict, and preserve the changes of the other writer", async ({
    store,
    session,
  }) => {
    await session.document();
    store.foreignWrite({ mapRoles: entry("foreign"), notes: "new" });
    await session.commit(add("a"));
    expect(namesIn(await session.document())).toEqual(["foreign", "a"]);
    expect([store.data["notes"], store.reads]).toEqual(["new", 2]);
  });

  it("fail after ten conflicts, and report how to find the other writer", async ({ store, session }) => {
    vi.useFakeTimers();
    let tries = 0;
    store.beforeWrite = () => store.foreignWrite({ notes: String(++tries) });
    const failure = expect(session.commit(add("a"))).rejects.toMatchObject({
      code: "conflict",
      message:
        'memory: all 10 attempts to write kube-system/aws-auth conflicted with another writer; find that writer with "kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields", then run again',
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await failure;
    expect(tries).toBe(10);
    vi.useRealTimers();
  });

  it("fail together after one write if the error applies to all of them", async ({ store, session }) => {
    store.refuse = () => new AwsAuthError("accessDenied", "may not");
    expect(new Set(await commitAll(session, ["a", "b", "c"]))).toEqual(new Set(["may not"]));
    expect(store.writes).toHaveLength(1);
  });
});

describe("a batch whose content the server refuses", () => {
  it("is written one change at a time, and only refused changes fail", async ({ store, session }) => {
    store.refuse = policy("n3", "n1");
    const outcomes = ["stored", "policy: no n1", "stored", "policy: no n3"];
    expect(await commitAll(session, ["n0", "n1", "n2", "n3"])).toEqual(outcomes);
    expect(namesIn(await session.document())).toEqual(["n0", "n2"]);
    expect([store.writes.length, store.reads]).toEqual([1 + 4, 1]);
  });

  it("is not written again if it has one change", async ({ store, session }) => {
    store.refuse = policy("n0");
    expect(await commitAll(session, ["n0"])).toEqual(["policy: no n0"]);
    expect(store.writes).toHaveLength(1);
  });

  it("does not fail a change because of a refused one", async ({ store, session }) => {
    store.refuse = policy("n1");
    const refused = session.commit(add("n1"));
    const follower = session.commit((document) => {
      if (namesIn(document).includes("n1")) {
        throw new AwsAuthError("duplicateArn", "n1 is in the way");
      }
      return add("n2")(document);
    });
    expect(await Promise.allSettled([refused, follower])).toMatchObject([{ status: "rejected" }, { value: "n2" }]);
  });
});

describe("a write without a response", () => {
  it("is treated as stored if the map has the intended content", async ({ store, session }) => {
    store.afterWrite = vi.fn<() => void>().mockImplementationOnce(lose);
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
    expect([store.writes.length, store.reads]).toEqual([1, 2]);
  });

  it("is computed again if the map has the same entries and different claims", async ({ store, session }) => {
    store.claims = "111122223333:role/x - id label";
    store.beforeWrite = vi.fn<() => void>().mockImplementationOnce(() => {
      store.foreignWrite({ mapRoles: entry("a") });
      lose();
    });
    const result = await session.commit((document) => {
      const next = addUnlessThere("a")(document);
      return { ...next, document: { ...next.document, claims: [] } };
    });
    expect([result, store.claims]).toEqual(["there", undefined]);
  });

  it("is computed again if it was not stored, and not stored twice if it arrives late", async ({ store, session }) => {
    const arrive = () => store.foreignWrite({ mapRoles: entry("a") });
    store.beforeWrite = vi.fn<() => void>().mockImplementationOnce(lose).mockImplementationOnce(arrive);
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
    expect(namesIn(await session.document())).toEqual(["a"]);
    expect(store.beforeWrite).toHaveBeenCalledTimes(2);
  });

  it("has an unknown outcome after the third attempt", async ({ store, session }) => {
    store.beforeWrite = vi.fn(lose);
    await expect(session.commit(add("a"))).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(store.beforeWrite).toHaveBeenCalledTimes(3);
  });

  it("has an unknown outcome if the map cannot be read afterwards", async ({ store, session }) => {
    await session.document();
    store.beforeWrite = lose;
    store.beforeRead = beUnreachable;
    await expect(session.commit(add("a"))).rejects.toThrow("cut; the write may have been stored, so run again");
  });
});

describe("the cached map of a run", () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());

  it.for([
    ["after five seconds, before a commit without changes", () => vi.advanceTimersByTime(5_001)],
    ["if the clock was set back", () => vi.setSystemTime(Date.now() - 3_600_000)],
  ] as const)("is read again %s", async ([, pass], { store, session }) => {
    store.data["mapRoles"] = entry("a");
    expect(await session.commit(addUnlessThere("a"))).toBe("there");
    store.foreignWrite({ mapRoles: "[]\n" });
    pass();
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
  });

  it("fails at once for ten seconds after it could not be read", async ({ store, session }) => {
    store.beforeRead = beUnreachable;
    await expect(session.document()).rejects.toThrow("no response");
    await expect(session.document(true)).rejects.toThrow("no response");
    expect(store.reads).toBe(1);
    store.beforeRead = () => {};
    vi.advanceTimersByTime(10_001);
    expect(namesIn(await session.document())).toEqual([]);
  });

  it("is kept after a refusal", async ({ store, session }) => {
    store.refuse = policy("a");
    await expect(session.commit(add("a"))).rejects.toBeInstanceOf(RefusedContentError);
    await session.commit(add("b"));
    expect(store.reads).toBe(1);
  });
});
