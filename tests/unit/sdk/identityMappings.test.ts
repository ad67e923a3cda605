import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { head } from "./clusterConfig/support.ts";
import { awsAuth, pulumi, runOnMocks } from "./mocks.ts";

const { IdentityMappings } = awsAuth;
const mapping = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";
const role = "arn:aws:iam::111122223333:role/dev";
const metadata = { name: "demo", region: "us-west-2" };

let directory: string;
const file = (text: string): string => {
  const path = join(directory, "cluster.yaml");
  writeFileSync(path, text);
  return path;
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "aws-auth-config-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

async function failureOf(args: object): Promise<string> {
  const run = runOnMocks(() => Reflect.construct(IdentityMappings, ["team", args]));
  const error: unknown = await run.catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  return error instanceof Error ? error.message : "";
}

describe("IdentityMappings", () => {
  it("registers a child for each item of a file, on the cluster of its metadata", async () => {
    const path = file(`${head}  - { arn: "${role}", username: dev, groups: [a] }
  - { arn: "arn:aws:iam::111122223333:user/oncall", groups: [b], noDuplicateARNs: true }
  - account: "012345678901"
`);
    const { resources } = await runOnMocks(() => new IdentityMappings("team", { file: path }));
    const mappings = resources.filter(({ type }) => type === mapping);
    expect(mappings.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "team-111122223333-role-dev",
        "team-111122223333-user-oncall",
        "team-account-012345678901",
      ]),
    );
    expect(mappings).toHaveLength(3);
    expect(mappings.map(({ inputs }) => inputs)).toEqual(
      expect.arrayContaining([
        { cluster: metadata, arn: role, username: "dev", groups: ["a"] },
        { cluster: metadata, arn: "arn:aws:iam::111122223333:user/oncall", groups: ["b"] },
        { cluster: metadata, account: "012345678901" },
      ]),
    );
  });

  // An empty name, such as of a variable that is not set, is refused by the check of each mapping.
  it.each([{ context: "prod" }, ""])(
    "takes a value as well, and the cluster and adopt of the program: %j",
    async (cluster) => {
      const config = { iamIdentityMappings: [{ arn: role, username: "dev" }] };
      const { resources } = await runOnMocks(() => new IdentityMappings("team", { config, cluster, adopt: true }));
      expect(resources.find(({ type }) => type === mapping)?.inputs).toEqual({
        cluster,
        arn: role,
        username: "dev",
        adopt: true,
      });
    },
  );

  it("stores roles, users and accounts where authenticationMode specifies, and one mapping of a service in aws-auth", async () => {
    const said = vi.spyOn(pulumi.log, "info").mockImplementation(async () => undefined);
    const iamIdentityMappings = [
      { arn: role, username: "dev" },
      { serviceName: "emr-containers", namespace: "spark" },
      { serviceName: "emr-containers", namespace: "jobs" },
    ];
    const cluster = { name: "prod", account: "111122223333" };
    const { resources } = await runOnMocks(
      () => new IdentityMappings("team", { cluster, config: { iamIdentityMappings }, authenticationMode: "API" }),
    );
    const mappings = resources.filter(({ type }) => type === mapping);
    expect(mappings.map(({ name, inputs }) => [name, inputs["authenticationMode"]])).toEqual([
      ["team-111122223333-role-dev", "API"],
      ["team-emr-containers", "CONFIG_MAP"],
    ]);
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("this mapping stays in aws-auth in authenticationMode API too"),
    ]);
    said.mockRestore();
  });

  it("refuses a file with problems, without a stack", async () => {
    const path = file(`${head}  - user: ${role}\n`);
    expect(await failureOf({ file: path })).toContain(
      `IdentityMappings "team": ${path} is not a valid ClusterConfig:\n  ${path}:7: iamIdentityMappings[0].user: unknown key "user"; valid keys: arn, `,
    );
  });

  it("refuses a file for another cluster than the stack's, which the component's cluster decides", async () => {
    const path = file(`${head}  - { arn: "${role}", username: dev }\n`);
    pulumi.runtime.setAllConfig({ "aws-auth:manifest": "map.yaml" });
    onTestFinished(() => pulumi.runtime.setAllConfig({}));
    for (const args of [{ file: path }, { file: path, cluster: null }]) {
      expect(await failureOf(args)).toContain(
        `${path}:3: metadata names EKS cluster "demo" in us-west-2, but stack configuration names aws-auth:manifest "map.yaml"`,
      );
    }
    const { resources } = await runOnMocks(() => new IdentityMappings("team", { file: path, cluster: "demo" }));
    expect(resources.find(({ type }) => type === mapping)?.inputs["cluster"]).toBe("demo");
  });

  it.each([
    [{}, "neither file nor config is set; set one"],
    [{ file: "a", config: {} }, "both file and config are set; keep one"],
    [{ file: "none.yaml" }, "none.yaml cannot be read: there is no such file (looked for "],
    [{ file: "." }, ". cannot be read: it is a directory"],
    [
      { config: { metadata, iamIdentityMappings: [{ arn: pulumi.output(role), username: "x" }] } },
      "config contains an output of another resource, which is not known in time to create a mapping from it; use an IdentityMapping for that",
    ],
  ])("refuses %j", async (args, message) => {
    expect(await failureOf(args)).toContain(`IdentityMappings "team": ${message}`);
  });
});
