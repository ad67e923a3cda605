import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { account, type EntriesWorld, entriesWorld } from "../../support/eks/entriesWorld.ts";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";
import type { PluginProcess } from "../../support/plugin/pluginProcess.ts";
import { PluginRun } from "../../support/plugin/pluginRun.ts";

const settings = { cluster: "prod", region: "eu-central-1", authenticationMode: "API" };
const adminArn = `arn:aws:iam::${account}:role/admin`;
const admin = { arn: adminArn, username: "admin", groups: ["system:masters"] };

describe("a plugin during a change to access entries", () => {
  let world: EntriesWorld;
  let run: PluginRun;

  beforeEach(async () => {
    world = await entriesWorld("API");
    world.aws.principals.create(adminArn);
    run = await PluginRun.start(await temporaryDirectory(), settings);
    return () => run.plugin.stop();
  });

  /** Blocks the calls of an operation until `release` is called; `arrived` resolves at the first call. */
  function hold(operation: string) {
    const [arrived, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.aws.before = async (call) => {
      if (call.operation === operation) {
        arrived.resolve();
        await released.promise;
      }
      return undefined;
    };
    return { arrived: arrived.promise, release: released.resolve };
  }

  const claims = (arn: string) => Object.keys(world.aws.entry("prod", arn)?.tags ?? {});

  it.each([
    ["is killed", (plugin: PluginProcess) => plugin.end()],
    ["ends its run", (plugin: PluginProcess) => plugin.interrupt()],
  ])("completes the change if the engine %s, and exits", async (_what, end) => {
    const { inputs } = await run.check("admin", admin);
    const held = hold("AssociateAccessPolicy");
    const created = run.create("admin", inputs).catch((error: Error) => error);
    await held.arrived;
    const ended = end(run.plugin);
    // A plugin that does not wait exits before another one starts and ends.
    await end((await PluginRun.start(await temporaryDirectory(), settings)).plugin);
    expect(run.plugin.isRunning).toBe(true);
    held.release();
    expect(await ended).toBe(0);
    expect(await created).toBeInstanceOf(Error);
    expect(world.aws.entry("prod", adminArn)?.policies).toHaveLength(1);
    const next = await PluginRun.start(await temporaryDirectory(), settings);
    const again = await next.check("admin", admin);
    expect(again.failures).toEqual([]);
    const kept = await next.create("admin", again.inputs);
    expect(kept.outs).toMatchObject({ __accessEntry: { principalArn: adminArn } });
    expect(claims(adminArn)).toHaveLength(1);
    expect(await next.plugin.end()).toBe(0);
  });

  it("refreshes, checks and diffs the mappings with one list, and one read of each entry", async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const name = `p${index}`;
        const { arn } = world.aws.principals.create(`arn:aws:iam::${account}:role/${name}`);
        const mapping = { arn, username: name, groups: ["viewers"] };
        const { inputs } = await run.check(name, mapping);
        return { name, mapping, kept: await run.create(name, inputs) };
      }),
    );
    expect(await run.plugin.end()).toBe(0);
    world.aws.forgetCalls();
    const next = await PluginRun.start(await temporaryDirectory(), settings);
    const found = made.map(async ({ name, mapping, kept }) => {
      const read = (await next.read(name, kept)) ?? kept;
      const { inputs, failures } = await next.check(name, mapping, read);
      return [...failures, ...((await next.diff(name, read, inputs)).changes ? [name] : [])];
    });
    expect((await Promise.all(found)).flat()).toEqual([]);
    const { aws } = world;
    expect([aws.count("ListAccessEntries"), aws.count("DescribeAccessEntry")]).toEqual([1, made.length]);
    expect(world.aws.mostAtOnce).toBeLessThanOrEqual(8);
    expect(await next.plugin.end()).toBe(0);
  });
});

it("a plugin that changes a manifest leaves a complete file and no lock if the engine is killed", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "aws-auth.yaml");
  await writeFile(file, manifestOf(seasonedData));
  const run = await PluginRun.start(directory, { manifest: "aws-auth.yaml" });
  const created = Array.from({ length: 20 }, async (_, index) => {
    const name = `role-${index}`;
    const { inputs } = await run.check(name, { arn: `arn:aws:iam::${account}:role/${name}`, username: name });
    return run.create(name, inputs).catch(() => undefined);
  });
  await Promise.race(created);
  expect(await run.plugin.end()).toBe(0);
  await Promise.allSettled(created);
  expect(await readdir(directory)).toEqual(["aws-auth.yaml"]);
  const text = await readFile(file, "utf8");
  const entries = text.match(/rolearn"?: "?\S*role\/role-\d+/g) ?? [];
  const claims = text.match(/ test\/test role-\d+$/gm) ?? [];
  expect(entries.length).toBeGreaterThan(0);
  expect(claims).toHaveLength(entries.length);
});
