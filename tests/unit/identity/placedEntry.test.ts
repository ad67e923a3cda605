import { describe, expect, it } from "vitest";
import { entriesOf, parseMap } from "../../../provider/awsAuthMap/index.ts";
import { ownersOf } from "../../../provider/identity/placedEntry.ts";

const role = "arn:aws:iam::111122223333:role/dev";

function owners(data: Readonly<Record<string, string>>, ...lines: readonly string[]): (readonly string[])[] {
  const document = parseMap(data, undefined, lines.join("\n"));
  return entriesOf(document).map((entry) => ownersOf(document, entry));
}

describe("ownersOf", () => {
  const mapRoles = `- {rolearn: "${role.replace("dev", "Dev")}", username: dev, groups: [b, a]}\n`;

  it("names the owners of the principal's entry, each once", () => {
    expect(
      owners(
        { mapRoles },
        "111122223333:role/dev aaaaaaaa.000001 apps/prod dev",
        "111122223333:role/dev bbbbbbbb.000001 infra/prod dev",
        "111122223333:role/dev bbbbbbbb.000002 infra/prod dev",
        "111122223333:role/ops aaaaaaaa.000002 apps/prod ops",
        "no claim",
      ),
    ).toEqual([["apps/prod dev", "infra/prod dev"]]);
  });

  it("names the owners of an account, and a line that cannot be parsed", () => {
    expect(
      owners(
        { mapRoles, mapAccounts: '- "012345678901"\n' },
        "012345678901 aaaaaaaa.000001 infra/prod sandbox",
        "111122223333:role/dev of the future",
      ),
    ).toEqual([["111122223333:role/dev of the future"], ["infra/prod sandbox"]]);
  });

  it("names none without claims, for a permission set, and for an entry without an ARN", () => {
    const line = "111122223333:role/dev aaaaaaaa.000001 infra/prod dev";
    expect(owners({ mapRoles })).toEqual([[]]);
    const sso = '{permissionSetName: A, accountID: "111122223333"}';
    expect(owners({ mapRoles: `- {rolearn: "${role}", sso: ${sso}, username: dev}\n- username: dev\n` }, line)).toEqual(
      [[], []],
    );
  });
});
