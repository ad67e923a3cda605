import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";

const component = "aws-auth:index:IdentityMappings";
const doors = ["pulumi-nodejs:dynamic/aws-auth:IdentityMapping", "aws-auth:index:IdentityMapping"];

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
