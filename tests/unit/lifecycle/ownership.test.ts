import { describe, expect, it } from "vitest";
import { claimsOf, fingerprintOf, parseDocument, renderKey } from "../../../provider/document/index.ts";
import { applyPlan, replaceClaims } from "../../../provider/lifecycle/places/mapEdit.ts";
import { claimedPart, type Intent, planEntry, planRemoval } from "../../../provider/lifecycle/places/mapPlan.ts";
import { namesOf } from "../../../provider/lifecycle/places/messages.ts";
import type { ArnMapping } from "../../../provider/mapping/index.ts";

const arn = "arn:aws:iam::111122223333:role/x";
const says = (username: string): ArnMapping => ({ kind: "role", arn, username, groups: [] });
const entry = (username: string) => `- rolearn: ${arn}\n  username: ${username}\n`;

/** A claim of `label` on what an entry of that username says. */
const claim = (username: string, id: string, label: string) =>
  `111122223333:role/x ${fingerprintOf({ username, groups: [] })} ${id} ${label}`;
const ours = (username: string) => claim(username, "own", "o/infra/prod us");
const theirs = (username: string, id = "a1", label = "o/apps/prod them") => claim(username, id, label);

const documentOf = (entries: readonly string[], claims: readonly string[]) =>
  parseDocument({ mapRoles: entries.join("") || "[]\n" }, undefined, claims.join("\n") || undefined);

const us = { id: "own", label: "o/infra/prod us" };
const claimant = { id: us.id };
const defaults = { previous: undefined, noDuplicateARNs: true, adopt: false, ignored: [], declared: [], claimant };

