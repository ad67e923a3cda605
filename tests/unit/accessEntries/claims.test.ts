import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { claimsIn, keptLabel, replaceTagClaims, standingIn, tagOf } from "../../../provider/accessEntries/index.ts";
import { printable } from "../../../provider/text/text.ts";

const label = "organization/infra/prod admin";
const made = (id: string, of = label) => ({ [`pulumi-aws-auth/claims/${id}`]: of });
const foundBy = (id: string, of = label) => ({ [`pulumi-aws-auth/found/${id}`]: of });

describe("a claim is a tag", () => {
  test.each([
    [false, `pulumi-aws-auth/claims/k7p2q1`],
    [true, `pulumi-aws-auth/found/k7p2q1`],
  ])("found: %s", (isFound, key) => {
    const tag = tagOf({ id: "k7p2q1", label, isFound });
    expect(tag).toEqual({ key, value: label });
    expect(claimsIn({ [tag.key]: tag.value })).toEqual([{ key, id: "k7p2q1", isFound, label }]);
  });

  test.each([
    ["a=b%c", "a=3Db=25c"],
    ["Ärger 東京 ٣", "Ärger 東京 ٣"],
    ["a\u00a0b,c", "a=C2=A0b=2Cc"],
    ["e\u0301", "e=CC=81"],
    ["aws:x", "=61ws:x"],
    ["AWS:x", "=41WS:x"],
    ["a\nb", "a=5Cu000ab"],
    ["😀", "=F0=9F=98=80"],
  ])("that keeps the label %j", (given, value) => {
    expect(tagOf({ id: "a", label: given, isFound: false }).value).toBe(value);
    expect(keptLabel(given)).toBe(printable(given));
  });

  it("whose value AWS accepts, and which is read as it was written but for what is cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (given) => {
        const { key, value } = tagOf({ id: "0".repeat(6), label: given, isFound: true });
        expect(key.length).toBeLessThanOrEqual(128);
        expect(value.length).toBeLessThanOrEqual(256);
        expect(value).toMatch(/^(?!aws:)[\p{L}\p{N} +\-=._:/@]*$/iu);
        const kept = keptLabel(given);
        expect(printable(given).startsWith(kept)).toBe(true);
        expect(value.length < 240 ? kept : printable(given)).toBe(printable(given));
        expect(keptLabel(kept)).toBe(kept);
        expect(claimsIn({ [key]: value })[0]?.label).toBe(kept === "" ? key : kept);
      }),
      { numRuns: 500 },
    );
  });

  it("and is cut between characters", () => {
    expect(tagOf({ id: "a", label: "a".repeat(300), isFound: false }).value).toBe("a".repeat(256));
    expect(tagOf({ id: "a", label: `${"a".repeat(250)}€€`, isFound: false }).value).toBe("a".repeat(250));
    expect(tagOf({ id: "a", label: `${"a".repeat(255)}𠀀`, isFound: false }).value).toBe("a".repeat(255));
  });
});

