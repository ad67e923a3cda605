import type { ResourceTransformation } from "@pulumi/pulumi";
import { expect, it, onTestFinished } from "vitest";
import { awsAuth, failureOf, pulumi, runOnMocks } from "./mocks.ts";

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", cluster: "prod" };
type Resource = "IdentityMapping" | "IdentityMappings" | "ServiceIdentityMapping";
/** Makes a resource as a program in JavaScript does, with any arguments. */
const make = (resource: Resource, ...args: readonly unknown[]) =>
  failureOf(() => Reflect.construct(awsAuth[resource], ["dev", ...args]));

it.each<[resource: Resource, args: object | undefined, message: string]>([
  ...(["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"] as const).map(
    (name): [Resource, undefined, string] => {
      const remedy = `pass them as the second parameter: new ${name}("dev", { ... })`;
      return [name, undefined, `${name} "dev" has no arguments; ${remedy}`];
    },
  ),
  [
    "IdentityMappings",
    { file: "cluster.yaml", clustr: "prod" },
    'IdentityMappings "dev": unknown key "clustr"; valid keys: file, config, cluster, adopt, authenticationMode, serviceRoleArn',
  ],
  [
    "ServiceIdentityMapping",
    { serviceName: "emr-containers", namespace: "spark", adpot: true },
    'ServiceIdentityMapping "dev": unknown key "adpot"; valid keys: cluster, serviceName, namespace, roleArn, adopt, authenticationMode',
  ],
])("refuses %s with the arguments %j of a program in JavaScript", async (resource, args, message) => {
  expect(await make(resource, args)).toBe(message);
});

it("the option import is refused, with the ways that work", async () => {
  expect(await make("IdentityMapping", dev, { import: "id" })).toBe(
    'IdentityMapping "dev": the option import does not work for dynamic resources; remove it: a resource with the same content as the entry takes it over, and one with adopt: true takes over any entry for its identity; "npx pulumi-aws-auth import" prints the program',
  );
});

it("passes on its context where the options ignore everything, in whose place the engine would put the old inputs", async () => {
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
])("a misspelt setting is an error of %s", async (_name, use) => {
  const before = pulumi.runtime.allConfig();
  onTestFinished(() => pulumi.runtime.setAllConfig({ ...before }));
  pulumi.runtime.setAllConfig({ "aws-auth:manfest": "map.yaml", "aws-auth:config:subnets": "" });
  expect((await failureOf(use)).replace(/\s+/g, " ")).toMatch(
    /aws-auth:manfest is not a setting; valid settings: cluster, .*; and aws-auth:subnets is not a setting; valid settings: cluster, /,
  );
});
