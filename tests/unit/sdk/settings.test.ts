import { afterAll, beforeAll, expect, it } from "vitest";
import { awsAuth, pulumi } from "./mocks.ts";

const before = pulumi.runtime.allConfig();

beforeAll(async () => {
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await pulumi.runtime.setMocks(mocks, "shop", "misspelt");
  pulumi.runtime.setAllConfig({ "aws-auth:manfest": "map.yaml", "aws-auth:config:subnets": "" });
});
afterAll(() => pulumi.runtime.setAllConfig({ ...before }));

it.each<[name: string, use: () => unknown]>([
  ["IdentityMapping", () => new awsAuth.IdentityMapping("dev", { account: "111122223333" })],
  ["IdentityMappings", () => new awsAuth.IdentityMappings("team", { config: { iamIdentityMappings: [] } })],
  ["getIdentityMappings", () => awsAuth.getIdentityMappings({ cluster: "prod" })],
])("a misspelt setting is an error of %s", async (_name, use) => {
  const error: unknown = await (async () => use())().catch((thrown: unknown) => thrown);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect(String(error).replace(/\s+/g, " ")).toMatch(
    /aws-auth:manfest is not a setting; valid settings: cluster, .*; and aws-auth:subnets is not a setting; valid settings: cluster, /,
  );
});
