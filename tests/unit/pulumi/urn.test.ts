import { expect, it } from "vitest";
import { parseUrn } from "../../../provider/pulumi/values.ts";

const type = "aws-auth:index:IdentityMapping";

it.each([
  [`urn:pulumi:prod::infra::${type}::admin`, { stack: "prod", project: "infra", type, parentTypes: [], name: "admin" }],
  [
    `urn:pulumi:prod::infra::a:b:C$${type}::a::b $ c`,
    { stack: "prod", project: "infra", type, parentTypes: ["a:b:C"], name: "a::b $ c" },
  ],
])("reads the URN %s", (urn, parts) => {
  expect(parseUrn(urn)).toEqual(parts);
});

it.each(["", "urn:pulumi:prod", "urn:pulumi:prod::infra::::name", "nonsense"])("knows that %j is no URN", (text) => {
  expect(parseUrn(text)).toBeUndefined();
});