describe("tags of others", () => {
  it.each(["Name", "aws:x", "pulumi-aws-auth", "pulumi-aws-auth/claims", "x/pulumi-aws-auth/claims/a", "__proto__"])(
    "are no claims: %s",
    (key) => {
      expect(claimsIn(Object.fromEntries([[key, "x"]]))).toEqual([]);
    },
  );

  it.each([
    "pulumi-aws-auth/claims/",
    "pulumi-aws-auth/found/A-B",
    "pulumi-aws-auth/claims/a/b",
    "pulumi-aws-auth/claims/a\nb",
  ])("in a format of ours that is not known are somebody's claims: %j", (key) => {
    expect(claimsIn({ [key]: "x" })).toMatchObject([{ key, id: undefined, label: "x" }]);
  });

  it("cannot control a terminal", () => {
    expect(claimsIn(made("a", "=1B[2J\u001b"))).toMatchObject([{ label: String.raw`\u001b[2J\u001b` }]);
    expect(claimsIn(made("a", "=FF"))).toMatchObject([{ label: "\ufffd" }]);
  });

  it("are in the order of their keys", () => {
    expect(claimsIn({ ...foundBy("b"), ...made("b"), ...made("a") }).map(({ key }) => key)).toEqual([
      "pulumi-aws-auth/claims/a",
      "pulumi-aws-auth/claims/b",
      "pulumi-aws-auth/found/b",
    ]);
  });

  it("stay as they are, whatever is claimed", () => {
    const tags = fc.dictionary(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.constantFrom(...Object.keys({ ...made("a"), ...foundBy("b") }), "aws:x"),
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(tags, fc.boolean(), (given, isFound) => {
        const own = claimsIn(given).filter(({ id }) => id === "a");
        const { set, remove, tags: all } = replaceTagClaims(given, own, { id: "a", label, isFound });
        const after = Object.fromEntries(Object.entries({ ...given, ...set }).filter(([key]) => !remove.includes(key)));
        const isOwn = (key: string) => /^pulumi-aws-auth\/(?:claims|found)\/a$/.test(key);
        const foreign = (of: object) => Object.fromEntries(Object.entries(of).filter(([key]) => !isOwn(key)));
        expect(foreign(after)).toEqual(foreign(given));
        expect(claimsIn(after).filter(({ id }) => id === "a")).toMatchObject([{ isFound, label }]);
        expect(all).toEqual(Object.fromEntries(Object.entries(after).filter(([key]) => !/^aws:/i.test(key))));
      }),
    );
  });
});

describe("a claim replaces others", () => {
  const tags = { Name: "x", "aws:y": "z", ...made("a"), ...made("b", "other") };
  it("that go with the same change", () => {
    const [own] = claimsIn(tags);
    expect(replaceTagClaims(tags, own ? [own] : [], { id: "a", label, isFound: true })).toEqual({
      tags: { Name: "x", ...made("b", "other"), ...foundBy("a") },
      set: foundBy("a"),
      remove: ["pulumi-aws-auth/claims/a"],
      isClaimed: true,
    });
  });

  it("and changes nothing where it is there already", () => {
    expect(replaceTagClaims(tags, claimsIn(tags).slice(0, 1), { id: "a", label, isFound: false })).toEqual({
      tags: { Name: "x", ...made("a"), ...made("b", "other") },
      set: {},
      remove: [],
      isClaimed: true,
    });
  });

  it("or is none, where they are only removed", () => {
    expect(replaceTagClaims(tags, claimsIn(tags), undefined)).toEqual({
      tags: { Name: "x" },
      set: {},
      remove: ["pulumi-aws-auth/claims/a", "pulumi-aws-auth/claims/b"],
      isClaimed: false,
    });
  });

  it.each([
    [49, 0, true],
    [50, 0, false],
    [50, 1, true],
  ])("of %i tags, %i of which it replaces: %s", (count, replaced, isClaimed) => {
    const full = Object.fromEntries(Array.from({ length: count - replaced }, (_, index) => [`tag${index}`, ""]));
    const given = { ...full, "aws:x": "", "AWS:y": "", ...(replaced > 0 && made("b")) };
    const change = replaceTagClaims(given, claimsIn(given), { id: "a", label, isFound: false });
    expect([change.isClaimed, change.set]).toEqual([isClaimed, isClaimed ? made("a") : {}]);
  });
});

describe("a resource's own claims", () => {
  const tags = { ...made("a"), ...made("b", "other"), ...foundBy("c") };
  it.each([
    ["have its ID", { id: "b" }, ["b"], ["a", "c"]],
    ["have its ID, whatever their label", { id: "b", label }, ["b"], []],
    ["may have its label, where it has no ID", { id: undefined, label }, ["a", "c"], ["b"]],
    ["are none, where it has neither", { id: undefined }, [], ["a", "b", "c"]],
  ])("%s", (_, claimant, own, others) => {
    const standing = standingIn(tags, claimant);
    expect(standing.own.map(({ id }) => id)).toEqual(own);
    expect(standing.others.map(({ id }) => id)).toEqual(others);
  });

  it("are known by a label that was too long, too", () => {
    const long = "x".repeat(300);
    const { key, value } = tagOf({ id: "a", label: long, isFound: false });
    expect(standingIn({ [key]: value }, { id: undefined, label: long }).own).toHaveLength(1);
  });
});
