import { beforeEach, expect, it } from "vitest";
import { find } from "../../provider/lifecycle/import.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { entryLimits } from "../../provider/session/knownEntries.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import { roleArn, World } from "../support/lifecycle/world.ts";

beforeEach(() => void Object.assign(entryLimits, { inForce: 0, shown: { total: 100, first: 1, most: 1 } }));

const arn = roleArn("dev");
const item = `- rolearn: ${arn}\n  username: dev\n  groups: ["viewers"]\n`;

function found(world: World, id: string, mode?: string) {
  const run = new Run(world.wayTo);
  const config: Readonly<Record<string, string | undefined>> = {
    "aws-auth:cluster": "prod",
    "aws:region": "eu-central-1",
    "aws-auth:authenticationMode": mode,
  };
  run.settings = { config: (key) => config[key], env: {}, cwd: "/" };
  return find(run, id);
}

it("imports the entry of aws-auth by its ARN, and the next up claims it", async () => {
  const world = new World();
  world.edit(() => item);
  const read = await found(world, arn);
  expect(read).toMatchObject({
    id: `eks:eu-central-1/111122223333/prod/${arn}`,
    props: { arn, username: "dev", groups: ["viewers"], cluster: { name: "prod" } },
    inputs: { arn, username: "dev", groups: ["viewers"] },
  });
  expect(world.calls.filter((call) => call.startsWith("write"))).toEqual([]);
  const stack = new Stack(world);
  stack.states.set("dev", {
    id: read?.id ?? "",
    inputs: { ...read?.props },
    outs: { ...read?.props },
    isPartial: false,
  });
  expect(await stack.up({ mappings: { dev: { arn, username: "dev", groups: ["viewers"] } } })).toEqual([]);
  expect(world.left).toEqual([expect.stringContaining("infra/prod dev")]);
});

it.each(["API", "API_AND_CONFIG_MAP"])("imports the access entry in mode %s", async (mode) => {
  const world = new World();
  world.put("dev", { groups: ["viewers"] });
  expect(await found(world, arn, mode)).toMatchObject({
    props: { groups: ["viewers"], authenticationMode: mode, __accessEntry: { principalArn: arn } },
    inputs: { arn, groups: ["viewers"] },
  });
});

it("finds nothing where the configured mode has no entry", async () => {
  const world = new World();
  world.put("dev");
  expect(await found(world, arn)).toBeUndefined();
});

it.each([
  ["an ID that names no mapping", "nonsense", item, /is not the ID of an IdentityMapping/],
  ["what no program can declare", arn, item.replace('"viewers"', '"{{Unknown}}"'), /cannot be imported .* adopt: true/],
])("refuses %s", async (_title, id, text, reason) => {
  const world = new World();
  world.edit(() => text);
  await expect(found(world, id)).rejects.toThrow(reason);
});
