import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AwsAuthMap } from "../../../provider/awsAuthMap/index.ts";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../../../provider/errors.ts";
import { ClusterSession, Declarations } from "../../../provider/session/session.ts";
import { add, arn, MemoryStore, namesIn } from "./memoryStore.ts";

function open(): { store: MemoryStore; session: ClusterSession } {
  const store = new MemoryStore();
  return { store, session: new ClusterSession(store, new Declarations()) };
}

const lostAnswer = () => new UnknownOutcomeError(new AwsAuthError("clusterUnreachable", "cut"));
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
  it("read the map once, and wait for the write that is under way to be written together", async () => {
    const { store, session } = open();
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

  it("send only the keys that changed", async () => {
    const { store, session } = open();
    store.data["notes"] = "foreign";
    await session.commit(add("a"));
    expect(store.writes.map((write) => Object.keys(write))).toEqual([["mapRoles"]]);
  });

  it("write nothing if nothing changes", async () => {
    const { store, session } = open();
    expect(await session.commit((document) => ({ document, result: "seen" }))).toBe("seen");
    expect(store.writes).toEqual([]);
  });

  it("fail alone if they throw", async () => {
    const { session } = open();
    const broken = session.commit(() => {
      throw new AwsAuthError("duplicateArn", "in the way");
    });
    const [refused, told] = await Promise.allSettled([broken, session.commit(add("a"))]);
    expect(refused).toMatchObject({ reason: { code: "duplicateArn" } });
    expect(told).toMatchObject({ value: "a" });
  });

  it("are decided again on the newer version after a conflict, and keep what the other writer wrote", async () => {
    const { store, session } = open();
    await session.document();
    store.foreignWrite({ mapRoles: entry("foreign"), notes: "new" });
    await session.commit(add("a"));
    expect(namesIn(await session.document())).toEqual(["foreign", "a"]);
    expect([store.data["notes"], store.reads]).toEqual(["new", 2]);
  });

  it("give up after ten conflicts, naming how to find the other writer", async () => {
    vi.useFakeTimers();
    const { store, session } = open();
    let tries = 0;
    store.beforeWrite = () => store.foreignWrite({ notes: String(++tries) });
    const failure = expect(session.commit(add("a"))).rejects.toMatchObject({
      code: "conflict",
      message:
        'memory: kube-system/aws-auth was changed by another writer before each of 10 attempts to write it; find the writer with "kubectl get configmap aws-auth -n kube-system -o yaml --show-managed-fields", then run again',
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await failure;
    expect(tries).toBe(10);
    vi.useRealTimers();
  });

  it("fail together, after one write, if what is wrong concerns all of them", async () => {
    const { store, session } = open();
    store.refuse = () => new AwsAuthError("accessDenied", "may not");
    expect(new Set(await commitAll(session, ["a", "b", "c"]))).toEqual(new Set(["may not"]));
    expect(store.writes).toHaveLength(1);
  });

  it("are refused if the map would exceed what a ConfigMap holds, and the others are written", async () => {
    const { store, session } = open();
    store.data["mapUsers"] = `# ${"x".repeat(1024 * 1024 - 300)}\n`;
    const long = "y".repeat(400);
    const [tooLarge = "", small] = await commitAll(session, [long, "small"]);
    expect(tooLarge).toMatch(
      /would grow from 1048\d{3} to 10\d{5} bytes, and a ConfigMap holds at most 1048576; map a role/,
    );
    expect(small).toBe("stored");
    expect(namesIn(await session.document())).toEqual(["small"]);
  });
});

describe("a batch that the server refuses for its content", () => {
  it("is written one by one, so that only what is refused fails, each with its own refusal", async () => {
    const { store, session } = open();
    store.refuse = policy("n3", "n1");
    expect(await commitAll(session, ["n0", "n1", "n2", "n3"])).toEqual([
      "stored",
      "policy: no n1",
      "stored",
      "policy: no n3",
    ]);
    expect(namesIn(await session.document())).toEqual(["n0", "n2"]);
    expect([store.writes.length, store.reads]).toEqual([1 + 4, 1]);
  });

  it("of one change is not written again", async () => {
    const { store, session } = open();
    store.refuse = policy("n0");
    expect(await commitAll(session, ["n0"])).toEqual(["policy: no n0"]);
    expect(store.writes).toHaveLength(1);
  });

  it("does not fail a change for the sake of one that is refused", async () => {
    const { store, session } = open();
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

describe("a write whose answer is lost", () => {
  it("counts as stored if the map has what it was to have", async () => {
    const { store, session } = open();
    store.afterWrite = () => {
      store.afterWrite = () => {};
      throw lostAnswer();
    };
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
    expect([store.writes.length, store.reads]).toEqual([1, 2]);
  });

  it("is decided again if the map has the same entries and other claims", async () => {
    const { store, session } = open();
    store.claims = "111122223333:role/x - id label";
    let isLost = false;
    store.beforeWrite = () => {
      if (!isLost) {
        isLost = true;
        store.foreignWrite({ mapRoles: entry("a") });
        throw lostAnswer();
      }
    };
    const result = await session.commit((document) => {
      const next = addUnlessThere("a")(document);
      return { ...next, document: { ...next.document, claims: [] } };
    });
    expect([result, store.claims]).toEqual(["there", undefined]);
  });

  it("is decided again if it was not stored, and is not stored twice if it arrives then", async () => {
    const { store, session } = open();
    let writes = 0;
    store.beforeWrite = () => {
      if (++writes === 1) {
        throw lostAnswer();
      }
      if (writes === 2) {
        store.foreignWrite({ mapRoles: entry("a") });
      }
    };
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
    expect(namesIn(await session.document())).toEqual(["a"]);
    expect(writes).toBe(2);
  });

  it("is an unknown outcome after the third one", async () => {
    const { store, session } = open();
    let writes = 0;
    store.beforeWrite = () => {
      writes++;
      throw lostAnswer();
    };
    await expect(session.commit(add("a"))).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(writes).toBe(3);
  });

  it("is an unknown outcome if the map cannot be read afterwards", async () => {
    const { store, session } = open();
    await session.document();
    store.beforeWrite = () => {
      throw lostAnswer();
    };
    store.beforeRead = () => {
      throw new AwsAuthError("clusterUnreachable", "no response");
    };
    await expect(session.commit(add("a"))).rejects.toThrow(
      "cut; whether the write was stored is not known, so run again",
    );
  });
});

describe("the map that a run knows", () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => void vi.useRealTimers());

  it("is read again after five seconds before it decides that there is nothing to write", async () => {
    const { store, session } = open();
    store.data["mapRoles"] = entry("a");
    expect(await session.commit(addUnlessThere("a"))).toBe("there");
    store.foreignWrite({ mapRoles: "[]\n" });
    vi.advanceTimersByTime(5_001);
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
  });

  it("is read again if the clock was set back", async () => {
    const { store, session } = open();
    store.data["mapRoles"] = entry("a");
    await session.commit(addUnlessThere("a"));
    store.foreignWrite({ mapRoles: "[]\n" });
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await session.commit(addUnlessThere("a"))).toBe("a");
  });

  it("fails at once for ten seconds after it could not be read", async () => {
    const { store, session } = open();
    store.beforeRead = () => {
      throw new AwsAuthError("clusterUnreachable", "no response");
    };
    await expect(session.document()).rejects.toThrow("no response");
    await expect(session.document(true)).rejects.toThrow("no response");
    expect(store.reads).toBe(1);
    store.beforeRead = () => {};
    vi.advanceTimersByTime(10_001);
    expect(namesIn(await session.document())).toEqual([]);
  });

  it("stays known after a refusal", async () => {
    const { store, session } = open();
    store.refuse = policy("a");
    await expect(session.commit(add("a"))).rejects.toBeInstanceOf(RefusedContentError);
    await session.commit(add("b"));
    expect(store.reads).toBe(1);
  });
});
