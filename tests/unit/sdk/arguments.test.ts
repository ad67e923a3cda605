import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { IdentityMapping, IdentityMappings, ServiceIdentityMapping } from "../../../sdk/index.ts";
import { runOnMocks } from "./mocks.ts";

async function failureOf(
  resource: typeof IdentityMapping | typeof IdentityMappings | typeof ServiceIdentityMapping,
  ...args: unknown[]
) {
  const run = runOnMocks(() => Reflect.construct(resource, ["dev", ...args]));
  const error: unknown = await run.catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  return error instanceof Error ? error.message : "";
}

it.each([
  ["IdentityMapping", IdentityMapping],
  ["IdentityMappings", IdentityMappings],
  ["ServiceIdentityMapping", ServiceIdentityMapping],
])("%s says in JavaScript that its arguments are missing", async (name, resource) => {
  expect(await failureOf(resource)).toBe(
    `${name} "dev" has no arguments; pass them as the second parameter: new ${name}("dev", { ... })`,
  );
});

it.each([
  [
    "IdentityMappings",
    IdentityMappings,
    { file: "cluster.yaml", clustr: "prod" },
    'unknown key "clustr"; valid keys: file, config, cluster, adopt, authenticationMode, serviceRoleArn',
  ],
  [
    "ServiceIdentityMapping",
    ServiceIdentityMapping,
    { serviceName: "emr-containers", namespace: "spark", adpot: true },
    'unknown key "adpot"; valid keys: cluster, serviceName, namespace, roleArn, adopt, authenticationMode',
  ],
])("%s names in JavaScript an argument that it does not have", async (name, resource, args, message) => {
  expect(await failureOf(resource, args)).toBe(`${name} "dev": ${message}`);
});

it("the option import is refused, with the ways that work", async () => {
  const args = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", cluster: "prod" };
  expect(await failureOf(IdentityMapping, args, { import: "id" })).toBe(
    'IdentityMapping "dev": the option import does not work for dynamic resources; remove it: a resource with the same content as the entry takes it over, and one with adopt: true takes over any entry for its identity; "npx pulumi-aws-auth import" prints the program',
  );
});

it("passes on its context where the options ignore everything, in whose place the engine would put the old inputs", async () => {
  const passed: (readonly string[] | undefined)[] = [];
  const transformation: pulumi.ResourceTransformation = ({ opts: { ignoreChanges } }) =>
    void passed.push(ignoreChanges);
  const arn = "arn:aws:iam::111122223333:role/dev";
  const options = { ignoreChanges: ["*"], transformations: [transformation] };
  await runOnMocks(() => new IdentityMapping("dev", { arn, username: "dev" }, options));
  expect(passed.flat()).toEqual(expect.arrayContaining(["cluster", "arn", "username", "groups", "adopt"]));
  expect(passed.flat()).not.toContain("*");
});
