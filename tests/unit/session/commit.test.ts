import { describe, expect, it, vi } from "vitest";
import type { AwsAuthDocument } from "../../../provider/document/index.ts";
import { AwsAuthError, RefusedContentError, UnknownOutcomeError } from "../../../provider/errors.ts";
import { Declarations } from "../../../provider/session/declarations.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { add, arn, MemoryStore, namesIn } from "./memoryStore.ts";

function open(): { store: MemoryStore; session: ClusterSession } {
  const store = new MemoryStore();
  return { store, session: new ClusterSession(store, new Declarations()) };
}

const unknown = () => new UnknownOutcomeError(new AwsAuthError("clusterUnreachable", "cut"));

/** A policy that refuses these names, and says the first that it finds. */
const policy =
  (...names: readonly string[]) =>
  ({ mapRoles = "" }: Readonly<Record<string, string>>) => {
    const found = names.find((name) => mapRoles.includes(`${arn(name)}\n`));
    return found === undefined ? undefined : new RefusedContentError("rejected", `policy: no ${found}`);
  };

const named = (count: number) => Array.from({ length: count }, (_, number) => `n${number}`);

/** Commits all of them at once; what each was told, by name. */
async function commitAll(session: ClusterSession, names: readonly string[]): Promise<Map<string, string>> {
  const outcomes = await Promise.allSettled(names.map((name) => session.commit(add(name))));
  return new Map(
    outcomes.map((outcome, at) => [
      names[at] ?? "",
      outcome.status === "fulfilled" ? "stored" : String(outcome.reason.message),
    ]),
  );
}

describe("a group that the server refuses for what it says", () => {
  it.each([0, 1, 2, 3, 4, 5])(
    "fails the refused one of six alone, number %i, and stores the rest in order",
    async (at) => {
      const { store, session } = open();
      const names = named(6);
      const refused = `n${at}`;
      store.refuse = policy(refused);
      const told = await commitAll(session, names);
      const rest = names.filter((name) => name !== refused);
      expect(told.get(refused)).toBe(`policy: no ${refused}`);
      expect(rest.map((name) => told.get(name))).toEqual(Array(5).fill("stored"));
      expect(namesIn(await session.document())).toEqual(rest);
      expect(store.reads).toBe(1);
    },
  );

  it("tries each change once alone, and tells each its own refusal", async () => {
    const { store, session } = open();
    const names = named(20);
    const bad = ["n3", "n11", "n19"];
    // What a whole group is refused for is the last of them, so that each has to be told its own.
    store.refuse = policy(...bad.toReversed());
    const told = await commitAll(session, names);
    expect([...told].filter(([, outcome]) => outcome !== "stored")).toEqual(
      bad.map((name) => [name, `policy: no ${name}`]),
    );
    expect(store.writes).toHaveLength(1 + names.length);
  });

  it("does not try a change again that was alone in its write", async () => {
    const { store, session } = open();
    store.refuse = policy("n0");
    expect(await commitAll(session, ["n0"])).toEqual(new Map([["n0", "policy: no n0"]]));
    expect(store.writes).toHaveLength(1);
  });

  it("gives a change that fails by itself its own error, judged without what is refused", async () => {
    const { store, session } = open();
    store.refuse = policy("n1");
    const others = commitAll(session, ["n0", "n1"]);
    const broken = session.commit(() => {
      throw new AwsAuthError("duplicateArn", "in the way");
    });
    const [told, own] = await Promise.allSettled([others, broken]);
    expect(own).toMatchObject({ reason: { code: "duplicateArn" } });
    expect(told).toMatchObject({
      value: new Map([
        ["n0", "stored"],
        ["n1", "policy: no n1"],
      ]),
    });
    expect(store.writes).toHaveLength(3);
  });

  it("does what failed for the sake of a change that is refused", async () => {
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
    expect(namesIn(await session.document())).toEqual(["n2"]);
  });

  it("plans each change anew when somebody else writes meanwhile", async () => {
    const { store, session } = open();
    store.refuse = policy("n2");
    let writes = 0;
    store.beforeWrite = () => {
      if (++writes === 2) {
        store.foreignWrite({ mapRoles: `- rolearn: ${arn("foreign")}\n  username: foreign\n` });
      }
    };
    const told = await commitAll(session, named(4));
    expect(told.get("n2")).toBe("policy: no n2");
    expect(namesIn(await session.document())).toEqual(["foreign", "n0", "n1", "n3"]);
  });

  it("does not hold up what comes later", async () => {
    const { store, session } = open();
    store.refuse = policy("n1");
    await commitAll(session, named(4));
    const before = store.writes.length;
    await commitAll(session, ["a", "b", "c"]);
    expect(store.writes.length - before).toBe(1);
  });

  it("stops where a change meets something that concerns everybody", async () => {
    const { store, session } = open();
    store.refuse = policy("n3");
    store.afterWrite = () => {
      store.refuse = () => new AwsAuthError("credentials", "expired");
    };
    const told = await commitAll(session, named(8));
    expect([...told.values()].filter((outcome) => outcome === "stored")).toHaveLength(1);
    expect([...told.values()].filter((outcome) => outcome === "expired")).toHaveLength(7);
  });
});

