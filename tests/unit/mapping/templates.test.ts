import { expect, test } from "vitest";
import { knownTemplates, unknownTemplates } from "../../../provider/mapping/index.ts";

test.each([
  ...knownTemplates,
  "system:node:{{EC2PrivateDNSName}}",
  "{{AccountID}}:{{SessionName}}",
  "plain",
  "{one}",
  "{{{AccountID}}}",
])("%s has no unknown template", (text) => {
  expect(unknownTemplates(text)).toEqual([]);
});

test.each([
  ["{{EC2PrivateDnsName}}", "{{EC2PrivateDNSName}}"],
  ["{{ SessionName }}", "{{SessionName}}"],
  ["{{SesionName}}", "{{SessionName}}"],
  ["{{sessionnameraw}}", "{{SessionNameRaw}}"],
  ["{{AccessKeyId}}", "{{AccessKeyID}}"],
  ["{{AccountID}", "{{AccountID}}"],
  ["{{AccountID", "{{AccountID}}"],
  ["{{Username}}", undefined],
  ["{{}}", undefined],
])("%s is unknown, and %s was meant", (text, suggestion) => {
  expect(unknownTemplates(`a${text}b`)).toEqual([{ text: text.endsWith("}") ? text : `${text}b`, suggestion }]);
});

test("every unknown template of a text is found", () => {
  expect(unknownTemplates("{{a}}-{{AccountID}}-{{b}}").map(({ text }) => text)).toEqual(["{{a}}", "{{b}}"]);
});
