import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AwsAuthDocument,
  addClaim,
  changesSince,
  claimsOf,
  claimsOn,
  covers,
  dropClaims,
  type Entry,
  entriesOf,
  fingerprintOf,
  parseDocument,
  type RecordedClaim,
} from "../../../provider/document/index.ts";
import { parseRecord, renderRecord } from "../../../provider/document/record.ts";

const roles = [
  "- rolearn: arn:aws:iam::111122223333:role/team/Admin\n  username: admin\n  groups: [b, a]\n",
  "- rolearn: arn:aws-cn:iam::111122223333:role/Admin\n  username: admin\n  groups: [a]\n",
].join("");
const admin = "arn:aws:iam::111122223333:role/admin";

function documentWith(claims?: string): AwsAuthDocument {
  return parseDocument({ mapRoles: roles, mapAccounts: '- "012345678901"\n' }, undefined, claims);
}

function entryAt(index: number): Entry {
  const entry = entriesOf(documentWith())[index];
  if (entry === undefined) {
    throw new Error(`no entry ${index}`);
  }
  return entry;
}

function recordOf({ record }: AwsAuthDocument): string | undefined {
  return renderRecord(record);
}

function add(document: AwsAuthDocument, entry: Entry, id: string, isFound = false, label = "o/p/s r"): AwsAuthDocument {
  return addClaim(document, { entry, id, isFound, label });
}

function onlyClaim(line: string): RecordedClaim {
  const [claim, ...more] = claimsOf(documentWith(line));
  if (claim === undefined || more.length > 0) {
    throw new Error("not one claim");
  }
  return claim;
}

describe("a record is rendered as it was read", () => {
  test("whatever it holds, but for a line break at its end", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const kept = text.endsWith("\n") ? text.slice(0, -1) : text;
        expect(renderRecord(parseRecord(text)) ?? "").toBe(kept);
      }),
    );
  });

  test("and none as none", () => {
    for (const text of [undefined, ""]) {
      expect(renderRecord(parseRecord(text))).toBeUndefined();
    }
  });

  test("a claim that comes and goes leaves the lines of others byte for byte", () => {
    const line = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."a:/ -#é\t\r0") }).filter((text) => text !== ""),
      fc.constantFrom("# by hand", "012345678901 - x1 o/p/s r", "111122223333:role/admin", "arn:aws:iam::1:role/x ? ?"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, isFound) => {
        const before = documentWith(lines.join("\n"));
        const known = new Set(claimsOf(before));
        const after = add(before, entryAt(0), "mine1", isFound);
        const own = claimsOf(after).filter((claim) => !known.has(claim));
        expect(own).toHaveLength(1);
        expect(recordOf(dropClaims(after, own))).toBe(recordOf(before));
      }),
    );
  });
});

describe("a claim is one line", () => {
  test.each<[string, number, boolean, string]>([
    ["of a role, without path and in lower case", 0, false, " o/p/s r"],
    ["of an entry that was found", 0, true, ":found o/p/s r"],
  ])("%s", (_, index, isFound, rest) => {
    const { record } = add(documentWith(), entryAt(index), "id1", isFound);
    expect(renderRecord(record)).toBe(`111122223333:role/admin ${fingerprintOf(entryAt(index))} id1${rest}`);
  });

  test("of another partition, with its whole ARN", () => {
    const document = add(documentWith(), entryAt(1), "id1");
    expect(recordOf(document)).toBe(`arn:aws-cn:iam::111122223333:role/admin ${fingerprintOf(entryAt(1))} id1 o/p/s r`);
    expect(claimsOn(document, "arn:aws-cn:iam::111122223333:role/admin")).toHaveLength(1);
    expect(claimsOn(document, admin)).toHaveLength(0);
  });

  test("of an account, without a fingerprint", () => {
    const document = add(documentWith(), entryAt(2), "id1");
    expect(recordOf(document)).toBe("012345678901 - id1 o/p/s r");
    expect(claimsOn(document, "012345678901")).toMatchObject([{ id: "id1", fingerprint: "-", isFound: false }]);
  });

  test("whatever its label holds, and reads back as it was made", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (label) => {
        const document = add(documentWith(), entryAt(0), "id1", true, label);
        expect(recordOf(document)).not.toContain("\n");
        const again = documentWith(recordOf(document));
        expect(claimsOf(again)).toEqual(claimsOf(document));
        expect(claimsOf(again)).toMatchObject([{ principal: admin, id: "id1", isFound: true }]);
      }),
    );
  });
});

