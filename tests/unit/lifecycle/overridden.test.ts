import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { entry, iam, type MigrationWorld, migrationWorld } from "../../support/migration/world.ts";
import { unfolded } from "../../support/unfolded.ts";

const arn = iam("role/eng/dev");
const entries = {
  same: entry(iam("role/dev"), "dev", "viewers"),
  other: entry(iam("role/dev"), "dev", "editors"),
  ineffective: entry(arn, "dev", "editors"),
};

/** What `check` says of a resource that maps the role "dev" to viewers, in a run of its own. */
async function problems({ aws, caller }: MigrationWorld, args: object, olds: Readonly<Record<string, unknown>> = {}) {
  for (const [name, value] of Object.entries(aws.env(caller))) {
    vi.stubEnv(name, value);
  }
  vi.resetModules();
  const { check, configure } = await import("../../../provider/index.ts");
  const values: Readonly<Record<string, string>> = {
    "aws-auth:cluster": "prod",
    "aws-auth:authenticationMode": "API",
    "aws:region": "eu-central-1",
  };
  await configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  const given = { arn, username: "dev", groups: ["viewers"], ...args };
  const { failures = [] } = await check(olds, {
    ...given,
    __context: JSON.stringify({ urn: "urn:pulumi:test::test::t::dev" }),
  });
  return failures;
}

describe("a new access entry for somebody whom aws-auth maps", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockReturnValue());
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it("is refused where they would become somebody else by it", async () => {
    const world = await migrationWorld({ mapRoles: entries.other });
    expect(await problems(world, {})).toEqual([
      {
        property: "arn",
        reason: expect.stringMatching(
          /^arn "arn:aws:iam::111122223333:role\/dev" is already mapped in .* by mapRoles entry 1 \(username "dev", groups \["editors"\]\);\s+this resource says username "dev", groups \["viewers"\] in an access entry,?\s+which takes precedence;\s+say the same here/s,
        ),
      },
    ]);
  });

  it.each([
    ["aws-auth says the same", { mapRoles: entries.same }, {}],
    ["the last entry of aws-auth says the same, and counts", { mapRoles: entries.other + entries.same }, {}],
    ["the entry of aws-auth lets nobody in", { mapRoles: entries.ineffective }, {}],
    ["the resource is to adopt", { mapRoles: entries.other }, { adopt: true }],
    [
      "it is not known yet whether the resource is to adopt",
      { mapRoles: entries.other },
      { adopt: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
    ],
  ])("is made where %s", async (_title, data, args) => {
    expect(await problems(await migrationWorld(data), args)).toEqual([]);
  });

  it("is told of whom it overrides where the resource is to adopt", async () => {
    await problems(await migrationWorld({ mapRoles: entries.other }), { adopt: true });
    const told = unfolded(vi.mocked(console.error).mock.calls.join("\n"));
    expect(told).toMatch(
      /warning: arn ".*" is mapped in .* by mapRoles entry 1 \(username "dev", groups \["editors"\]\) too; this resource says username "dev", groups \["viewers"\] in an access entry, which takes precedence/,
    );
  });

  it("is made where the cluster ignores aws-auth", async () => {
    expect(await problems(await migrationWorld({ mapRoles: entries.other }, "API"), {})).toEqual([]);
  });

  it("stays where somebody adds an entry to aws-auth later, which does not count", async () => {
    const cluster = { name: "prod", region: "eu-central-1", account: "111122223333" };
    const olds = { cluster, arn, username: "dev", groups: ["viewers"], authenticationMode: "API" };
    expect(await problems(await migrationWorld({ mapRoles: entries.other }), {}, olds)).toEqual([]);
  });
});
