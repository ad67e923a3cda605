import { expect, it } from "vitest";
import { renderImportFile } from "../../../cli/importFile.ts";
import { planImport } from "../../../cli/importPlan.ts";
import { parseDocument } from "../../../provider/document/index.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

it("a file for `pulumi import` has the entry that counts of each identity, and tells which entries it leaves", () => {
  const mapRoles = [
    `- rolearn: ${arn}\n  username: first\n`,
    `- rolearn: ${arn}\n  username: dev\n`,
    "- rolearn: arn:aws:iam::111122223333:role/eng/ops\n  username: ops\n",
    "- rolearn: arn:aws:iam::444455556666:role/dev\n  username: other\n",
    '- rolearn: arn:aws:iam::444455556666:role/hidden\n  groups: ["a\\u202eb"]\n',
  ].join("");
  const { text, left } = renderImportFile(planImport(parseDocument({ mapRoles, mapAccounts: '- "012345678901"\n' })));
  const type = "aws-auth:index:IdentityMapping";
  expect(JSON.parse(text)).toEqual({
    resources: [
      { type, name: "dev-111122223333", id: arn },
      { type, name: "dev-444455556666", id: "arn:aws:iam::444455556666:role/dev" },
      { type, name: "account-012345678901", id: "012345678901" },
    ],
  });
  expect(left).toEqual([
    expect.stringMatching(/^Left as it is: mapRoles entry 1 .*, username "first".* mapRoles entry 2 .* shadows it\.$/),
    expect.stringMatching(/^Left as it is: mapRoles entry 3 .*role\/eng\/ops".*nobody matches it/),
    expect.stringMatching(/^Left as it is: mapRoles entry 5 .*role\/hidden".*characters that cannot be seen\.$/),
  ]);
});

it("a file for `pulumi import` names each identity once, by what `pulumi import` finds", () => {
  const mapRoles = [
    "- rolearn: arn:aws:iam::1234:role/ci\n  username: first\n",
    "- rolearn: arn:aws:iam::1234:role/ci\n  username: ci\n",
    `- rolearn: ${arn}\n  username: dev\n  sso: { permissionSetName: Dev, accountID: "111122223333" }\n`,
    "- rolearn: arn:aws:iam::111122223333:user/ann\n  username: <ann>\n",
  ].join("");
  const mapUsers = "- userarn: arn:aws:iam::111122223333:user/ann\n  username: ann\n";
  const { text, left } = renderImportFile(planImport(parseDocument({ mapRoles, mapUsers })));
  expect(JSON.parse(text)).toEqual({
    resources: [{ type: "aws-auth:index:IdentityMapping", name: "ci", id: "arn:aws:iam::1234:role/ci" }],
  });
  expect(left).toEqual([
    expect.stringMatching(/entry 1 .*, username "first".* mapRoles entry 2 .* shadows it\.$/),
    expect.stringMatching(/entry 3 .*An entry with sso is for a permission set/),
    expect.stringMatching(/entry 4 .*has the placeholder/),
    expect.stringMatching(/mapUsers entry 1 .* mapRoles entry 4 .* shadows it\.$/),
  ]);
});
