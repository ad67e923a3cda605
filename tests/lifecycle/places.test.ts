import { describe, expect, it } from "vitest";
import { AwsAuthError } from "../../provider/errors.ts";
import { placeNames, type Subject } from "../../provider/lifecycle/types.ts";
import {
  admins,
  claimOf,
  decideHere,
  dev,
  editors,
  me,
  mine,
  openGuard,
  ops,
  releaseHere,
  theirs,
  viewers,
  worlds,
} from "./placeWorlds.ts";

const foreignRole: Subject = ops;

describe.each(placeNames)("the place %s", (name) => {
  const world = worlds[name];

  it("has nothing of a principal that it does not know", async () => {
    const { place } = await world();
    expect(await place().observe(dev)).toMatchObject({ entries: [], claims: [] });
  });

  it.each([
    ["a user in groups", viewers],
    ["an administrator", admins],
  ])("adds %s with the claim, and shows them to the next run", async (_title, content) => {
    const { place, put, stored } = await world();
    await put(foreignRole, editors);
    const first = place();
    expect(await first.write(dev, me, decideHere(name, content), undefined)).toMatchObject({ kind: "add" });
    expect(stored(dev)).toEqual({ contents: [content], claims: [mine] });
    expect(stored(foreignRole).contents).toEqual([editors]);
    const seen = await place().observe(dev);
    expect(seen).toMatchObject({ entries: [{ content }], claims: [mine] });
    expect(await first.observe(dev)).toEqual(seen);
  });

  it("writes nothing if the entry is as it should be", async () => {
    const { place, put, writes } = await world();
    await put(dev, viewers, mine);
    const before = writes();
    const decision = await place().write(dev, me, decideHere(name, viewers, { previous: viewers }), undefined);
    expect(decision.kind).toBe("same");
    expect(writes()).toBe(before);
  });

  it("claims an entry and leaves its content", async () => {
    const { place, put, stored } = await world();
    await put(dev, viewers);
    const decision = await place().write(dev, me, decideHere(name, viewers, { previous: viewers }), undefined);
    expect(decision).toMatchObject({ kind: "claim" });
    expect(stored(dev)).toEqual({ contents: [viewers], claims: [mine] });
  });

  it.each([
    ["changes groups", viewers, editors],
    ["makes an administrator", viewers, admins],
    ["takes administrator rights away", admins, viewers],
    ["changes the username", viewers, { username: "other", groups: ["viewers"] }],
  ])("%s, and keeps the claim", async (_title, before, after) => {
    const { place, put, stored } = await world();
    await put(dev, before, mine);
    expect(await place().write(dev, me, decideHere(name, after, { previous: before }), undefined)).toMatchObject({
      kind: "write",
    });
    expect(stored(dev)).toEqual({ contents: [after], claims: [mine] });
  });

  it("takes an entry over, with its claim", async () => {
    const { place, put, stored } = await world();
    await put(dev, viewers, theirs);
    const decision = await place().write(dev, me, decideHere(name, editors, { adopt: true }), undefined);
    expect(decision).toMatchObject({ kind: "write", loses: [theirs] });
    expect(stored(dev)).toEqual({ contents: [editors], claims: [mine] });
  });

  it("decides on what is there when it writes, and leaves what is refused then", async () => {
    const { place, put, stored } = await world();
    const run = place();
    expect(await run.observe(dev)).toMatchObject({ entries: [] });
    await put(dev, editors, theirs);
    const decision = await run.write(dev, me, decideHere(name, viewers), undefined);
    expect(decision).toMatchObject({ kind: "refused", code: "mapped", claims: [theirs] });
    expect(stored(dev)).toEqual({ contents: [editors], claims: [theirs] });
  });

  it("removes the entry and its claim, and nothing of others", async () => {
    const { place, put, stored } = await world();
    await put(dev, viewers, mine);
    await put(foreignRole, editors, claimOf("theirs00.000002", "apps/prod ops", ops));
    const run = place();
    expect(await run.release(dev, releaseHere(name, viewers), undefined)).toMatchObject({ kind: "remove" });
    expect(stored(dev)).toEqual({ contents: [], claims: [] });
    expect(stored(foreignRole)).toMatchObject({ contents: [editors], claims: [{ owner: "apps/prod ops" }] });
    expect(await run.observe(dev)).toMatchObject({ entries: [], claims: [] });
  });

  it("decides on what is there when it releases, and leaves what others own by then", async () => {
    const { place, put, stored, writes } = await world();
    await put(dev, viewers, mine);
    const run = place();
    await run.observe(dev);
    await place()
      .write(
        dev,
        { ...me, id: "theirs00.000001", owner: theirs.owner },
        () => ({
          kind: "write",
          content: viewers,
          entry: undefined,
          removes: [],
          drops: [mine],
          loses: [],
          shares: [],
          notes: [],
        }),
        undefined,
      )
      .catch(() => undefined);
    const before = writes();
    expect(stored(dev).claims.length).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(0);
  });

  it("refuses to remove an entry with other content than the state has", async () => {
    const { place, put, stored } = await world();
    await put(dev, editors, mine);
    const release = await place().release(dev, releaseHere(name, viewers), undefined);
    expect(release).toMatchObject({ kind: "refused", code: "changedOutside" });
    expect(stored(dev)).toEqual({ contents: [editors], claims: [mine] });
  });

  it("writes nothing if the guard refuses", async () => {
    const { place, put, stored, writes } = await world();
    await put(dev, admins, mine);
    const before = writes();
    const refuse = () => {
      throw new AwsAuthError("lockout", "last administrator");
    };
    const guard = { map: refuse, entry: async () => refuse() };
    const change = place().write(dev, me, decideHere(name, viewers, { previous: admins }), guard);
    await expect(change).rejects.toMatchObject({ code: "lockout" });
    await expect(place().release(dev, releaseHere(name, admins), guard)).rejects.toMatchObject({ code: "lockout" });
    expect(writes()).toBe(before);
    expect(stored(dev)).toEqual({ contents: [admins], claims: [mine] });
  });

  it("asks the guard about entries, and not about claims", async () => {
    const { place, put } = await world();
    await put(dev, viewers);
    const guard = openGuard();
    await place().write(dev, me, decideHere(name, viewers, { previous: viewers }), guard);
    expect([...guard.map.mock.calls, ...guard.entry.mock.calls]).toEqual([]);
    await place().write(dev, me, decideHere(name, editors, { previous: viewers }), guard);
    expect([...guard.map.mock.calls, ...guard.entry.mock.calls]).toHaveLength(1);
  });
});
