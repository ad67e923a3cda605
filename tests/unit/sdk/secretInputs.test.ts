import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { secretsAmong } from "../../../sdk/secretInputs.ts";

describe("the secrets among the inputs", () => {
  const rejected = vi.fn((_reason: unknown) => undefined);
  beforeEach(() => void process.on("unhandledRejection", rejected.mockClear()));
  afterEach(() => void process.off("unhandledRejection", rejected));

  it("plain inputs are asked nothing", () => {
    expect(secretsAmong({ arn: "a", username: undefined, groups: ["b", "c"] })).toBeUndefined();
  });

  it.each<[title: string, input: unknown, found: string[]]>([
    ["a secret", pulumi.secret("a"), ["groups"]],
    ["a promise of one", Promise.resolve(pulumi.secret("a")), ["groups"]],
    ["an output of one in a list", pulumi.output("a").apply((a) => [a, pulumi.secret("b")]), ["groups"]],
    ["one in a list", ["a", pulumi.secret("b")], ["groups"]],
    ["one in a promised list", Promise.resolve(["a", pulumi.secret("b")]), ["groups"]],
    ["one in an object, which it should not be", { a: ["b", pulumi.secret("c")] }, ["groups"]],
    ["one in a promised object", Promise.resolve({ a: pulumi.secret("b") }), ["groups"]],
    ["an output that is none", pulumi.output("a"), []],
    ["a list of what is none", [Promise.resolve("a"), pulumi.output("b")], []],
  ])("what is secret is found: %s", async (_title, input, found) => {
    expect(await secretsAmong({ arn: "a", groups: input })).toEqual(found);
  });

  it("a misspelt one is found too, and nothing that may be a resource is asked", async () => {
    const cluster = pulumi.output(new Promise<string>(() => undefined));
    const misspelt = { arn: "a", usernme: pulumi.secret("b"), cluster };
    expect(await secretsAmong(misspelt)).toEqual(["usernme"]);
  });

  it("a promise that fails is left to the resource", async () => {
    const failing = Promise.reject(new Error("its own"));
    failing.catch(() => undefined);
    expect(await secretsAmong({ username: failing, arn: pulumi.secret("a") })).toEqual(["arn"]);
    await new Promise(setImmediate);
    expect(rejected).not.toHaveBeenCalled();
  });
});
