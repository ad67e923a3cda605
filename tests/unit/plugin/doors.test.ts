import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import { beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type * as lifecycleModule from "../../../provider/index.ts";
import { PluginRun } from "../../../provider/plugin/messages.ts";
import type * as pluginModule from "../../../provider/plugin/resources.ts";
import { receive, struct } from "../../../provider/pulumi/properties.ts";
import type { IdentityMappingArgs } from "../../../sdk/index.ts";
import { manifestOf, splitClaims } from "../../support/engine/manifest.ts";
import { temporaryDirectory } from "../cluster/support.ts";
import { awsAuth, pulumi } from "../sdk/mocks.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const {
  CheckRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  ReadRequest,
  UpdateRequest,
}: typeof protocol = load("@pulumi/pulumi/proto/provider_pb");

type Values = Readonly<Record<string, unknown>>;

let lifecycle: typeof lifecycleModule;
let plugin: typeof pluginModule;

/** Begins another run, of which a process has one. */
async function beginRun(): Promise<void> {
  vi.resetModules();
  lifecycle = await import("../../../provider/index.ts");
  plugin = await import("../../../provider/plugin/resources.ts");
}

beforeEach(beginRun);

/** A resource in a state. */
interface Kept {
  readonly id: string;
  readonly inputs: Values;
  readonly outs: Values;
}

/** What the engine asks of a door. */
interface Door {
  check(args: IdentityMappingArgs, before?: Kept): Promise<{ inputs: Values; failures: string[] }>;
  diff(before: Kept, news: Values): Promise<{ changes: boolean; replaces: readonly string[] }>;
  create(inputs: Values): Promise<Kept>;
  read(before: Kept): Promise<Kept>;
  update(before: Kept, news: Values): Promise<Kept>;
  delete(before: Kept): Promise<void>;
}

/** What the npm package makes of a mapping in a program: what the engine passes on to the dynamic provider. */
async function registered(args: IdentityMappingArgs): Promise<Values> {
  let found: Values = {};
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        const { __provider, ...given } = inputs;
        found = given;
        return { id: name, state: inputs };
      },
      call: () => ({}),
    },
    "shop",
    "prod",
  );
  new awsAuth.IdentityMapping("dev", args);
  await pulumi.runtime.disconnect();
  return receive(struct(found, [])).values;
}

