import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { messages, type PluginProcess } from "../support/plugin/pluginProcess.ts";
import { PluginRun } from "../support/plugin/pluginRun.ts";
import { account, devArn, type EntriesWorld, entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { temporaryDirectory } from "../unit/cluster/support.ts";

const settings = { cluster: "prod", region: "eu-central-1", authenticationMode: "API" };
const adminArn = `arn:aws:iam::${account}:role/admin`;
const dev = { arn: devArn, username: "dev", groups: ["viewers"] };
const admin = { arn: adminArn, username: "admin", groups: ["system:masters"] };

describe("a plugin in the middle of a change", () => {
  let world: EntriesWorld;
  let run: PluginRun;

  beforeEach(async () => {
    world = await entriesWorld("API");
    world.aws.principals.create(adminArn);
    run = await PluginRun.start(await temporaryDirectory(), settings);
    return () => run.plugin.stop();
  });

  /** Holds the calls of an operation until it is told to let go, and says when the first has come. */
  function hold(operation: string) {
    const [come, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.aws.before = async (call) => {
      if (call.operation === operation) {
        come.resolve();
        await released.promise;
      }
      return undefined;
    };
    return { come: come.promise, release: released.resolve };
  }

  const claims = (arn: string) => Object.keys(world.aws.entry("prod", arn)?.tags ?? {});

  it.each([
    ["dies", (plugin: PluginProcess) => plugin.end()],
    ["ends its run", (plugin: PluginProcess) => plugin.interrupt()],
  ])("finishes it when the engine %s, and ends by itself", async (_what, end) => {
    const { inputs } = await run.check("admin", admin);
    const held = hold("AssociateAccessPolicy");
    const created = run.create("admin", inputs).catch((error: Error) => error);
    await held.come;
    const ended = end(run.plugin);
    // One that would not wait has ended by then.
    await Promise.race([ended, setTimeout(500)]);
    expect(run.plugin.isRunning).toBe(true);
    held.release();
    expect(await ended).toBe(0);
    expect(await created).toBeInstanceOf(Error);
    expect(world.aws.entry("prod", adminArn)?.policies).toHaveLength(1);
    const next = await PluginRun.start(await temporaryDirectory(), settings);
    const again = await next.check("admin", admin);
    expect(again.failures).toEqual([]);
    const { outs } = await next.create("admin", again.inputs);
    expect(outs).toMatchObject({ __accessEntry: { principalArn: adminArn } });
    expect(claims(adminArn)).toHaveLength(1);
    expect(await next.plugin.end()).toBe(0);
  });

  it("fails it when its time is up, and leaves what it has written to the next run", async () => {
    const { inputs } = await run.check("dev", dev);
    const held = hold("CreateAccessEntry");
    await expect(run.create("dev", inputs, 1)).rejects.toThrow(
      /^the create took longer than the 1 s of customTimeouts;\s+whether it was written is not known, so run again$/,
    );
    held.release();
    await expect.poll(() => claims(devArn)).toHaveLength(1);
    expect(await run.plugin.end()).toBe(0);
    const next = await PluginRun.start(await temporaryDirectory(), settings);
    const again = await next.check("dev", dev);
    expect(again.failures).toEqual([]);
    const kept = await next.create("dev", again.inputs);
    expect(kept.outs).toMatchObject({ __accessEntry: { principalArn: devArn } });
    expect(claims(devArn)).toHaveLength(1);
    expect(await next.plugin.end()).toBe(0);
    const last = await PluginRun.start(await temporaryDirectory(), settings);
    await last.delete("dev", kept);
    expect(world.aws.entry("prod", devArn)).toBeUndefined();
    expect(await last.plugin.end()).toBe(0);
  });

  it("finishes it when the run is cancelled, and begins nothing more", async () => {
    const [first, second] = [await run.check("dev", dev), await run.check("admin", admin)];
    const held = hold("CreateAccessEntry");
    const created = run.create("dev", first.inputs);
    await held.come;
    expect(await run.send("cancel", new messages.GetSchemaRequest())).toMatchObject({ code: 0 });
    await expect(run.create("admin", second.inputs)).rejects.toThrow("the run was cancelled, so nothing was written");
    held.release();
    expect((await created).id).toContain("role/dev");
    expect(world.aws.entry("prod", devArn)).toBeDefined();
    expect(world.aws.entry("prod", adminArn)).toBeUndefined();
    expect(await run.plugin.end()).toBe(0);
  });
});

it("a plugin in the middle of many changes of a manifest leaves it whole, and no lock, when the engine dies", async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, "aws-auth.yaml");
  await writeFile(file, manifestOf(seasonedData));
  const run = await PluginRun.start(directory, { manifest: "aws-auth.yaml" });
  const names = Array.from({ length: 20 }, (_, index) => `role-${index}`);
  const checked: Awaited<ReturnType<PluginRun["check"]>>[] = [];
  for (const name of names) {
    checked.push(await run.check(name, { arn: `arn:aws:iam::${account}:role/${name}`, username: name }));
  }
  const created = names.map((name, index) => run.create(name, checked[index]?.inputs ?? {}).catch(() => undefined));
  await Promise.race(created);
  expect(await run.plugin.end()).toBe(0);
  await Promise.all(created);
  expect(await readdir(directory)).toEqual(["aws-auth.yaml"]);
  const text = await readFile(file, "utf8");
  const entries = text.match(/rolearn"?: "?\S*role\/role-\d+/g) ?? [];
  const claims = text.match(/ test\/test role-\d+$/gm) ?? [];
  expect(entries.length).toBeGreaterThan(0);
  expect(claims).toHaveLength(entries.length);
});
