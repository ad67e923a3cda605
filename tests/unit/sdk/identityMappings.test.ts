import { describe, expect, it, onTestFinished, vi } from "vitest";
import { cliDirectory } from "../../support/cli/runCli.ts";
import { head } from "./clusterConfig/support.ts";
import { awsAuth, failureOf, pulumi, runOnMocks } from "./mocks.ts";

const { IdentityMappings } = awsAuth;
const role = "arn:aws:iam::111122223333:role/dev";
const metadata = { name: "demo", region: "us-west-2" };
const item = `${head}  - { arn: "${role}", username: dev }\n`;

const { file, write } = cliDirectory({});
/** A file with this text. */
const fileOf = (text: string): string => {
  write({ "cluster.yaml": text });
  return file("cluster.yaml");
};
const refusalOf = (args: object) => failureOf(() => Reflect.construct(IdentityMappings, ["team", args]));

describe("IdentityMappings", () => {
  it("registers a child for each item of a file, on the cluster of its metadata", async () => {
    const path = fileOf(`${head}  - { arn: "${role}", username: dev, groups: [a] }
  - { arn: "arn:aws:iam::111122223333:user/oncall", groups: [b], noDuplicateARNs: true }
  - account: "012345678901"
`);
    const { mappings } = await runOnMocks(() => new IdentityMappings("team", { file: path }));
    expect(mappings.map(({ name, inputs }) => [name, inputs])).toEqual([
      ["team-111122223333-role-dev", { cluster: metadata, arn: role, username: "dev", groups: ["a"] }],
      [
        "team-111122223333-user-oncall",
        { cluster: metadata, arn: "arn:aws:iam::111122223333:user/oncall", groups: ["b"] },
      ],
      ["team-account-012345678901", { cluster: metadata, account: "012345678901" }],
    ]);
  });

  // An empty name, such as of a variable that is not set, is refused by the check of each mapping.
  it.each([{ context: "prod" }, ""])(
    "takes a value as well, and the cluster and adopt of the program: %j",
    async (cluster) => {
      const config = { iamIdentityMappings: [{ arn: role, username: "dev" }] };
      const { mappings } = await runOnMocks(() => new IdentityMappings("team", { config, cluster, adopt: true }));
      expect(mappings.map(({ inputs }) => inputs)).toEqual([{ cluster, arn: role, username: "dev", adopt: true }]);
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
    const { mappings } = await runOnMocks(
      () => new IdentityMappings("team", { cluster, config: { iamIdentityMappings }, authenticationMode: "API" }),
    );
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
    const path = fileOf(`${head}  - user: ${role}\n`);
    expect(await refusalOf({ file: path })).toContain(
      `IdentityMappings "team": ${path} is not a valid ClusterConfig:\n  ${path}:7: iamIdentityMappings[0].user: unknown key "user"; valid keys: arn, `,
    );
  });

  it("refuses a file for another cluster than the stack's, which the component's cluster decides", async () => {
    const path = fileOf(item);
    pulumi.runtime.setAllConfig({ "aws-auth:manifest": "map.yaml" });
    onTestFinished(() => pulumi.runtime.setAllConfig({}));
    for (const args of [{ file: path }, { file: path, cluster: null }]) {
      expect(await refusalOf(args)).toContain(
        `${path}:3: metadata names EKS cluster "demo" in us-west-2, but stack configuration names aws-auth:manifest "map.yaml"`,
      );
    }
    const { mappings } = await runOnMocks(() => new IdentityMappings("team", { file: path, cluster: "demo" }));
    expect(mappings.map(({ inputs }) => inputs["cluster"])).toEqual(["demo"]);
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
    expect(await refusalOf(args)).toContain(`IdentityMappings "team": ${message}`);
  });
});
