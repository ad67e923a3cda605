import { describe, expect, test, vi } from "vitest";
import { AwsAuthError } from "../../provider/errors.ts";
import { type Guard, placeNames } from "../../provider/lifecycle/types.ts";
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

const untouched = (world: PlaceWorld) => expect(world.written()).toEqual([]);

describe.each(placeNames)("the place %s", (name) => {
  const it = test.extend("world", async (): Promise<PlaceWorld> => worlds[name]());

  it.for([
    ["a user in groups", viewers],
    ["an administrator", admins],
  ] as const)("adds %s with the claim, and shows them to the next run", async ([, content], { world }) => {
    await world.put(ops, editors);
    const run = world.place();
    expect(await world.write(content, { run })).toMatchObject({ kind: "add" });
    expect(world.stored(dev)).toEqual({ contents: [content], claims: [mine] });
    expect(world.stored(ops).contents).toEqual([editors]);
    const seen = await world.place().observe(dev);
    expect(seen).toMatchObject({ entries: [{ content }], claims: [mine] });
    expect(await run.observe(dev)).toEqual(seen);
  });

  it("writes nothing if the entry is as it should be", async ({ world }) => {
    await world.put(dev, viewers, mine);
    expect(await world.write(viewers, { previous: viewers })).toMatchObject({ kind: "same" });
    untouched(world);
  });

  it("claims an entry and leaves its content", async ({ world }) => {
    await world.put(dev, viewers);
    expect(await world.write(viewers, { previous: viewers })).toMatchObject({ kind: "claim" });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine] });
  });

  it.for([
    ["changes groups", viewers, editors],
    ["makes an administrator", viewers, admins],
    ["takes administrator rights away", admins, viewers],
    ["changes the username", viewers, { username: "other", groups: ["viewers"] }],
  ] as const)("%s, and keeps the claim", async ([, previous, content], { world }) => {
    await world.put(dev, previous, mine);
    expect(await world.write(content, { previous })).toMatchObject({ kind: "write" });
    expect(world.stored(dev)).toEqual({ contents: [content], claims: [mine] });
  });

  it("takes an entry over, with its claim", async ({ world }) => {
    await world.put(dev, viewers, theirs);
    expect(await world.write(editors, { adopt: true })).toMatchObject({ kind: "write", loses: [theirs] });
    expect(world.stored(dev)).toEqual({ contents: [editors], claims: [mine] });
  });

  it("decides on what is there when it writes, and leaves what is refused then", async ({ world }) => {
    const run = world.place();
    expect(await run.observe(dev)).toMatchObject({ entries: [], claims: [] });
    await world.put(dev, editors, theirs);
    expect(await world.write(viewers, { run })).toMatchObject({ kind: "refused", code: "mapped", claims: [theirs] });
    expect(world.stored(dev)).toEqual({ contents: [editors], claims: [theirs] });
  });

  it("removes the entry and its claim, and nothing of others", async ({ world }) => {
    await world.put(dev, viewers, mine);
    const claim = { ...theirs, principal: ops.principal };
    await world.put(ops, editors, claim);
    const run = world.place();
    expect(await world.release(viewers, { run })).toMatchObject({ kind: "remove" });
    expect(world.stored(dev)).toEqual({ contents: [], claims: [] });
    expect(world.stored(ops)).toEqual({ contents: [editors], claims: [claim] });
    expect(await run.observe(dev)).toMatchObject({ entries: [], claims: [] });
  });

  it("decides on what is there when it releases, and leaves what others own by then", async ({ world }) => {
    await world.put(dev, viewers, mine);
    const run = world.place();
    await run.observe(dev);
    await world.take(dev, theirs);
    const notes = [{ kind: "ownedByOthers", claims: [theirs] }];
    expect(await world.release(viewers, { run })).toMatchObject({ kind: "nothing", notes });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [theirs] });
  });

  it("refuses to remove an entry with other content than the state has", async ({ world }) => {
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
    untouched(world);
    expect(world.stored(dev)).toEqual({ contents: [admins], claims: [mine] });
  });

  it("asks the guard about entries, and not about claims", async ({ world }) => {
    await world.put(dev, viewers);
    const guard = { map: vi.fn<Guard["map"]>(), entry: vi.fn<Guard["entry"]>() };
    const asked = () => guard.map.mock.calls.length + guard.entry.mock.calls.length;
    await world.write(viewers, { previous: viewers, guard });
    expect(asked()).toBe(0);
    await world.write(editors, { previous: viewers, guard });
    expect(asked()).toBe(1);
  });
});
