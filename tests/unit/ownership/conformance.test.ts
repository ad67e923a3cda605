import { describe, expect, it } from "vitest";
import { AccessEntryPlace, type Actor, MapPlace, MemoryPlace, type TestPlace } from "./places.ts";

// Stacks of their own, two resources of one stack, and three generations of one resource.
const a = (): Actor => ({ id: "aaaaaaaa1a000" });
const b = (): Actor => ({ id: "bbbbbbbb1b000" });
const sibling = (): Actor => ({ id: "aaaacccc1s000" });
const killed = (): Actor => ({ id: "aaaaaaaa0k000" });
const next = (): Actor => ({ id: "aaaaaaaa2n000" });

describe.each<[string, () => TestPlace]>([
  ["a list in memory", () => new MemoryPlace()],
  ["aws-auth", () => new MapPlace()],
  ["an access entry", () => new AccessEntryPlace()],
])("ownership in %s", (_name, make) => {
  it("a mapping comes, stays, changes and goes", () => {
    const [place, own] = [make(), a()];
    expect(place.write(own, "x")).toBe("made");
    expect(place.claims()).toEqual([own.id]);
    expect(place.write(own, "x")).toBe("kept");
    expect(place.write(own, "y")).toBe("changed");
    expect(place.contents()).toEqual(["y"]);
    expect(place.leave(own)).toBe("remove");
    expect(place.contents()).toEqual([]);
    expect(place.claims()).toEqual([]);
  });

  it("what somebody removed by hand is made again", () => {
    const [place, own] = [make(), a()];
    place.write(own, "x");
    place.drop("x");
    expect(place.write(own, "x")).toBe("made");
    place.drop("x");
    expect(place.leave(own)).toBe("gone");
  });

  it("what somebody changed by hand is mended, and not deleted", () => {
    const [place, own] = [make(), a()];
    place.write(own, "x");
    place.edit("x", "hacked");
    expect(place.leave(own)).toBe("changed");
    expect(place.write(own, "x")).toBe("changed");
    expect(place.contents()).toEqual(["x"]);
  });

  it("what is somebody else's is refused, and taken over by adoption alone", () => {
    const [place, own] = [make(), a()];
    place.put("theirs");
    expect(place.write(own, "x")).toBe("conflict");
    expect(place.contents()).toEqual(["theirs"]);
    expect(place.write(own, "x", { adopt: true })).toBe("changed");
    expect(place.contents()).toEqual(["x"]);
  });

  it("an adoption ends the claims of others, whom it is told, and whose delete leaves it", () => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x");
    expect(place.write(two, "y")).toBe("conflict");
    place.write(two, "y", { adopt: true });
    expect(place.claims()).toEqual([two.id]);
    expect(place.write(one, "x")).toBe("takenOver");
    expect(place.write(one, "x", { adopt: true })).toBe("takenOver");
    expect(["keep", "gone"]).toContain(place.leave(one));
    expect(place.contents()).toEqual(["y"]);
  });

  it.each([0, 1])("a shared mapping goes with the last who wants it: order %i", (order) => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x");
    expect(place.write(two, "x")).toBe("kept");
    const [first, last] = order === 0 ? [one, two] : [two, one];
    expect(place.leave(first)).toBe("keep");
    expect(place.contents()).toEqual(["x"]);
    expect(place.leave(last)).toBe("remove");
    expect(place.contents()).toEqual([]);
  });

  it("what others share is not changed, but for an adoption", () => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x");
    place.write(two, "x");
    expect(place.write(two, "y")).toBe("held");
    expect(place.write(two, "y", { adopt: true })).toBe("changed");
    expect(place.contents()).toEqual(["y"]);
  });

  it("a claim that is lost is made again", () => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x");
    place.write(two, "x");
    place.forget();
    expect(place.write(one, "x")).toBe("kept");
    expect(place.claims()).toEqual([one.id]);
    expect(place.leave(two)).toBe("keep");
  });

  it("an entry that was there before is known as such by all who share it", () => {
    const [place, one, two] = [make(), a(), b()];
    place.put("x");
    expect(place.write(one, "x")).toBe("kept");
    expect(place.write(two, "x")).toBe("kept");
    expect(place.claims()).toEqual([`${one.id}:found`, `${two.id}:found`]);
    expect(place.leave(one)).toBe("keep");
    expect(place.leave(two)).toBe(place.leavesFound ? "leave" : "remove");
  });

  it("what a resource of the run declares too is found by nobody, and kept", () => {
    const [place, own] = [make(), a()];
    place.put("x");
    place.write(own, "x", { declared: ["x"] });
    expect(place.claims()).toEqual([own.id]);
    expect(place.leave(own, { declared: ["x"] })).toBe("keep");
  });

  it("the claim of another resource of the program never stands in the way, and its access stays", () => {
    const [place, one, other] = [make(), a(), sibling()];
    place.write(other, "x");
    expect(place.write(one, "x")).toBe("kept");
    const result = place.write(one, "y");
    expect(result).toBe(place.isSingle ? "changed" : "made");
    expect(place.contents()).toEqual(place.isSingle ? ["y"] : ["x", "y"]);
    expect(place.leave(other)).toBe(place.isSingle ? "keep" : "remove");
    expect(place.contents()).toEqual(["y"]);
  });

  it("a resource under a new name may change in the same run", () => {
    const [place, old, renamed] = [make(), a(), sibling()];
    place.write(old, "x");
    expect(place.write(renamed, "y")).toBe(place.isSingle ? "changed" : "made");
    place.leave(old);
    expect(place.contents()).toEqual(["y"]);
  });

  it("a resource under a new name does not change what another stack shares, either", () => {
    const [place, old, other, renamed] = [make(), a(), b(), sibling()];
    place.write(old, "x");
    place.write(other, "x");
    expect(place.write(renamed, "y")).toBe(place.isSingle ? "held" : "conflict");
    expect(place.contents()).toEqual(["x"]);
    expect(place.write(renamed, "x")).toBe("kept");
  });

  it("a resource under a new name has found nothing, and keeps what is there", () => {
    const [place, old, renamed] = [make(), a(), sibling()];
    place.write(old, "x");
    expect(place.write(renamed, "x")).toBe("kept");
    expect(place.claims().toSorted()).toEqual([old.id, renamed.id]);
    expect(place.leave(old)).toBe("keep");
    expect(place.leave(renamed)).toBe("remove");
  });

  it("what an interrupted run left is the resource's own, and goes with it", () => {
    const [place, own] = [make(), a()];
    place.write(killed(), "x");
    expect(place.write(own, "y")).toBe("changed");
    expect(place.contents()).toEqual(["y"]);
    expect(place.leave(own)).toBe("remove");
    expect(place.claims()).toEqual([]);
  });

  it("what an interrupted run claimed of an entry that is gone ends with the next one", () => {
    const [place, own] = [make(), a()];
    place.write(killed(), "x");
    place.drop("x");
    place.write(own, "x");
    expect(place.claims()).toEqual([own.id]);
  });

  it("what replaces a resource stays when the old one goes", () => {
    const [place, old, replacement] = [make(), a(), next()];
    place.write(old, "x");
    place.write(replacement, "x");
    expect(place.claims().toSorted()).toEqual([old.id, replacement.id]);
    expect(place.leave(old)).toBe("keep");
    place.forget();
    place.write(replacement, "x");
    expect(place.leave(old)).toBe("inherited");
    expect(place.contents()).toEqual(["x"]);
  });

  it("a label says nothing", () => {
    const [place, one, two] = [make(), { id: "same" }, { id: "ssme" }];
    place.write(one, "x");
    expect(place.write(two, "x")).toBe("kept");
    expect(place.leave(two)).toBe("keep");
    expect(place.claims()).toEqual([one.id]);
  });
});

