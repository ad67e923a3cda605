import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addClaim,
  type Claim,
  claimsInTags,
  claimsOn,
  claimTags,
  dropClaims,
  mintId,
  ownerText,
  parseClaimLine,
  parseClaims,
  renderClaimLine,
  renderClaims,
  stemOf,
} from "../../provider/claims.ts";

const urn = "urn:pulumi:prod::infra::pulumi-nodejs:dynamic:Resource::admin";
const principal = "arn:aws:iam::111122223333:role/admin";
const claim: Claim = { principal, id: "abcd1234.x1y2z3", owner: "infra/prod admin" };
const line = "111122223333:role/admin abcd1234.x1y2z3 infra/prod admin";

describe("a claim ID", () => {
  it("has a stem derived from the URN and aws-auth:owner, and a random suffix", () => {
    const stem = stemOf(undefined, urn);
    expect(stem).toMatch(/^[0-9a-z]{8}$/);
    expect(stemOf("", urn)).toBe(stem);
    expect(stemOf("team-a", urn)).not.toBe(stem);
    expect(stemOf(undefined, `${urn}2`)).not.toBe(stem);
    expect(mintId(stem)).toMatch(new RegExp(`^${stem}\\.[0-9a-z]{6}$`));
    expect(mintId(stem)).not.toBe(mintId(stem));
  });
});

describe("an owner", () => {
  it("contains project, stack and resource name, and aws-auth:owner if set", () => {
    expect(ownerText(undefined, urn)).toBe("infra/prod admin");
    expect(ownerText("team-a", urn)).toBe("infra/prod admin (team-a)");
  });

  it("contains no control characters of a text that is not a URN", () => {
    expect(ownerText(undefined, "a\nb")).not.toContain("\n");
  });
});

describe("a claim line", () => {
  it("contains the principal, the ID and the owner", () => {
    expect(renderClaimLine(claim)).toBe(line);
    expect(parseClaimLine(line)).toEqual(claim);
  });

  it.each([
    ["an account", "111122223333"],
    ["a role of another partition", "arn:aws-cn:iam::111122223333:role/admin"],
    ["a user with a path", "arn:aws:iam::111122223333:user/ops/ann"],
  ])("is parsed as it was rendered for %s", (_of, other) => {
    expect(parseClaimLine(renderClaimLine({ ...claim, principal: other }))).toEqual({ ...claim, principal: other });
  });

  it("is treated as another owner's claim if only its principal can be parsed", () => {
    const text = "111122223333:role/Admin what is this?";
    expect(parseClaimLine(text)).toEqual({ principal, id: undefined, owner: text });
  });

  it("is not a claim if it does not begin with a principal", () => {
    expect(parseClaimLine("# comment")).toBeUndefined();
  });
});

describe("the claims annotation", () => {
  const other = "111122223333:role/dev abcd1234.000000 infra/prod dev";

  it("keeps lines that cannot be parsed, and the order of the others", () => {
    const lines = parseClaims(`# comment\n${other}\n`);
    expect(renderClaims(addClaim(lines, claim))).toBe(`# comment\n${line}\n${other}`);
  });

  it("adds a claim once, in place of the dropped ones", () => {
    const lines = parseClaims(`${line}\n${other}`);
    const later: Claim = { ...claim, id: "abcd1234.000009" };
    expect(renderClaims(addClaim(lines, later, [claim]))).toBe(`${renderClaimLine(later)}\n${other}`);
    expect(renderClaims(addClaim(lines, claim))).toBe(`${line}\n${other}`);
  });

  it("drops only the given claims, by principal and ID", () => {
    const unreadable = "111122223333:role/admin ?";
    const lines = parseClaims([line, other, unreadable].join("\n"));
    expect(renderClaims(dropClaims(lines, claimsOn(lines, principal)))).toBe([other, unreadable].join("\n"));
    expect(dropClaims(lines, [{ ...claim, principal: "111122223333" }])).toBe(lines);
  });

  it("is removed with its last line", () => {
    expect(renderClaims(dropClaims(parseClaims(line), [claim]))).toBeUndefined();
    expect(parseClaims(undefined)).toEqual([]);
  });
});

describe("a claim tag", () => {
  it("contains the ID and the owner", () => {
    expect(claimTags(claim)).toEqual({ "pulumi-aws-auth/claim": "abcd1234.x1y2z3 infra/prod admin" });
    expect(claimsInTags({ ...claimTags(claim), team: "a" }, principal)).toEqual([claim]);
    expect(claimsInTags({ team: "a" }, principal)).toEqual([]);
  });

  it("is treated as another owner's claim if it has a different format", () => {
    expect(claimsInTags({ "pulumi-aws-auth/claim": "ours" }, principal)).toEqual([
      { principal, id: undefined, owner: "ours" },
    ]);
  });

  it("contains the owner in the characters that AWS allows, truncated if it is too long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (name) => {
        const owner = ownerText(undefined, name);
        const tags = claimTags({ ...claim, owner });
        expect(tags["pulumi-aws-auth/claim"]).toMatch(/^[\p{L}\p{N} +\-=._:/@]{1,256}$/u);
        const [read] = claimsInTags(tags, principal);
        expect(read?.id).toBe(claim.id);
        expect(owner.startsWith(read?.owner ?? "none")).toBe(true);
      }),
    );
  });
});