/** What a resource that is created or updated makes of map and record: their texts, or the code of the error. */
function write(
  entries: readonly string[],
  claims: readonly string[],
  intent: Partial<Intent> & Pick<Intent, "desired">,
) {
  const document = documentOf(entries, claims);
  const whole: Intent = { ...defaults, ...intent };
  try {
    const made = { id: "own", label: us.label, isFound: false };
    const { document: written } = applyPlan(document, planEntry(document, whole), whole, made);
    return { map: renderKey(written, "mapRoles"), record: claimsOf(written).map(({ text }) => text) };
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe("a resource that is created", () => {
  it("shares an entry that says the same, whoever wants it, and never makes a second one", () => {
    expect(write([entry("a")], [theirs("a")], { desired: says("a"), noDuplicateARNs: false })).toEqual({
      map: entry("a"),
      record: [theirs("a"), ours("a")].sort(),
    });
  });

  it("does not take what others want without adopt, and ends their claims with it", () => {
    expect(write([entry("b")], [theirs("b")], { desired: says("a") })).toBe("duplicateArn");
    expect(write([entry("b")], [theirs("b")], { desired: says("a"), adopt: true })).toEqual({
      map: entry("a"),
      record: [ours("a")],
    });
  });

  it("leaves the claims on what it adopts and does not change, though a second entry of that content goes", () => {
    expect(write([entry("a"), entry("a")], [theirs("a")], { desired: says("a"), adopt: true })).toEqual({
      map: entry("a"),
      record: [theirs("a"), ours("a")].sort(),
    });
  });

  it("leaves claims on entries that adoption does not touch, and lines that it does not understand, byte for byte", () => {
    const [other, garbage] = ["111122223333:role/y 123456 z9 o/b/c other", "what is this?"];
    expect(write([entry("b")], [theirs("b"), other, garbage], { desired: says("a"), adopt: true })).toEqual({
      map: entry("a"),
      record: [ours("a"), other],
    });
  });
});

describe("a resource that is in the state", () => {
  const previous = says("a");
  it("is refused, even with adopt, where others have made its entry their own", () => {
    const taken = planEntry(documentOf([entry("b")], [theirs("b")]), { ...defaults, desired: previous, previous });
    expect(taken.takenOverBy.map(({ label }) => label)).toEqual(["o/apps/prod them"]);
    for (const adopt of [false, true]) {
      expect(write([entry("b")], [theirs("b")], { desired: previous, previous, adopt })).toBe("claimed");
      expect(write([entry("a")], [theirs("a")], { desired: says("c"), previous, adopt })).toBe("claimed");
    }
  });

  it("joins an entry that says already what its own is to say, and never makes a second one", () => {
    const shared = { desired: says("b"), previous, noDuplicateARNs: false };
    for (const noDuplicateARNs of [false, true]) {
      expect(write([entry("a"), entry("b")], [ours("a"), theirs("b")], { ...shared, noDuplicateARNs })).toEqual({
        map: entry("b"),
        record: [theirs("b"), ours("b")].sort(),
      });
    }
    expect(write([entry("a"), entry("b")], [theirs("a"), ours("a")], shared)).toBe("claimed");
  });

  it("is refused the change of an entry that others want as it is, but for adopt", () => {
    const both = [theirs("a"), ours("a")];
    expect(write([entry("a")], both, { desired: says("c"), previous })).toBe("claimed");
    expect(write([entry("a")], both, { desired: says("c"), previous, adopt: true })).toEqual({
      map: entry("c"),
      record: [ours("c")],
    });
  });

  it("joins those that want what it wants", () => {
    const joined = { map: entry("a"), record: [theirs("a"), ours("a")].sort() };
    expect(write([entry("a")], [theirs("a")], { desired: previous, previous })).toEqual(joined);
  });

  it("leaves an entry that a resource of its program shares, and adds its own", () => {
    const claimant = { id: "aaaabbbb1ours" };
    const both = [claim("a", "aaaabbbb1ours", us.label), claim("a", "aaaacccc1kins", "o/infra/prod other")];
    const intent = { desired: says("c"), previous, claimant, noDuplicateARNs: false };
    expect(write([entry("a")], both, intent)).toMatchObject({ map: entry("a") + entry("c") });
  });

  it("corrects its entry after a hand edit, and finds it by its claim after an update that was killed", () => {
    expect(write([entry("x")], [ours("a")], { desired: previous, previous })).toEqual({
      map: entry("a"),
      record: [ours("a")],
    });
    expect(write([entry("k"), entry("z")], [ours("k"), theirs("z")], { desired: says("m"), previous })).toBe(
      "duplicateArn",
    );
    expect(
      write([entry("k"), entry("z")], [ours("k"), theirs("z")], {
        desired: says("m"),
        previous,
        noDuplicateARNs: false,
      }),
    ).toMatchObject({ map: entry("m") + entry("z") });
  });

  it("takes no foreign entry for its own without a claim where duplicates are allowed", () => {
    const claimant = { id: undefined };
    expect(write([entry("f")], [], { desired: previous, previous, noDuplicateARNs: false, claimant })).toMatchObject({
      map: entry("f") + entry("a"),
    });
  });
});

describe("a resource that is deleted", () => {
  const unknown = { id: undefined };
  const later = { id: "aaaabbbb1ours" };
  it.each<[string, string[], string[], Partial<Intent>, string]>([
    ["removes what it wrote", [entry("a")], [ours("a")], {}, "remove"],
    ["keeps what others want", [entry("a")], [ours("a"), theirs("a")], {}, "keep"],
    ["keeps what a line of another form may want", [entry("a")], ["111122223333:role/x v2 ..."], {}, "keep"],
    ["removes what it wrote where its claim was lost", [entry("a")], [], {}, "remove"],
    ["removes what an update wrote that was killed", [entry("k")], [ours("k")], {}, "remove"],
    ["leaves what was taken over", [entry("b")], [theirs("b")], {}, "gone"],
    ["keeps what another of its name wants", [entry("a")], [claim("a", "new", us.label)], {}, "keep"],
    [
      "leaves what replaces it",
      [entry("a")],
      [claim("a", "aaaabbbb2next", us.label)],
      { claimant: later },
      "inherited",
    ],
    [
      "removes what an interrupted run left",
      [entry("a")],
      [claim("a", "aaaabbbb0past", us.label)],
      { claimant: later },
      "remove",
    ],
    ["refuses what somebody changed", [entry("b")], [ours("a")], {}, "changed"],
    ["leaves it where duplicates are allowed", [entry("b")], [ours("a")], { noDuplicateARNs: false }, "gone"],
    ["refuses it beside what others want", [entry("b"), entry("c")], [ours("a"), theirs("c")], {}, "changed"],
    ["leaves several that nobody claims", [entry("b"), entry("c")], [ours("a")], {}, "gone"],
    ["finds nothing", [], [ours("a")], {}, "gone"],
    ["of 0.1.0 removes what it wrote", [entry("a")], [], { claimant: unknown }, "remove"],
    ["of 0.1.0 keeps what others want", [entry("a")], [theirs("a")], { claimant: unknown }, "keep"],
    ["of 0.1.0 keeps what its own label wants", [entry("a")], [ours("a")], { claimant: unknown }, "keep"],
    ["of 0.1.0 refuses what somebody changed", [entry("b")], [], { claimant: unknown }, "changed"],
    ["of 0.1.0 leaves what may be foreign", [entry("b")], [], { claimant: unknown, noDuplicateARNs: false }, "gone"],
  ])("%s", (_title, entries, claims, intent, kind) => {
    const removal = planRemoval(documentOf(entries, claims), { ...defaults, ...intent, previous: says("a") });
    expect(removal.kind).toBe(kind);
  });
});

describe("a resource that leaves groups to others", () => {
  const ignored = ["groups"];
  const says1 = (username: string, ...groups: string[]): ArnMapping => ({ kind: "role", arn, username, groups });
  const entry1 = (username: string, group: string) =>
    `- rolearn: ${arn}\n  username: ${username}\n  groups: [${group}]\n`;
  const previous = says1("u", "viewers");
  const removal = (entries: string[], claims: string[] = []) =>
    planRemoval(documentOf(entries, claims), { ...defaults, ignored, noDuplicateARNs: false, previous });

  it("is told from a neighbour that has the same username", () => {
    const [own, neighbour] = [entry1("u", "viewers"), entry1("u", "system:masters")];
    expect(removal([own, neighbour])).toMatchObject({ kind: "remove", entry: { groups: ["viewers"] } });
    expect(removal([entry1("u", "ops"), neighbour]).kind).toBe("gone");
    expect(removal([entry1("u", "ops")])).toMatchObject({ kind: "remove", entry: { groups: ["ops"] } });
  });

  it("claims its entry whatever groups others give it", () => {
    const document = documentOf([entry1("u", "ops")], []);
    const whole: Intent = { ...defaults, ignored, desired: previous, previous };
    const wanted = { part: claimedPart(ignored), id: "own", label: us.label, isFound: false };
    const { document: claimed } = applyPlan(document, planEntry(document, whole), whole, wanted);
    const [made] = claimsOf(claimed);
    expect(made?.fingerprint).toMatch(/^u[0-9a-f]{6}$/);
    const other = { id: "them", label: "o/apps/prod them" };
    const same = { ...defaults, previous: says1("u", "auditors"), claimant: other };
    const edited = documentOf([entry1("u", "auditors")], [made?.text ?? ""]);
    expect(planRemoval(edited, same)).toMatchObject({ kind: "keep", wantedBy: [{ label: us.label }] });
  });
});

describe("a claim on a part of an entry", () => {
  const grouped = (username: string, ...groups: string[]): ArnMapping => ({ kind: "role", arn, username, groups });
  const line = (username: string, group: string) =>
    `- rolearn: ${arn}\n  username: ${username}\n  groups: [${group}]\n`;
  const partly = `111122223333:role/x ${fingerprintOf({ username: "u", groups: [] }, "username")} part o/x them`;
  const wholly = (group: string, id = "own") =>
    `111122223333:role/x ${fingerprintOf({ username: "u", groups: [group] })} ${id} ${us.label}`;

  it("neither holds what it is content with nor ends with its adoption", () => {
    const desired = grouped("u", "ops");
    expect(write([line("u", "viewers")], [partly], { desired })).toBe("duplicateArn");
    expect(write([line("u", "viewers")], [partly], { desired, adopt: true })).toEqual({
      map: line("u", "ops"),
      record: [wholly("ops"), partly].sort(),
    });
    const both = [partly, wholly("viewers")];
    expect(write([line("u", "viewers")], both, { desired, previous: grouped("u", "viewers") })).toEqual({
      map: line("u", "ops"),
      record: [wholly("ops"), partly].sort(),
    });
  });

  it("is on one entry, and keeps no other that says the same in that part", () => {
    const document = documentOf([line("u", "by-hand"), line("u", "ops")], [partly, wholly("ops")]);
    const own = planRemoval(document, { ...defaults, noDuplicateARNs: false, previous: grouped("u", "ops") });
    expect(own).toMatchObject({ kind: "remove", entry: { groups: ["ops"] } });
    const theirs = { ...defaults, claimant: { id: "part" }, ignored: ["groups"], noDuplicateARNs: false };
    const part = planRemoval(document, { ...theirs, previous: grouped("u", "viewers") });
    expect(part).toMatchObject({ kind: "remove", entry: { groups: ["by-hand"] } });
  });

  it("leaves what the program ignores to others, but where the program itself changes another part of it", () => {
    const intent = { previous: grouped("u", "viewers"), ignored: ["groups[0]"] };
    const ours = `111122223333:role/x ${fingerprintOf({ username: "u", groups: [] }, "username")} own ${us.label}`;
    const kept = write([line("u", "by-hand")], [ours], { ...intent, desired: grouped("u", "viewers") });
    expect(kept).toMatchObject({ map: line("u", "by-hand") });
    const changed = write([line("u", "viewers")], [ours], { ...intent, desired: grouped("u", "viewers", "ops") });
    expect(changed).toMatchObject({ map: expect.stringContaining("ops") });
  });
});

it("tells whose claims a change by hand has stranded, and whose entries a delete leaves", () => {
  const both = documentOf([entry("b")], [ours("a"), theirs("a")]);
  const accepted = planRemoval(both, { ...defaults, previous: says("b") });
  expect(accepted).toMatchObject({ kind: "remove", stranded: [{ label: "o/apps/prod them" }] });
  expect(planRemoval(both, { ...defaults, previous: says("a") })).toMatchObject({
    kind: "changed",
    stranded: [{ label: "o/apps/prod them" }],
  });
  const taken = planRemoval(documentOf([entry("b")], [theirs("b")]), { ...defaults, previous: says("a") });
  expect(taken).toMatchObject({ kind: "gone", wantedBy: [{ label: "o/apps/prod them" }] });
});

it("a record of 128 KiB takes no more claims, and lets them go", () => {
  const line = (number: number) => `111122223333:role/r${number} 123456 id ${"o".repeat(60)}`;
  const full = documentOf(
    [entry("a")],
    Array.from({ length: 1_500 }, (_, index) => line(index)),
  );
  expect(full.record.bytes).toBeGreaterThan(128 * 1024);
  const [own] = full.mapRoles.items;
  if (own === undefined) {
    throw new Error("no entry");
  }
  const wanted = { id: "own", label: us.label, isFound: false };
  const { document, isClaimed } = replaceClaims(full, [], own.entry, wanted);
  expect(isClaimed).toBe(false);
  expect(claimsOf(document)).toHaveLength(1_500);
  expect(replaceClaims(full, claimsOf(full).slice(0, 2), own.entry, wanted)).toMatchObject({ isClaimed: true });
});

it("names those who want an entry in the same order every time, whatever their IDs, by which the record is sorted", () => {
  const record = [theirs("a", "a1", "infra two"), theirs("a", "b2", "apps"), theirs("a", "c3", "infra one")];
  expect(namesOf(claimsOf(documentOf([], record)))).toBe('"apps" and "infra one" and "infra two"');
});