it("writes once where the refusal concerns everybody, and tells all of them", async () => {
  const { store, session } = open();
  store.refuse = () => new AwsAuthError("accessDenied", "may not");
  const told = await commitAll(session, named(20));
  expect(new Set(told.values())).toEqual(new Set(["may not"]));
  expect(store.writes).toHaveLength(1);
});

describe("a write whose outcome nobody knows", () => {
  it("counts as stored where the map says what it was to say", async () => {
    const { store, session } = open();
    store.afterWrite = () => {
      store.afterWrite = () => {};
      throw unknown();
    };
    const calls: string[] = [];
    const result = await session.commit((document) => {
      calls.push("a");
      return add("a")(document);
    });
    expect(result).toBe("a");
    // It is told that it is stored, and does not find its own entry as somebody else's.
    expect(calls).toHaveLength(1);
    expect(store.writes).toHaveLength(1);
    expect(store.reads).toBe(2);
    expect(await session.commit(add("b"))).toBe("b");
    expect(namesIn(await session.document())).toEqual(["a", "b"]);
  });

  it("is not taken for stored where the record of claims is another than it wrote", async () => {
    const { store, session } = open();
    store.claims = "111122223333:role/x - id label";
    let lost = 0;
    store.beforeWrite = () => {
      if (lost++ === 0) {
        // Somebody else's write leaves the same entries, and another record.
        store.foreignWrite({ mapRoles: `- rolearn: ${arn("a")}\n  username: a\n` });
        store.claims = "111122223333:role/y - id label";
        throw unknown();
      }
    };
    const seen: string[][] = [];
    const withoutRecord = (document: AwsAuthDocument) => {
      seen.push(namesIn(document));
      const next = namesIn(document).includes("a") ? document : add("a")(document).document;
      return { document: { ...next, record: { lines: [], bytes: 0 } }, result: undefined };
    };
    await session.commit(withoutRecord);
    expect(seen).toEqual([[], ["a"]]);
    expect(store.claims).toBeUndefined();
  });

  it("is planned anew where the map is as it was, and nothing is there twice if the first still arrives", async () => {
    const { store, session } = open();
    const arrives: (() => void)[] = [];
    let writes = 0;
    store.beforeWrite = () => {
      writes++;
      if (writes === 1) {
        const mapRoles = `- rolearn: ${arn("a")}\n  username: a\n`;
        arrives.push(() => store.foreignWrite({ mapRoles }));
        throw unknown();
      }
      arrives.pop()?.();
    };
    const calls: string[][] = [];
    const create = (document: AwsAuthDocument) => {
      calls.push(namesIn(document));
      return add("a")(document);
    };
    expect(await session.commit(create)).toBe("a");
    expect(calls).toEqual([[], []]);
    expect(namesIn(await session.document())).toEqual(["a"]);
    expect(writes).toBe(2);
  });

  it("tells those that it carried, and goes on with those that joined since", async () => {
    const { store, session } = open();
    const joined: Promise<string>[] = [];
    store.afterWrite = () => {
      store.afterWrite = () => {};
      joined.push(session.commit(add("b")));
      throw unknown();
    };
    expect(await session.commit(add("a"))).toBe("a");
    expect(await Promise.all(joined)).toEqual(["b"]);
    expect(namesIn(await session.document())).toEqual(["a", "b"]);
    expect(store.writes).toHaveLength(2);
  });

  it("fails after three of them, and says that it is not known", async () => {
    const { store, session } = open();
    let writes = 0;
    store.beforeWrite = () => {
      writes++;
      throw unknown();
    };
    await expect(session.commit(add("a"))).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: "cut; whether the write was stored is not known, so run again",
    });
    expect(writes).toBe(3);
    expect(store.reads).toBe(4);
    store.beforeWrite = () => {};
    expect(await session.commit(add("a"))).toBe("a");
    expect(store.reads).toBe(4);
  });

  it("fails as not known where the map cannot be read afterwards", async () => {
    const { store, session } = open();
    await session.document();
    store.beforeWrite = () => {
      throw unknown();
    };
    store.beforeRead = () => {
      throw new AwsAuthError("clusterUnreachable", "no response");
    };
    const failure = session.commit(add("a"));
    await expect(failure).rejects.toBeInstanceOf(UnknownOutcomeError);
    await expect(failure).rejects.toThrow(/^cut/);
  });

  it("is no conflict to wait out for ever, although somebody else writes each time", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    const { store, session } = open();
    let writes = 0;
    store.beforeWrite = () => {
      writes++;
      store.foreignWrite({ notes: String(writes) });
      throw unknown();
    };
    await expect(session.commit(add("a"))).rejects.toBeInstanceOf(UnknownOutcomeError);
    expect(writes).toBe(3);
    vi.restoreAllMocks();
  });
});

it("trusts what it knows of the map after a refusal, and reads anew after a conflict", async () => {
  const { store, session } = open();
  store.refuse = policy("a");
  await expect(session.commit(add("a"))).rejects.toBeInstanceOf(RefusedContentError);
  expect(await session.commit(add("b"))).toBe("b");
  expect(store.reads).toBe(1);
  store.foreignWrite({ notes: "new" });
  expect(await session.commit(add("c"))).toBe("c");
  expect(store.reads).toBe(2);
});
