import { describe, expect, test, vi } from "vitest";
import { AwsAuthError } from "../../provider/errors.ts";
import type { Guard } from "../../provider/lifecycle/places/place.ts";
import { placeNames } from "../../provider/lifecycle/types.ts";
import {
  admins,
  dev,
  editors,
  mine,
  ops,
  type PlaceWorld,
  theirs,
  viewers,
  worlds,
} from "../support/lifecycle/placeWorlds.ts";

const expectNoWrite = (world: PlaceWorld) => expect(world.written()).toEqual([]);

describe.each(placeNames)("the place %s", (name) => {
  const it = test.extend("world", async (): Promise<PlaceWorld> => worlds[name]());

  it.for([
    ["a user in groups", viewers],
    ["an administrator", admins],
  ] as const)("adds %s with the claim, and the next run reads both", async ([, content], { world }) => {
    await world.put(ops, editors);
    const run = world.place();
    expect(await world.write(content, { run })).toMatchObject({ kind: "add" });
    expect(world.stored(dev)).toEqual({ contents: [content], claims: [mine] });
    expect(world.stored(ops).contents).toEqual([editors]);
    const seen = await world.place().observe(dev);
    expect(seen).toMatchObject({ entries: [{ content }], claims: [mine] });
    expect(await run.observe(dev)).toEqual(seen);
  });

  it("writes nothing if the entry has the wanted content", async ({ world }) => {
    await world.put(dev, viewers, mine);
    expect(await world.write(viewers, { previous: viewers })).toMatchObject({ kind: "same" });
    expectNoWrite(world);
  });

  it("claims an entry without changing its content", async ({ world }) => {
    await world.put(dev, viewers);
    expect(await world.write(viewers, { previous: viewers })).toMatchObject({ kind: "claim" });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine] });
  });

  it.for([
    ["changes groups", viewers, editors],
    ["grants administrator rights", viewers, admins],
    ["removes administrator rights", admins, viewers],
    ["changes the username", viewers, { username: "other", groups: ["viewers"] }],
  ] as const)("%s, and keeps the claim", async ([, previous, content], { world }) => {
    await world.put(dev, previous, mine);
    expect(await world.write(content, { previous })).toMatchObject({ kind: "write" });
    expect(world.stored(dev)).toEqual({ contents: [content], claims: [mine] });
  });

  it("adopts an entry, and replaces its claim", async ({ world }) => {
    await world.put(dev, viewers, theirs);
    expect(await world.write(editors, { adopt: true })).toMatchObject({ kind: "write", loses: [theirs] });
    expect(world.stored(dev)).toEqual({ contents: [editors], claims: [mine] });
  });

  it("decides again when it writes, and keeps an entry that it then refuses", async ({ world }) => {
    const run = world.place();
    expect(await run.observe(dev)).toMatchObject({ entries: [], claims: [] });
    await world.put(dev, editors, theirs);
    expect(await world.write(viewers, { run })).toMatchObject({ kind: "refused", code: "mapped", claims: [theirs] });
    expect(world.stored(dev)).toEqual({ contents: [editors], claims: [theirs] });
  });

  it("removes the entry and its claim, and no entries of others", async ({ world }) => {
    await world.put(dev, viewers, mine);
    const claim = { ...theirs, principal: ops.principal };
    await world.put(ops, editors, claim);
    const run = world.place();
    expect(await world.release(viewers, { run })).toMatchObject({ kind: "remove" });
    expect(world.stored(dev)).toEqual({ contents: [], claims: [] });
    expect(world.stored(ops)).toEqual({ contents: [editors], claims: [claim] });
    expect(await run.observe(dev)).toMatchObject({ entries: [], claims: [] });
  });

  it("decides again when it releases, and keeps an entry that others own by that time", async ({ world }) => {
    await world.put(dev, viewers, mine);
    const run = world.place();
    await run.observe(dev);
    await world.take(dev, theirs);
    const notes = [{ kind: "ownedByOthers", claims: [theirs] }];
    expect(await world.release(viewers, { run })).toMatchObject({ kind: "nothing", notes });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [theirs] });
  });

  it("refuses to remove an entry whose content differs from the state", async ({ world }) => {
    await world.put(dev, editors, mine);
    expect(await world.release(viewers)).toMatchObject({ kind: "refused", code: "changedOutside" });
    expect(world.stored(dev)).toEqual({ contents: [editors], claims: [mine] });
  });

  it("writes nothing if the guard refuses", async ({ world }) => {
    await world.put(dev, admins, mine);
    const refuse = () => {
      throw new AwsAuthError("lockout", "last administrator");
    };
    const guard = { map: refuse, entry: async () => refuse() };
    await expect(world.write(viewers, { previous: admins, guard })).rejects.toMatchObject({ code: "lockout" });
    await expect(world.release(admins, { guard })).rejects.toMatchObject({ code: "lockout" });
    expectNoWrite(world);
    expect(world.stored(dev)).toEqual({ contents: [admins], claims: [mine] });
  });

  it("calls the guard for changes of entries, not of claims", async ({ world }) => {
    await world.put(dev, viewers);
    const guard = { map: vi.fn<Guard["map"]>(), entry: vi.fn<Guard["entry"]>() };
    const guardCalls = () => guard.map.mock.calls.length + guard.entry.mock.calls.length;
    await world.write(viewers, { previous: viewers, guard });
    expect(guardCalls()).toBe(0);
    await world.write(editors, { previous: viewers, guard });
    expect(guardCalls()).toBe(1);
  });
});
