import { beforeEach, describe, expect, it, vi } from "vitest";
import { unfolded } from "../../support/unfolded.ts";
import { type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { createIn, type Given, preview, rolesTo, startRun } from "./entryStack.ts";

const [role] = rolesTo(1, ["viewers"]);
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
  if (role === undefined) {
    throw new Error("there is no role");
  }
  world.aws.principals.create(role.arn);
  world.clock.behind -= 30_000;
  const start = () => startRun(mode, { "aws-auth:ownership": "off" });
  const old = await createIn(await start(), role);
  const [deleting, creating] = [await start(), await start()];
  return { world, start, old, given: { ...role, ...change }, deleting, creating };
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
    "%s keeps its access in mode %s, and loses its claim with its next change",
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
      expect([claimsIn(world), { ...outs }["__claim"]]).toEqual([[], undefined]);
      await (await start()).delete(stored.id, { ...outs });
      expect(accessIn(world)).toEqual([]);
    },
  );

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