describe.each<[string, () => TestPlace]>([
  ["a list in memory", () => new MemoryPlace()],
  ["aws-auth", () => new MapPlace()],
])("several entries for one principal in %s", (_name, make) => {
  const beside = { noDuplicateARNs: false };

  it("are never guessed to be one's own", () => {
    const [place, own] = [make(), a()];
    place.put("theirs");
    expect(place.write(own, "x", beside)).toBe("made");
    place.drop("x");
    expect(place.leave(own, beside)).toBe("gone");
    expect(place.contents()).toEqual(["theirs"]);
    expect(place.write(own, "x", beside)).toBe("made");
    expect(place.contents()).toEqual(["theirs", "x"]);
  });

  it("are made again by each of two stacks after somebody replaced the whole map", () => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x", beside);
    place.write(two, "y", beside);
    place.forget();
    place.drop("x");
    place.drop("y");
    expect(place.write(one, "x", beside)).toBe("made");
    expect(place.write(two, "y", beside)).toBe("made");
    expect(place.contents()).toEqual(["x", "y"]);
  });

  it("become one when a resource joins what says the same already", () => {
    const [place, one, two] = [make(), a(), b()];
    place.write(one, "x", beside);
    place.write(two, "y", beside);
    place.write(one, "y", beside);
    expect(place.contents()).toEqual(["y"]);
    expect(place.leave(one, beside)).toBe("keep");
  });
});
