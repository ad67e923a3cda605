import { expect, it } from "vitest";
import { mapConcurrent } from "../../provider/async/concurrency.ts";
import { callLimits } from "../../provider/cluster/eks/eksCalls.ts";
import { sample } from "../support/nightly.ts";
import { type Kept, PluginRun } from "../support/plugin/pluginRun.ts";
import { entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { temporaryDirectory } from "../unit/cluster/support.ts";
import { callsFor, counted, rolesTo, stackOf } from "../unit/lifecycle/entryStack.ts";

/** How many resources the engine has in progress at once. */
const parallel = 16;

it.each(sample(["a preview", "a refresh"]))(
  "%s of 300 mappings reads each list once, and each entry once",
  async (what) => {
    const world = await entriesWorld("API");
    const mappings = rolesTo(300, ["viewers"]);
    const stack = await stackOf(world, mappings);
    const run = await PluginRun.start(await temporaryDirectory(), {
      cluster: "prod",
      region: "eu-central-1",
      authenticationMode: "API",
    });
    const found: string[] = [];
    await mapConcurrent([...mappings.entries()], parallel, async ([index, { name, arn, groups }]) => {
      const { id = "", outs = {} } = stack[index] ?? {};
      const kept: Kept = { id, inputs: outs, outs };
      // The engine refreshes each resource before it checks it.
      const read = await run.read(name, kept);
      if (read === undefined || what === "a refresh") {
        found.push(...(read === undefined ? [name] : []));
        return;
      }
      const { inputs, failures } = await run.check(name, { arn, groups, username: `${name}-user` }, read);
      const changes = failures.length > 0 ? [] : await run.diff(name, read, inputs);
      found.push(...failures, ...(changes === undefined ? [] : [name, ...changes]));
    });
    expect(found).toEqual([]);
    expect(counted(world)).toEqual(callsFor(300));
    expect(world.aws.mostAtOnce).toBeLessThanOrEqual(callLimits.atOnce);
    expect(await run.plugin.end()).toBe(0);
  },
  60_000,
);