test("claims are sorted, so that branches of a manifest merge, in whatever order they come", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[0-9a-z]{1,4}$/), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(ids, fc.array(fc.nat({ max: 2 }), { minLength: 6, maxLength: 6 }), (names, places) => {
      let document = documentWith();
      for (const [index, id] of names.entries()) {
        document = add(document, entryAt(places[index] ?? 0), id);
      }
      const lines = recordOf(document)?.split("\n") ?? [];
      expect(lines).toEqual(lines.toSorted());
      expect(lines).toHaveLength(names.length);
    }),
  );
});

describe("a line covers", () => {
  const fingerprint = fingerprintOf(entryAt(0));
  test.each<[string, string, number, boolean]>([
    ["the entry of its principal and content", `111122223333:role/admin ${fingerprint} x1 o/p/s r`, 0, true],
    ["the same in another letter case", `111122223333:ROLE/Admin ${fingerprint} x1 o/p/s r`, 0, true],
    ["the same with the whole ARN", `${admin} ${fingerprint} x1 o/p/s r`, 0, true],
    ["no entry of other content", "111122223333:role/admin 000000 x1 o/p/s r", 0, false],
    ["no entry of another partition", `111122223333:role/admin ${fingerprintOf(entryAt(1))} x1 o/p/s r`, 1, false],
    ["no other principal", `111122223333:role/other ${fingerprint} x1 o/p/s r`, 0, false],
    ["an account", "012345678901 - x1:found o/p/s r", 2, true],
    ["any entry of its principal where nothing else is understood", "111122223333:role/admin v2!", 0, true],
  ])("%s", (_, line, index, expected) => {
    expect(covers(onlyClaim(line), entryAt(index))).toBe(expected);
  });

  test("no permission set's entry, even if it names the ARN as well", () => {
    const line = `111122223333:role/admin ${fingerprint} x1 o/p/s r`;
    expect(
      covers(onlyClaim(line), { ...entryAt(0), sso: { permissionSetName: "P", accountId: "", partition: "" } }),
    ).toBe(false);
  });

  test.each(["", "# by hand", "admin", ":role/", "12345 - x1 o/p/s r"])("nobody where it is %j", (line) => {
    const document = documentWith(line);
    expect(claimsOf(document).filter(({ principal }) => principal === admin)).toEqual([]);
  });
});

test("a fingerprint is of the username and the set of groups", () => {
  const of = (username: string, ...groups: string[]) => fingerprintOf({ username, groups });
  expect(of("u", "a", "b")).toMatch(/^[0-9a-f]{6}$/);
  expect(of("u", "b", "a", "b")).toBe(of("u", "a", "b"));
  for (const other of [of("v", "a", "b"), of("u", "a"), of("u", "a,b"), of("", "u", "a", "b")]) {
    expect(other).not.toBe(of("u", "a", "b"));
  }
});

test("a record tells a principal's claims, in its order, however often it is asked", () => {
  const [first, other, last] = [
    "111122223333:role/admin 000000 a1 x",
    "# by hand",
    "111122223333:ROLE/Admin 000000 a2 x",
  ];
  const document = documentWith([first, "111122223333:role/b 000000 b1 x", other, last].join("\n"));
  for (let question = 0; question < 100; question++) {
    expect(claimsOn(document, admin).map(({ text }) => text)).toEqual([first, last]);
    expect(claimsOn(document, "012345678901")).toEqual([]);
  }
});

test("the size counts bytes and line breaks", () => {
  expect(parseRecord(undefined).bytes).toBe(0);
  expect(parseRecord("é\nab").bytes).toBe(6);
  const before = documentWith("é\nab");
  const claimed = add(before, entryAt(2), "id1");
  expect(claimed.record.bytes).toBe(parseRecord(recordOf(claimed)).bytes);
  expect(dropClaims(claimed, claimsOf(claimed)).record.bytes).toBe(before.record.bytes);
});

test("a change of claims alone is a change, and the last claim takes the record away", () => {
  const before = documentWith();
  const claimed = add(before, entryAt(2), "id1");
  expect(changesSince(claimed, before)).toEqual({ data: {}, claims: "012345678901 - id1 o/p/s r" });
  const dropped = dropClaims(claimed, claimsOf(claimed));
  expect(changesSince(dropped, claimed)).toEqual({ data: {}, claims: null });
  expect(changesSince(dropped, before)).toBeUndefined();
});
