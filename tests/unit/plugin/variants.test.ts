import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type * as lifecycleModule from "../../../provider/index.ts";
import { receive, struct } from "../../../provider/pulumi/properties.ts";
import type { IdentityMappingArgs } from "../../../sdk/index.ts";
import { temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf, splitClaims } from "../../support/engine/manifest.ts";
import { Engine, type ResourceState, secretValue } from "../../support/plugin/pluginRun.ts";
import { awsAuth, pulumi } from "../sdk/mocks.ts";

type Values = Readonly<Record<string, unknown>>;

/** The calls of the engine for one mapping. */
interface Variant {
  check(args: IdentityMappingArgs, before?: ResourceState): Promise<{ inputs: Values; failures: string[] }>;
  diff(before: ResourceState, news: Values): Promise<{ changes: boolean; replaces: readonly string[] }>;
  create(inputs: Values): Promise<ResourceState>;
  read(before: ResourceState): Promise<ResourceState | undefined>;
  update(before: ResourceState, news: Values): Promise<ResourceState>;
  delete(before: ResourceState): Promise<void>;
}

let lifecycle: typeof lifecycleModule;
let pluginVariant: Variant;

/** Starts another run, since a loaded module belongs to one run. */
async function beginRun(): Promise<void> {
  vi.resetModules();
  lifecycle = await import("../../../provider/index.ts");
  const { handlers } = await import("../../../provider/plugin/handlers.ts");
  const engine = Engine.of(handlers());
  pluginVariant = {
    check: (args, before) => engine.check("dev", args, before),
    diff: (before, news) => engine.diff("dev", before, news),
    create: (inputs) => engine.create("dev", inputs),
    read: (before) => engine.read("dev", before),
    update: (before, news) => engine.update("dev", before, news),
    delete: (before) => engine.delete("dev", before),
  };
}

beforeEach(beginRun);

/** The inputs that the SDK registers for a mapping, which the engine passes to the dynamic provider. */
async function registered(args: IdentityMappingArgs): Promise<Values> {
  let found: Values = {};
  const mocks: Parameters<typeof pulumi.runtime.setMocks>[0] = {
    newResource: ({ name, inputs }) => {
      const { __provider, ...given } = inputs;
      found = given;
      return { id: name, state: inputs };
    },
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "test", "test");
  new awsAuth.IdentityMapping("dev", args);
  await pulumi.runtime.disconnect();
  return receive(struct(found, [])).values;
}

const sdkVariant: Variant = {
  check: async (args, before) => {
    const { inputs = {}, failures = [] } = await lifecycle.check(before?.inputs ?? {}, await registered(args));
    return { inputs, failures: failures.map(({ property, reason }) => `${property}: ${reason}`) };
  },
  diff: async ({ id, outs }, news) => {
    const { changes = false, replaces = [] } = await lifecycle.diff(id, outs, news);
    return { changes, replaces };
  },
  create: async (inputs) => {
    const { id, outs = {} } = await lifecycle.create(inputs);
    return { id, inputs, outs };
  },
  read: async (before) => {
    const { id = "", props = {}, inputs = before.inputs } = await lifecycle.read(before.id, before.outs);
    return { id, outs: props, inputs };
  },
  update: async ({ id, outs }, inputs) => ({ id, inputs, outs: (await lifecycle.update(id, outs, inputs)).outs ?? {} }),
  delete: ({ id, outs }) => lifecycle.delete(id, outs),
};

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers", "developers"] };
const found = `- rolearn: ${dev.arn}\n  username: other\n`;

/** Runs the lifecycle of a mapping, and returns the responses and the map after each step. */
async function run(which: "dynamic" | "plugin", args: IdentityMappingArgs, then: IdentityMappingArgs, map: string) {
  await beginRun();
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf({ mapRoles: map }));
  const variant = which === "dynamic" ? sdkVariant : pluginVariant;
  const steps: unknown[] = [];
  const note = async (step: unknown) => {
    const { text, claims } = splitClaims(await readFile(manifest, "utf8"));
    // Claims differ in their random part, and by the type of the resource in its URN.
    const shown = JSON.stringify([step, text, claims], (name, value) =>
      name === "__claim" ? value.replace(/\w/g, "x") : value,
    );
    steps.push(JSON.parse(shown.replaceAll(manifest, "aws-auth.yaml")));
  };
  const marked = (given: IdentityMappingArgs) => ({ ...given, cluster: { manifest } });
  const deleted = (mapping: ResourceState) => variant.delete(mapping).catch((error: unknown) => String(error));

  const first = await variant.check(marked(args));
  const isRefused = first.failures.length > 0;
  const start = isRefused ? await variant.check(marked(then)) : first;
  const kept = await variant.create(start.inputs);
  await note([first, start, kept]);
  const again = await variant.check(marked(isRefused ? then : args), kept);
  await note([again, await variant.diff(kept, again.inputs), await variant.read(kept)]);

  await writeFile(manifest, (await readFile(manifest, "utf8")).replace("username: dev", "username: by-hand"));
  await beginRun();
  await note(await variant.read(kept));
  const next = await variant.check(marked(then), kept);
  const { changes, replaces } = await variant.diff(kept, next.inputs);
  await note([next, changes, replaces]);
  if (replaces.length > 0) {
    const replacement = await variant.create((await variant.check(marked(then))).inputs);
    await note(replacement);
    await note(await deleted(kept));
    await note(await deleted(replacement));
  } else {
    const updated = changes ? await variant.update(kept, next.inputs) : kept;
    await note(updated);
    await note(await deleted(updated));
  }
  return steps;
}

it.each<[title: string, args: IdentityMappingArgs, then: IdentityMappingArgs, map: string]>([
  ["a role", dev, { ...dev, groups: ["editors"] }, "[]\n"],
  ["an account", { account: "111122223333" }, { account: "444455556666" }, "[]\n"],
  ["a user with a path, which a role replaces", { ...dev, arn: "arn:aws:iam::111122223333:user/a/b" }, dev, "[]\n"],
  ["a duplicate, and its adoption", dev, { ...dev, adopt: true }, found],
  ["inputs that no cluster accepts", { arn: "nonsense", groups: [] }, dev, "[]\n"],
])("SDK and plugin behave the same for %s", async (_title, args, then, map) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => log.mockRestore());
  expect(await run("plugin", args, then, map)).toEqual(await run("dynamic", args, then, map));
});

it.each<[name: string, ofProgram: IdentityMappingArgs, ofPlugin: object]>([
  ["arn", { ...dev, arn: pulumi.secret(dev.arn) }, { ...dev, arn: secretValue(dev.arn) }],
  ["account", { account: pulumi.secret("444455556666") }, { account: secretValue("444455556666") }],
  ["username", { ...dev, username: pulumi.secret("dev") }, { ...dev, username: secretValue("dev") }],
  ["groups", { ...dev, groups: pulumi.secret(dev.groups) }, { ...dev, groups: secretValue(dev.groups) }],
  ["groups", { ...dev, groups: ["a", pulumi.secret("b")] }, { ...dev, groups: ["a", secretValue("b")] }],
])("SDK and plugin refuse a secret %s without a property, since the engine would print its value", async (...given) => {
  const [name, ofProgram, ofPlugin] = given;
  const reason = `: ${name} is secret, but anyone who can read aws-auth can read it; use pulumi.unsecret if that is intended`;
  expect((await sdkVariant.check(ofProgram)).failures).toEqual([reason]);
  expect((await pluginVariant.check(ofPlugin)).failures).toEqual([reason]);
});