const dynamicDoor: Door = {
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

function pluginDoor(secrets: readonly string[]): Door {
  const run = new PluginRun();
  const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::dev";
  const message = (values: Values) => struct(values, secrets);
  return {
    check: async (args, before) => {
      const request = new CheckRequest().setUrn(urn).setNews(message({ ...args }));
      request.setOlds(before && message(before.inputs)).setOldOutputs(before && message(before.outs));
      const response = await plugin.check(run, request);
      const failures = response.getFailuresList().map((one) => `${one.getProperty()}: ${one.getReason()}`);
      return { inputs: receive(response.getInputs()).values, failures };
    },
    diff: async ({ id, outs }, news) => {
      const request = new DiffRequest().setUrn(urn).setId(id).setOlds(message(outs)).setNews(message(news));
      const response = await plugin.diff(run, request);
      return {
        changes: response.getChanges() === DiffResponse.DiffChanges.DIFF_SOME,
        replaces: response.getReplacesList(),
      };
    },
    create: async (inputs) => {
      const response = await plugin.create(run, new CreateRequest().setUrn(urn).setProperties(message(inputs)));
      return { id: response.getId(), inputs, outs: receive(response.getProperties()).values };
    },
    read: async ({ id, inputs, outs }) => {
      const request = new ReadRequest().setUrn(urn).setId(id).setProperties(message(outs)).setInputs(message(inputs));
      const response = await plugin.read(run, request);
      return {
        id: response.getId(),
        outs: receive(response.getProperties()).values,
        inputs: receive(response.getInputs()).values,
      };
    },
    update: async ({ id, outs }, news) => {
      const request = new UpdateRequest().setUrn(urn).setId(id).setOlds(message(outs)).setNews(message(news));
      return { id, inputs: news, outs: receive((await plugin.update(run, request)).getProperties()).values };
    },
    delete: async ({ id, outs }) => {
      await plugin.remove(run, new DeleteRequest().setUrn(urn).setId(id).setProperties(message(outs)));
    },
  };
}

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers", "developers"] };
const found = `- rolearn: ${dev.arn}\n  username: other\n`;

it.each<[title: string, args: IdentityMappingArgs, then: IdentityMappingArgs, map: string]>([
  ["a role", dev, { ...dev, groups: ["editors"] }, "[]\n"],
  ["an account", { account: "111122223333" }, { account: "444455556666" }, "[]\n"],
  ["a user with a path, and another of it", { ...dev, arn: "arn:aws:iam::111122223333:user/a/b" }, dev, "[]\n"],
  ["a duplicate, and its adoption", dev, { ...dev, adopt: true }, found],
  ["what no cluster accepts", { arn: "nonsense", groups: [] }, dev, "[]\n"],
])("both doors call the lifecycle alike, for %s", async (_title, args, then, mapRoles) => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => said.mockRestore());
  const dynamic = await lived("dynamic");
  expect(await lived("plugin")).toEqual(dynamic);

  /** What a life in one of the doors comes to: the answers, and the map after each step. */
  async function lived(which: "dynamic" | "plugin"): Promise<unknown> {
    await beginRun();
    const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf({ mapRoles }));
    const door = which === "dynamic" ? dynamicDoor : pluginDoor([]);
    const steps: unknown[] = [];
    const note = async (step: unknown) => {
      const { text, claims } = splitClaims(await readFile(manifest, "utf8"));
      const shown = JSON.stringify([step, text, claims], (name, value) =>
        name === "__claim" ? labelIn(value) : value,
      );
      steps.push(JSON.parse(shown.replaceAll(manifest, "aws-auth.yaml")));
    };
    const marked = (given: IdentityMappingArgs) => ({ ...given, cluster: { manifest } });
    const deleted = (mapping: Kept) => door.delete(mapping).catch((error: unknown) => String(error));
    const first = await door.check(marked(args));
    await note(first);
    const isRefused = first.failures.length > 0;
    const start = isRefused ? await door.check(marked(then)) : first;
    await note(start);
    const kept = await door.create(start.inputs);
    await note(kept);
    const again = await door.check(marked(isRefused ? then : args), kept);
    await note([again, await door.diff(kept, again.inputs), await door.read(kept)]);

    await writeFile(manifest, (await readFile(manifest, "utf8")).replace("username: dev", "username: by-hand"));
    await beginRun();
    await note(await door.read(kept));
    const next = await door.check(marked(then), kept);
    const { changes, replaces } = await door.diff(kept, next.inputs);
    await note([next, changes, replaces]);
    if (replaces.length > 0) {
      const replacement = await door.create((await door.check(marked(then))).inputs);
      await note(replacement);
      await note(await deleted(kept));
      await note(await deleted(replacement));
    } else {
      const updated = changes ? await door.update(kept, next.inputs) : kept;
      await note(updated);
      await note(await deleted(updated));
    }
    return steps;
  }
});

it.each<[name: string, plain: IdentityMappingArgs, secret: IdentityMappingArgs]>([
  ["arn", dev, { ...dev, arn: pulumi.secret(dev.arn) }],
  ["account", { account: "444455556666" }, { account: pulumi.secret("444455556666") }],
  ["username", dev, { ...dev, username: pulumi.secret("dev") }],
  ["groups", dev, { ...dev, groups: pulumi.secret(dev.groups) }],
  ["groups", dev, { ...dev, groups: ["viewers", pulumi.secret("developers")] }],
])(
  "both doors refuse a secret %s, and name no property, whose value the engine would print",
  async (name, plain, secret) => {
    const reason = `: ${name} is secret, but aws-auth is readable by everyone who may read the ConfigMap; use pulumi.unsecret if that is intended`;
    expect((await dynamicDoor.check(secret)).failures).toEqual([reason]);
    expect((await pluginDoor([name]).check(plain)).failures).toEqual([reason]);
  },
);

/** Claims differ in their random part, and by the type of the resource in its URN. */
function labelIn(claim: string): string {
  return claim.replace(/\w/g, "x");
}
