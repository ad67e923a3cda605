import type { ResourceTransformation } from "@pulumi/pulumi";
import { expect, it, onTestFinished } from "vitest";
import { awsAuth, failureOf, pulumi, runOnMocks } from "./mocks.ts";

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", cluster: "prod" };
type Resource = "IdentityMapping" | "IdentityMappings" | "ServiceIdentityMapping";
/** Creates a resource with any arguments, like a program in JavaScript. */
const create = (resource: Resource, ...args: readonly unknown[]) =>
  failureOf(() => Reflect.construct(awsAuth[resource], ["dev", ...args]));

it.each<Resource>(["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"])(
  "refuses %s without arguments in JavaScript",
  async (name) => {
    expect(await create(name)).toBe(
      `${name} "dev" has no arguments; pass them as the second argument: new ${name}("dev", { ... })`,
    );
  },
);

it.each<[resource: Resource, args: object, keys: string]>([
  [
    "IdentityMappings",
    { file: "a.yaml", extra: 1 },
    "file, config, cluster, adopt, authenticationMode, serviceRoleArn",
  ],
  [
    "ServiceIdentityMapping",
    { serviceName: "emr-containers", namespace: "spark", extra: true },
    "cluster, serviceName, namespace, roleArn, adopt, authenticationMode",
  ],
])("refuses %s with an unknown argument in JavaScript: %j", async (resource, args, keys) => {
  expect(await create(resource, args)).toBe(`${resource} "dev": unknown key "extra"; valid keys: ${keys}`);
});

it("refuses the option import, and lists the alternatives", async () => {
  expect(await create("IdentityMapping", dev, { import: "id" })).toBe(
    'IdentityMapping "dev": the option import is not supported for dynamic resources; remove it, and set adopt: true if the entry has different content ("npx pulumi-aws-auth import" prints a program for all entries)',
  );
});

it("passes on its context if the options ignore everything, since the engine would use the old inputs", async () => {
  const passed: (readonly string[] | undefined)[] = [];
  const transformation: ResourceTransformation = ({ opts: { ignoreChanges } }) => void passed.push(ignoreChanges);
  const options = { ignoreChanges: ["*"], transformations: [transformation] };
  await runOnMocks(() => new awsAuth.IdentityMapping("dev", dev, options));
  expect(passed.flat()).toEqual(expect.arrayContaining(["cluster", "arn", "username", "groups", "adopt"]));
  expect(passed.flat()).not.toContain("*");
});

it.each<[name: string, use: () => unknown]>([
  ["IdentityMapping", () => new awsAuth.IdentityMapping("dev", { account: "111122223333" })],
  ["IdentityMappings", () => new awsAuth.IdentityMappings("team", { config: { iamIdentityMappings: [] } })],
  ["getIdentityMappings", () => awsAuth.getIdentityMappings({ cluster: "prod" })],
])("refuses a misspelled setting in %s", async (_name, use) => {
  const before = pulumi.runtime.allConfig();
  onTestFinished(() => pulumi.runtime.setAllConfig({ ...before }));
  pulumi.runtime.setAllConfig({ "aws-auth:manfest": "map.yaml", "aws-auth:config:subnets": "" });
  expect((await failureOf(use, "misspelt")).replace(/\s+/g, " ")).toMatch(
    /aws-auth:manfest is not a valid setting; valid settings: cluster, .*; and aws-auth:subnets is not a valid setting; valid settings: cluster, /,
  );
});
