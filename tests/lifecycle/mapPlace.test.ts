import { describe, expect, it } from "vitest";
import type { Subject } from "../../provider/lifecycle/types.ts";
import { claimOf, decideHere, dev, editors, mapWorld, me, mine, releaseHere, theirs, viewers } from "./placeWorlds.ts";

const account: Subject = { principal: "999900001111", kind: "account", arn: "999900001111" };

describe("the map", () => {
  it("writes the entry and its claim in one request, and keeps every other byte", async () => {
    const world = mapWorld();
    const others = '# ours\n- rolearn: "arn:aws:iam::111122223333:role/ops"   # on call\n  username:   ops\n';
    world.store.data = { mapRoles: others, notes: "x" };
    world.store.claims = "not a claim\n111122223333:role/ops theirs00.000002 apps/prod ops";
    await world.place().write(dev, me, decideHere("map", viewers), undefined);
    expect(world.writes()).toBe(1);
    const entry = `- rolearn: ${dev.arn}\n  username: dev\n  groups:\n  - viewers\n`;
    expect(world.store.data).toEqual({ mapRoles: others + entry, notes: "x" });
    expect(world.store.claims?.split("\n").toSorted()).toEqual([
      "111122223333:role/dev mystem00.000001 infra/prod dev",
      "111122223333:role/ops theirs00.000002 apps/prod ops",
      "not a claim",
    ]);
    await world.place().release(dev, releaseHere("map", viewers), undefined);
    expect(world.writes()).toBe(2);
    expect(world.store.data).toEqual({ mapRoles: others, notes: "x" });
    expect(world.store.claims).toBe("not a claim\n111122223333:role/ops theirs00.000002 apps/prod ops");
  });

  it("shares an entry that others claim, and removes it with the last claim", async () => {
    const world = mapWorld();
    await world.put(dev, viewers, theirs);
    await world.place().write(dev, me, decideHere("map", viewers), undefined);
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine, theirs] });
    expect(await world.place().release(dev, releaseHere("map", viewers), undefined)).toMatchObject({ kind: "unclaim" });
    expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [theirs] });
  });

  it("keeps a line that cannot be parsed, and counts it as another owner's claim on its principal", async () => {
    const world = mapWorld();
    await world.put(dev, viewers);
    world.store.claims = "111122223333:role/dev a format of tomorrow";
    const seen = await world.place().observe(dev);
    expect(seen.claims).toEqual([claimOf(undefined, "111122223333:role/dev a format of tomorrow")]);
    const decision = await world.place().write(dev, me, decideHere("map", editors, { adopt: true }), undefined);
    expect(decision.kind).toBe("write");
    expect(world.store.claims.split("\n")).toContain("111122223333:role/dev a format of tomorrow");
  });

  it.each(["mapRoles", "mapUsers"])("refuses everything before it writes if %s cannot be read", async (key) => {
    const world = mapWorld();
    world.store.data[key] = "- rolearn: [\n";
    const refused = { code: "unreadableKey" };
    const place = world.place();
    await expect(place.observe(dev)).rejects.toMatchObject(refused);
    await expect(place.write(dev, me, decideHere("map", viewers), undefined)).rejects.toMatchObject(refused);
    await expect(place.release(dev, releaseHere("map", viewers), undefined)).rejects.toMatchObject(refused);
    expect(world.writes()).toBe(0);
    expect((await place.observe(account)).entries).toEqual([]);
  });

  it("shows the entry last that the authenticator obeys: the last one in mapRoles", async () => {
    const world = mapWorld();
    const entry = (field: string, groups: string) => `- ${field}: ${dev.arn}\n  username: dev\n  groups: [${groups}]\n`;
    world.store.data = {
      mapRoles: entry("rolearn", "first") + entry("rolearn", "second"),
      mapUsers: entry("userarn", "third"),
    };
    const { entries } = await world.place().observe(dev);
    expect(entries).toEqual([
      { position: "mapUsers entry 1", content: { username: "dev", groups: ["third"] } },
      { position: "mapRoles entry 1", content: { username: "dev", groups: ["first"] } },
      { position: "mapRoles entry 2", content: { username: "dev", groups: ["second"] } },
    ]);
    await world.place().write(dev, me, decideHere("map", viewers, { adopt: true }), undefined);
    expect(world.store.data).toEqual({
      mapRoles: `- rolearn: ${dev.arn}\n  username: dev\n  groups:\n  - viewers\n`,
      mapUsers: "[]\n",
    });
  });

  it("leaves out an entry without effect, and adds one beside it", async () => {
    const world = mapWorld();
    const dead = `- rolearn: ${dev.principalArn}\n  username: dev\n  groups: [viewers]\n`;
    world.store.data = { mapRoles: dead };
    expect((await world.place().observe(dev)).entries).toEqual([]);
    await world.place().write(dev, me, decideHere("map", viewers), undefined);
    expect(world.store.data["mapRoles"]).toBe(
      `${dead}- rolearn: ${dev.arn}\n  username: dev\n  groups:\n  - viewers\n`,
    );
  });

  it("maps an account", async () => {
    const world = mapWorld();
    const content = { groups: [] };
    const decision = await world.place().write(account, me, decideHere("map", content), undefined);
    expect(decision.kind).toBe("add");
    expect(world.store.data).toMatchObject({ mapAccounts: '- "999900001111"\n' });
    expect(world.store.claims).toBe("999900001111 mystem00.000001 infra/prod dev");
  });
});
