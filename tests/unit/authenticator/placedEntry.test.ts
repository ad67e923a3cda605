import { describe, expect, it } from "vitest";
import { ownersOf } from "../../../provider/authenticator/index.ts";
import { entriesOf } from "../../../provider/document/document.ts";
import { fingerprintOf, parseDocument } from "../../../provider/document/index.ts";

const role = "arn:aws:iam::111122223333:role/dev";
const dev = fingerprintOf({ username: "dev", groups: ["a", "b"] });

function owners(data: Readonly<Record<string, string>>, ...lines: readonly string[]): (readonly string[])[] {
  const document = parseDocument(data, undefined, lines.join("\n"));
  return entriesOf(document).map((entry) => ownersOf(document, entry));
}

describe("ownersOf", () => {
  const mapRoles = `- {rolearn: "${role.replace("dev", "Dev")}", username: dev, groups: [b, a]}\n`;

  it("names who claims this very entry, each once, and nobody who claims other content or another principal", () => {
    expect(
      owners(
        { mapRoles },
        `111122223333:role/dev ${dev} a1b2c3 organization/apps/prod dev`,
        `111122223333:role/dev ${dev} d4e5f6:found organization/infra/prod dev`,
        `111122223333:role/dev ${dev} g7h8i9 organization/infra/prod dev`,
        "111122223333:role/dev 000000 a1b2c3 organization/other/prod dev",
        `111122223333:role/ops ${dev} a1b2c3 organization/ops/prod ops`,
        "no claim",
      ),
    ).toEqual([["organization/apps/prod dev", "organization/infra/prod dev"]]);
  });

  it("names the owners of an account, and the whole line where its form is another", () => {
    expect(
      owners(
        { mapRoles, mapAccounts: '- "012345678901"\n' },
        "012345678901 - a1b2c3 organization/infra/prod sandbox",
        "111122223333:role/dev of the future",
      ),
    ).toEqual([["111122223333:role/dev of the future"], ["organization/infra/prod sandbox"]]);
  });

  it("names nobody where there is no record, for a permission set, and for an entry without an ARN", () => {
    const line = `111122223333:role/dev ${fingerprintOf({ username: "dev", groups: [] })} a1b2c3 organization/infra/prod dev`;
    expect(owners({ mapRoles })).toEqual([[]]);
    const sso = '{permissionSetName: A, accountID: "111122223333"}';
    expect(owners({ mapRoles: `- {rolearn: "${role}", sso: ${sso}, username: dev}\n- username: dev\n` }, line)).toEqual(
      [[], []],
    );
  });
});
