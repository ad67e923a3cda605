import { beforeEach, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { denied } from "../../faults/awsFaults.ts";
import { unfolded } from "../../support/unfolded.ts";
import { statusBody } from "../cluster/apiServer.ts";
import { account, type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { type Provider, type Stored, startRun } from "./entryStack.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const team = { arn: arnOf("team"), username: "team", groups: ["viewers"] };

let world: EntriesWorld;
let told: string[] = [];

beforeEach(async () => {
  told = [];
  vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
  world = await entriesWorld("API_AND_CONFIG_MAP");
  world.kubernetes.data = { mapRoles: "[]\n" };
  for (const name of ["team", "boss"]) {
    world.aws.principals.create(arnOf(name));
  }
  world.clock.behind -= 30_000;
  return () => vi.restoreAllMocks();
});

const map = () => world.kubernetes.data?.["mapRoles"] ?? "";

/** What a program passes of a mapping. */
function newsOf(mapping: object, more: object = {}, stack = "prod") {
  const urn = `urn:pulumi:${stack}::infra::t::team`;
  const label = `organization/infra/${stack} team`;
  const context = { urn, label, stem: stemOf("organization", urn), isPreview: false, ...more };
  return { ...mapping, __context: JSON.stringify(context) };
}

type Kept = "CONFIG_MAP" | "API";

/** Creates a mapping; returns its inputs too. */
async function made(run: Provider, news: Readonly<Record<string, unknown>>): Promise<Stored & { inputs: object }> {
  const { inputs = {}, failures = [] } = await run.check({}, news);
  expect(failures).toEqual([]);
  const { id, outs } = await run.create(inputs);
  return { id, outs: { ...outs }, inputs };
}

it("an access entry that was there before stays where the last of two has read it before the other one left", async () => {
  world.aws.addServiceEntry("prod", team.arn, { type: "STANDARD", username: "team", groups: ["viewers"] });
  const [one, two] = [
    await made(await startRun("API"), newsOf(team)),
    await made(await startRun("API"), newsOf(team, {}, "other")),
  ];
  const last = await startRun("API");
  // As with the option refresh: always.
  await last.read(one.id, one.outs);
  await (await startRun("API")).delete(two.id, two.outs);
  await last.delete(one.id, one.outs);
  expect(world.aws.entry("prod", team.arn)).toBeDefined();
  expect(told.join("\n")).toContain("it existed before this resource was created");
});

it("a change of one group beside one that is ignored may move at the same time", async () => {
  const { inputs } = await made(await startRun("API"), newsOf({ ...team, groups: ["a", "b"] }));
  const news = newsOf({ ...team, groups: ["a", "c"] }, { ignoreChanges: ["groups[0]"] });
  const { failures = [] } = await (await startRun("CONFIG_MAP")).check({ ...inputs }, news);
  expect(failures).toEqual([]);
});

it.each([
  ["as it is", ["viewers"]],
  ["with other groups", ["ops"]],
])("a replacement in an access entry, %s, lets its principal in before the old one goes", async (_title, groups) => {
  const { id, inputs, outs } = await made(await startRun("CONFIG_MAP"), newsOf(team));
  const run = await startRun("API");
  const { KnownEntries } = await import("../../../provider/session/knownEntries.ts");
  const waits: boolean[] = [];
  vi.spyOn(KnownEntries.prototype, "inForce").mockImplementation(async () => {
    waits.push(map().includes("role/team"));
  });
  const news = newsOf({ ...team, groups });
  expect((await run.check({ ...inputs }, news)).failures ?? []).toEqual([]);
  await made(run, news);
  await run.delete(id, outs);
  expect([waits.includes(true), map()]).toEqual([true, "[]\n"]);
});

it.each([
  ["CONFIG_MAP", "API", "an access entry", "t::renamed"],
  ["API", "CONFIG_MAP", "aws-auth", "t::renamed"],
  ["CONFIG_MAP", "API", "an access entry", "parent$t::team"],
  ["API", "CONFIG_MAP", "aws-auth", "parent$t::team"],
] as const)(
  "a new name or parent in another place, from %s to %s, that fails takes no access where the run goes on",
  async (from, to, where, renamed) => {
    const { id, outs } = await made(await startRun(from), newsOf(team));
    const run = await startRun(to);
    const urn = `urn:pulumi:prod::infra::${renamed}`;
    const label = `organization/infra/prod ${renamed.replace(/.*::/, "")}`;
    const named = { urn, label, stem: stemOf("organization", urn) };
    world.aws.before = (call) => (call.operation === "CreateAccessEntry" ? denied(call) : undefined);
    world.kubernetes.disturb = () =>
      world.kubernetes.requests.at(-1)?.line.startsWith("PATCH") === true
        ? { status: 403, body: statusBody(403, "Forbidden", "no") }
        : undefined;
    await expect(made(run, newsOf(team, named))).rejects.toThrow();
    world.kubernetes.disturb = undefined;
    // As with --continue-on-error.
    const error = await run.delete(id, outs).catch(({ message }: Error) => unfolded(message));
    expect(error).toContain(`is to be kept in ${where} by "${label}", which has failed`);
    expect(map().includes("role/team") || world.aws.entry("prod", team.arn) !== undefined).toBe(true);
  },
);

it("an administrator's entry in aws-auth stays where a new name has left an access entry without its policy", async () => {
  const boss = { arn: arnOf("boss"), username: "boss", groups: ["system:masters"] };
  const { id, outs } = await made(await startRun("CONFIG_MAP"), newsOf(boss));
  const run = await startRun("API");
  const urn = "urn:pulumi:prod::infra::t::renamed";
  world.aws.before = (call) => (/^(Associate|Delete)Access/.test(call.operation) ? denied(call) : undefined);
  const named = { urn, label: "organization/infra/prod renamed", stem: stemOf("organization", urn) };
  await expect(made(run, newsOf(boss, named))).rejects.toThrow();
  expect(world.aws.entry("prod", boss.arn)?.policies).toEqual([]);
  await run.delete(id, outs).catch(() => undefined);
  expect(map()).toContain("role/boss");
});

it.each<[title: string, settings: Record<string, string>, from: Kept, to: Kept]>([
  ["is", {}, "CONFIG_MAP", "API"],
  ["has no claim", { "aws-auth:ownership": "off" }, "CONFIG_MAP", "API"],
  ["has no claim", { "aws-auth:ownership": "off" }, "API", "CONFIG_MAP"],
  ["has the label of a stack that is renamed", {}, "CONFIG_MAP", "API"],
])(
  "what is deleted before it is replaced, and %s, does not wait for itself: with %j, from %s to %s",
  async (title, settings, from, to) => {
    const { id, inputs, outs } = await made(await startRun(from, settings), newsOf(team));
    const run = await startRun(to, settings);
    const news = newsOf(team, {}, title.includes("renamed") ? "renamed" : "prod");
    // As with deleteBeforeReplace and replaceOnChanges.
    for (const olds of [{ ...inputs }, {}]) {
      expect((await run.check(olds, news)).failures ?? []).toEqual([]);
    }
    await run.delete(id, outs);
    await made(run, news);
    expect(map().includes("role/team")).toBe(to === "CONFIG_MAP");
    expect(world.aws.entry("prod", team.arn) !== undefined).toBe(to === "API");
  },
);
