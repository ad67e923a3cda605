import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { check } from "../../../provider/index.ts";
import { currentRun } from "../../../provider/lifecycle/run.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";

const plain = "arn:aws:iam::111122223333:role/dev";
const pathed = "arn:aws:iam::111122223333:role/eng/dev";
const entry = (arn: string, group = "viewers") => `- rolearn: ${arn}\n  username: dev\n  groups:\n    - ${group}\n`;
const component = "aws-auth:index:IdentityMappings";
const doors = ["pulumi-nodejs:dynamic/aws-auth:IdentityMapping", "aws-auth:index:IdentityMapping"];

describe("a mapping of a ClusterConfig whose ARN has the role's path", () => {
  let directory: string;
  let manifest: string;
  let made = 0;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "config-items-"));
    // Each of its own, since a run reads a map once.
    made += 1;
    manifest = join(directory, `map${made}.yaml`);
    currentRun().settings = { config: () => undefined, env: {}, cwd: directory };
    vi.spyOn(console, "error").mockReturnValue();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  const item = (given: object) => ({
    cluster: { manifest },
    arn: pathed,
    username: "dev",
    groups: ["viewers"],
    ...given,
  });
  async function refusals(types: string, given: object = {}, olds: object = {}) {
    const urn = `urn:pulumi:dev::infra::${types}::team-111122223333-role-dev`;
    const __context = JSON.stringify({ urn, label: "organization/infra/dev team", isPreview: true });
    const { failures = [] } = await check({ ...olds }, { ...item(given), __context });
    return failures.map(({ property, reason }) => [property, unfolded(reason)]);
  }

  it.each<[string, string, object]>([["there is no entry at all", "[]\n", {}]])(
    "is refused where %s",
    async (_title, mapRoles, given) => {
      writeFileSync(manifest, manifestOf({ mapRoles }));
      expect(await refusals(`${component}$${doors[0]}`, given)).toEqual([
        ["arn", expect.stringContaining("would give access")],
      ]);
    },
  );

  it.each<[string, string, string, object, boolean?]>([
    ["the component adopts", entry(pathed), `${component}$${doors[0]}`, { adopt: true }],
    ["the file has no path", "[]\n", `${component}$${doors[0]}`, { arn: plain }],
    ["a program says it", "[]\n", `${doors[0]}`, {}],
    ["another component says it", "[]\n", `company:Access$${doors[0]}`, {}],
    ["the stack has it already", "[]\n", `${component}$${doors[0]}`, {}, true],
  ])("is accepted where %s", async (_title, mapRoles, types, given, isInState = false) => {
    writeFileSync(manifest, manifestOf({ mapRoles }));
    const olds = isInState ? { ...item({}), arn: plain } : {};
    expect(await refusals(types, given, olds)).toEqual([]);
  });

  it("is refused on another cluster than the one on which the stack has it", async () => {
    writeFileSync(manifest, manifestOf({ mapRoles: "[]\n" }));
    const olds = { ...item({}), arn: plain, cluster: { manifest: join(directory, "other.yaml") } };
    expect(await refusals(`${component}$${doors[0]}`, {}, olds)).toEqual([
      ["arn", expect.stringContaining("would give access")],
    ]);
  });

  it("is accepted in a replacement of the one that the stack has, of which the engine calls check without the old state too", async () => {
    writeFileSync(manifest, manifestOf({ mapRoles: "[]\n" }));
    const types = `${component}$${doors[0]}`;
    expect(await refusals(types, {}, { ...item({}), arn: plain })).toEqual([]);
    expect(await refusals(types)).toEqual([]);
  });
});

describe("an AWS service that a ClusterConfig maps for two namespaces", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "services-"));
    vi.resetModules();
    vi.spyOn(console, "error").mockReturnValue();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  /** What the checks of two mappings of the service's role say, one after the other. */
  async function refusals(types: readonly [string, string], given: readonly [object, object] = [{}, {}]) {
    const manifest = join(directory, "map.yaml");
    writeFileSync(manifest, manifestOf({ mapRoles: "[]\n" }));
    const provider: typeof import("../../../provider/index.ts") = await import("../../../provider/index.ts");
    const all: string[] = [];
    for (const [index, type] of types.entries()) {
      const urn = `urn:pulumi:dev::infra::${type}::team-${index}`;
      const { failures = [] } = await provider.check(
        {},
        {
          cluster: { manifest },
          arn: "arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers",
          username: "emr-containers",
          noDuplicateARNs: true,
          ...given[index],
          __context: JSON.stringify({ urn, label: `organization/infra/dev team-${index}` }),
        },
      );
      all.push(...failures.map(({ reason }) => unfolded(reason)));
    }
    return all;
  }
  const service = "aws-auth:index:ServiceIdentityMapping";

  it.each(doors)("shares its entry although noDuplicateARNs is true: %s", async (type) => {
    const types = `${component}$${service}$${type}`;
    expect(await refusals([types, types])).toEqual([]);
    expect(await refusals([`${service}$${type}`, types])).toEqual([]);
  });

  it.each<[string, readonly [string, string], (readonly [object, object])?]>([
    ["the two say something else", [service, service], [{}, { username: "other" }]],
    ["one of the two is not a service", [service, component]],
    ["neither is a service", [component, component]],
  ])("is refused where %s", async (_title, parents, given) => {
    const [first, second] = parents.map((parent) => `${parent}$${doors[0]}`);
    expect(await refusals([first ?? "", second ?? ""], given)).toEqual([
      expect.stringContaining('is mapped by two resources of this program, "team-0" and "team-1"'),
    ]);
  });
});
