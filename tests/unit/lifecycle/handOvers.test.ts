import { beforeEach, expect, it, vi } from "vitest";
import { denied } from "../../faults/awsFaults.ts";
import { ProgramStack } from "../../faults/programStack.ts";
import { hear } from "../../support/hear.ts";
import { statusBody } from "../cluster/apiServer.ts";
import { account, type EntriesWorld } from "../cluster/eks/entriesWorld.ts";
import { programWorld } from "./programWorld.ts";

const dev = { arn: `arn:aws:iam::${account}:role/team`, username: "dev", groups: ["viewers"] };

let world: EntriesWorld;
let stack: ProgramStack;
const told: string[] = [];

beforeEach(async () => {
  hear(told);
  ({ world, stack } = await programWorld(dev.arn));
  return () => vi.restoreAllMocks();
});

const entry = () => world.aws.entry("prod", dev.arn);

it("a refresh that finds a mapping gone from aws-auth says that an access entry of another stack still lets in", async () => {
  const other = new ProgramStack("prod", "o/t/other");
  expect(await stack.up({ mappings: { dev }, mode: "CONFIG_MAP" })).toEqual([]);
  expect(await other.up({ mappings: { dev }, mode: "API" })).toEqual([]);
  world.kubernetes.data = { mapRoles: "[]\n" };
  told.length = 0;
  expect(await stack.refresh({ mode: "CONFIG_MAP" })).toEqual([]);
  expect([stack.states.size, told.join()]).toEqual([
    0,
    expect.stringMatching(/the access entry of .* stays and still gives access, claimed by "o\/t\/other dev"/),
  ]);
});

it.each(["on", "off"])(
  "an access entry that EKS makes without an answer is gone or told of, with ownership %s",
  async (ownership) => {
    world.aws.after = async ({ operation }) => (operation === "CreateAccessEntry" ? "cut" : undefined);
    const config = { "aws-auth:ownership": ownership };
    const [error = "", ...more] = await stack.up({ mappings: { dev }, mode: "API", config });
    expect([more, stack.states.size]).toEqual([[], 0]);
    expect([entry() !== undefined, error]).not.toEqual([true, expect.not.stringContaining("access entry of")]);
  },
);

const places = ["CONFIG_MAP", "API", "API_AND_CONFIG_MAP"] as const;

it.each(places.flatMap((from) => places.map((to) => [from, to] as const)))(
  "a new name with other groups, from %s to %s, that fails takes no access where the run goes on",
  async (from, to) => {
    const adopting = { ...dev, groups: ["ops"], adopt: true };
    expect(await stack.up({ mappings: { dev }, mode: from })).toEqual([]);
    world.aws.before = (call) => (/^(Create|Tag|Update)/.test(call.operation) ? denied(call) : undefined);
    const { requests } = world.kubernetes;
    world.kubernetes.disturb = () =>
      requests.at(-1)?.line.startsWith("PATCH") === true && requests.at(-1)?.body.includes("ops") === true
        ? { status: 403, body: statusBody(403, "Forbidden", "no") }
        : undefined;
    const program = { mappings: { renamed: adopting }, mode: to };
    const errors = await stack.up({ ...program, continuesOnError: true });
    expect(errors).toContainEqual(expect.stringMatching(/ is to be kept in .* by "o\/t\/s renamed", which has failed/));
    expect([world.kubernetes.data?.["mapRoles"]?.includes("role/team"), entry() !== undefined]).toContain(true);
    world.aws.before = undefined;
    world.kubernetes.disturb = undefined;
    expect(await stack.up(program)).toEqual([]);
    expect([...stack.states.keys()]).toEqual(["renamed"]);
    expect(await stack.plan(program)).toEqual({});
  },
);
