import { beforeEach, describe, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { unfolded } from "../../support/unfolded.ts";
import { type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { createIn, type Given, preview, rolesTo, type Stored, startRun } from "./entryStack.ts";

const [role] = rolesTo(1, ["viewers"]) as [Given];
const modes = ["CONFIG_MAP", "API", "API_AND_CONFIG_MAP"] as const;
type Mode = (typeof modes)[number];

/** What becomes of the resource: its name, or its type, as from the npm package to the plugin without an alias. */
const changes = [
  ["under another name", { resource: "renamed" }],
  ["as another type of its name", { type: "aws-auth:index:IdentityMapping" }],
] as const;

/** A resource without a claim, and the two processes of the run in which it comes under a new URN. */
async function twoProcesses(mode: Mode, change: Partial<Given>) {
  const world = await entriesWorld(mode === "API" ? "API" : "API_AND_CONFIG_MAP");
  world.aws.principals.create(role.arn);
  world.clock.behind -= 30_000;
  const start = () => startRun(mode, { "aws-auth:ownership": "off" });
  const old = await createIn(await start(), role);
  const [deleting, creating] = [await start(), await start()];
  return { world, start, old, given: { ...role, ...change }, deleting, creating };
}

/** What the engine passes to a check of a resource in the state, from the npm package. */
function oldInputsOf({ outs: { __accessEntry: entry, ...outs } }: Stored) {
  const { principalArn } = { ...(entry as object | undefined) } as { readonly principalArn?: string };
  return { ...outs, ...(principalArn !== undefined && { __accessEntry: { principalArn } }) };
}

function newsOf({ name, arn, groups, resource = name }: Given, more: object = {}) {
  const urn = `urn:pulumi:prod::infra::t::${resource}`;
  const label = `organization/infra/prod ${resource}`;
  const context = { urn, label, stem: stemOf("organization", urn), isPreview: false, ...more };
  return { arn, groups, username: `${name}-user`, __context: JSON.stringify(context) };
}

/** Where the role gets in. */
function accessIn({ aws, kubernetes }: EntriesWorld): readonly string[] {
  return [
    ...(kubernetes.data?.["mapRoles"]?.includes("role/p0000") ? ["aws-auth"] : []),
    ...aws.entries("prod").map(({ principalArn }) => principalArn.replace(/.*\//, "")),
  ];
}

function claimsIn({ aws, kubernetes }: EntriesWorld): readonly string[] {
  const tags = aws.entries("prod").flatMap((entry) => Object.values(entry.tags));
  return [...tags, ...(kubernetes.annotations["pulumi-aws-auth/claims"]?.match(/organization.*/g) ?? [])];
}

const whereKept = { CONFIG_MAP: ["aws-auth"], API: ["p0000"], API_AND_CONFIG_MAP: ["aws-auth", "p0000"] };

describe("with ownership off, a mapping that comes to another process", () => {
  let told: string[] = [];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    return () => vi.restoreAllMocks();
  });

  it.each(modes.flatMap((mode) => changes.map(([title, change]) => [title, mode, change] as const)))(
    "%s keeps its access in mode %s, and goes with its delete",
    async (_title, mode, change) => {
      const { world, start, old, given, deleting, creating } = await twoProcesses(mode, change);
      expect(claimsIn(world)).toEqual([]);
      const stored = await createIn(creating, given);
      await deleting.delete(old.id, old.outs);
      expect(accessIn(world)).toEqual(whereKept[mode]);
      expect(told.join("\n")).toContain(`stays: "organization/infra/prod ${given.resource ?? given.name}" wants it`);
      const next = await start();
      expect((await preview(next, given, stored)).changes).toBe(false);
      const { inputs } = await preview(next, { ...given, groups: ["editors"] }, stored, false);
      const { outs } = await next.update(stored.id, stored.outs, inputs);
      await (await start()).delete(stored.id, { ...outs });
      expect([accessIn(world), claimsIn(world)]).toEqual([[], []]);
    },
  );

  it.each(modes)(
    "keeps its access in mode %s if it changes before its old resource goes, in a later run",
    async (mode) => {
      const { world, start, old, given, deleting, creating } = await twoProcesses(mode, { resource: "renamed" });
      const stored = await createIn(creating, given);
      const next = await start();
      const { inputs = {} } = await next.check(stored.outs, newsOf(given, { ignoreChanges: ["username"] }));
      await next.update(stored.id, stored.outs, inputs);
      await deleting.delete(old.id, old.outs);
      expect(accessIn(world)).toEqual(whereKept[mode]);
    },
  );

  const groups = [
    ["as it is", ["viewers"]],
    ["with other groups", ["editors"]],
  ] as const;

  it.each(modes.flatMap((mode) => groups.map(([title, of]) => [title, mode, of] as const)))(
    "under its own name, %s, keeps its access in mode %s",
    async (_title, mode, of) => {
      const { world, start, old, deleting, creating } = await twoProcesses(mode, {});
      const news = newsOf({ ...role, groups: of });
      // An explicit provider in the place of another one: the engine checks with the old state, and then without it.
      expect((await creating.check(oldInputsOf(old), news)).failures ?? []).toEqual([]);
      const { inputs = {} } = await creating.check({}, news);
      const { id, outs } = await creating.create(inputs);
      await deleting.delete(old.id, old.outs);
      expect(accessIn(world)).toEqual(whereKept[mode]);
      await (await start()).delete(id, { ...outs });
      expect([accessIn(world), claimsIn(world)]).toEqual([[], []]);
    },
  );

  it.each(modes)("in one process, its replacement goes with it in mode %s", async (mode) => {
    const { world, start, old, creating } = await twoProcesses(mode, {});
    await creating.check(oldInputsOf(old), newsOf(role));
    const { inputs = {} } = await creating.check({}, newsOf(role));
    const { id, outs } = await creating.create(inputs);
    await creating.delete(old.id, old.outs);
    expect(accessIn(world)).toEqual(whereKept[mode]);
    await (await start()).delete(id, { ...outs });
    expect([accessIn(world), claimsIn(world)]).toEqual([[], []]);
  });

  it("is not told to delete the line of what replaces it, with ownership on", async () => {
    const { world } = await twoProcesses("CONFIG_MAP", {});
    const on = () => startRun("CONFIG_MAP");
    const admin = { ...role, name: "admin", arn: role.arn.replace(role.name, "admin") };
    world.aws.principals.create(admin.arn);
    const old = await createIn(await on(), admin);
    const [deleting, creating] = [await on(), await on()];
    await creating.check(oldInputsOf(old), newsOf(admin));
    const { inputs = {} } = await creating.check({}, newsOf(admin));
    await creating.create(inputs);
    await deleting.delete(old.id, old.outs);
    expect(told.join("\n")).toContain(`info: the entry for arn "${admin.arn}" stays`);
    expect(told.join("\n")).not.toContain("kubectl");
  });

  it("goes with its delete, though a run was killed before it took off the claim for the time of its policies", async () => {
    const { world, start } = await twoProcesses("API", {});
    const admin = { ...role, name: "admin", arn: role.arn.replace(role.name, "admin"), groups: ["system:masters"] };
    world.aws.principals.create(admin.arn);
    world.clock.behind -= 30_000;
    const killed = await start();
    const { KnownEntries } = await import("../../../provider/session/knownEntries.ts");
    vi.spyOn(KnownEntries.prototype, "settle").mockRejectedValueOnce(new Error("killed"));
    await expect(createIn(killed, admin)).rejects.toThrow("killed");
    const stored = await createIn(await start(), admin);
    const label = "organization/infra/prod admin";
    expect(claimsIn(world)).toEqual([label, label]);
    const next = await start();
    const { inputs } = await preview(next, { ...admin, groups: ["system:masters", "ops"] }, stored, false);
    const { outs } = await next.update(stored.id, stored.outs, inputs);
    await (await start()).delete(stored.id, { ...outs });
    expect(accessIn(world)).toEqual(whereKept.API);
  });

  it.each(modes)("is held by a stack that has joined it, and adopted from that, in mode %s", async (mode) => {
    const { start, old, given } = await twoProcesses(mode, {});
    await createIn(await start(), { ...given, stack: "other" });
    const run = await start();
    const news = newsOf({ ...given, groups: ["editors"] });
    const held = await run.check(oldInputsOf(old), news);
    expect(held.failures?.map(({ reason }) => unfolded(reason)).join("\n")).toContain("adopt: true");
    const { inputs = {}, failures = [] } = await run.check(oldInputsOf(old), { ...news, adopt: true });
    expect(failures).toEqual([]);
    await run.update(old.id, old.outs, inputs);
  });

  it.each(modes)("is told of where its claim is refused, in mode %s", async (mode) => {
    const { world, given, creating } = await twoProcesses(mode, { resource: "renamed" });
    world.aws.permit(world.deployer, ["eks:Describe*", "eks:List*", "iam:*"]);
    const { requests } = world.kubernetes;
    world.kubernetes.disturb = () =>
      /^(?:PUT|PATCH)/.test(requests.at(-1)?.line ?? "")
        ? { status: 403, body: { kind: "Status", message: "no annotations" } }
        : undefined;
    await createIn(creating, given);
    expect(told.join("\n")).toContain("claims on them are refused");
    expect(accessIn(world)).toEqual(whereKept[mode]);
  });

  it("makes no claim on an entry that is new", async () => {
    const { world } = await twoProcesses("API_AND_CONFIG_MAP", {});
    expect([accessIn(world), claimsIn(world)]).toEqual([whereKept.API_AND_CONFIG_MAP, []]);
  });
});
