import { expect, it } from "vitest";
import { mapConcurrent } from "../../provider/async.ts";
import { claimTags } from "../../provider/claims.ts";
import { sample } from "../support/nightly.ts";
import { type Kept, PluginRun } from "../support/plugin/pluginRun.ts";
import { account, type EntriesWorld, entriesWorld } from "../unit/cluster/eks/entriesWorld.ts";
import { temporaryDirectory } from "../unit/cluster/support.ts";

/** How many resources the engine has in progress at once. */
const parallel = 16;
const count = 300;

interface Mapping {
  readonly name: string;
  readonly inputs: { readonly arn: string; readonly username: string; readonly groups: readonly string[] };
  readonly kept: Kept;
}

/** Mappings in access entries, as an earlier run left them in EKS and in the state. */
function stackOf({ aws }: EntriesWorld): Mapping[] {
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(6, "0");
    const [name, id] = [`p${number}`, `stem0000.${number}`];
    const arn = `arn:aws:iam::${account}:role/${name}`;
    const inputs = { arn, username: `${name}-user`, groups: ["viewers"] };
    aws.principals.create(arn);
    const tags = claimTags({ principal: arn, id, owner: `infra/prod ${name}` });
    aws.addServiceEntry("prod", arn, { ...inputs, type: "STANDARD", tags: { ...tags } });
    const cluster = { name: "prod", region: "eu-central-1", account };
    const stored = { __claim: id, __accessEntry: { principalArn: arn }, authenticationMode: "API" };
    const outs = { ...inputs, cluster, ...stored };
    return { name, inputs, kept: { id: `eks:eu-central-1/${account}/prod/${arn}`, inputs: outs, outs } };
  });
}

/** How often each operation was called. */
function counted({ aws }: EntriesWorld): Record<string, number> {
  const calls = Object.groupBy(aws.calls, ({ operation }) => operation);
  return Object.fromEntries(Object.entries(calls).map(([name, of]) => [name, of?.length ?? 0]));
}

it.each(sample(["a preview", "a refresh"]))(
  `%s of ${count} mappings reads each list once, and each entry once`,
  async (what) => {
    const world = await entriesWorld("API");
    const mappings = stackOf(world);
    world.aws.forgetCalls();
    const run = await PluginRun.start(await temporaryDirectory(), {
      cluster: "prod",
      region: "eu-central-1",
      authenticationMode: "API",
    });
    const found: string[] = [];
    await mapConcurrent(mappings, parallel, async ({ name, inputs: given, kept }) => {
      // The engine refreshes each resource before it checks it.
      const read = await run.read(name, kept);
      if (read === undefined || what === "a refresh") {
        found.push(...(read === undefined ? [name] : []));
        return;
      }
      const { inputs, failures } = await run.check(name, given, read);
      const changes = failures.length > 0 ? [] : await run.diff(name, read, inputs);
      found.push(...failures, ...(changes === undefined ? [] : [name, ...changes]));
    });
    expect(found).toEqual([]);
    expect(counted(world)).toEqual({
      DescribeCluster: 1,
      ListAccessEntries: Math.ceil(count / 100),
      DescribeAccessEntry: count,
      ListAssociatedAccessPolicies: count,
    });
    expect(world.aws.mostAtOnce).toBeLessThanOrEqual(8);
    expect(await run.plugin.end()).toBe(0);
  },
  60_000,
);
