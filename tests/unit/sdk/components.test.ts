import { afterEach, describe, expect, it, vi } from "vitest";
import { emrRules as rules } from "../../../sdk/serviceIdentityMapping.ts";
import { cliDirectory } from "../../support/cli/runCli.ts";
import { head } from "./clusterConfig/support.ts";
import { awsAuth, failureOf, kubernetes, mappingType, pulumi, runOnMocks } from "./mocks.ts";

const { IdentityMappings, ServiceIdentityMapping } = awsAuth;

afterEach(() => {
  pulumi.runtime.setAllConfig({});
  vi.restoreAllMocks();
});

describe("IdentityMappings", () => {
  const role = "arn:aws:iam::111122223333:role/dev";
  const metadata = { name: "demo", region: "us-west-2" };
  const { file } = cliDirectory({ "cluster.yaml": `${head}  - { arn: "${role}", noDuplicateARNs: true }\n` });
  const refusalOf = (args: object) => failureOf(() => Reflect.construct(IdentityMappings, ["team", args]));

  it("registers a child for each item of a file, on the cluster of its metadata", async () => {
    const { mappings } = await runOnMocks(() => new IdentityMappings("team", { file: file("cluster.yaml") }));
    expect(mappings).toMatchObject([{ name: "team-111122223333-role-dev", inputs: { cluster: metadata, arn: role } }]);
  });

  // The check of each mapping refuses an empty name, such as that of an unset variable.
  it.each([{ context: "prod" }, ""])(
    "accepts a value, and the cluster and adopt of the program: %j",
    async (cluster) => {
      const config = { iamIdentityMappings: [{ arn: role, username: "dev" }] };
      const { mappings } = await runOnMocks(() => new IdentityMappings("team", { config, cluster, adopt: true }));
      expect(mappings.map(({ inputs }) => inputs)).toEqual([{ cluster, arn: role, username: "dev", adopt: true }]);
    },
  );

  it("stores roles, users and accounts where authenticationMode specifies, and the mapping of a service in aws-auth", async () => {
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
    const services = ["spark", "jobs"].map((namespace) => ({ serviceName: "emr-containers", namespace }));
    const config = { iamIdentityMappings: [{ arn: role, username: "dev" }, ...services] };
    const cluster = { name: "prod", account: "111122223333" };
    const { mappings } = await runOnMocks(
      () => new IdentityMappings("team", { cluster, config, authenticationMode: "API" }),
    );
    expect(mappings.map(({ name, inputs }) => [name, inputs["authenticationMode"]])).toEqual([
      ["team-111122223333-role-dev", "API"],
      ["team-emr-containers", "CONFIG_MAP"],
    ]);
    expect(info.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("this mapping stays in aws-auth with authenticationMode API"),
    ]);
  });

  it("refuses a file for a different cluster than the stack's, unless the component sets cluster", async () => {
    pulumi.runtime.setAllConfig({ "aws-auth:manifest": "map.yaml" });
    expect(await refusalOf({ file: file("cluster.yaml"), cluster: null })).toContain(
      ':3: metadata specifies EKS cluster "demo" in us-west-2, but the stack configuration specifies aws-auth:manifest "map.yaml"',
    );
    const args = { file: file("cluster.yaml"), cluster: "demo" };
    const { mappings } = await runOnMocks(() => new IdentityMappings("team", args));
    expect(mappings.map(({ inputs }) => inputs["cluster"])).toEqual(["demo"]);
  });

  const arn = pulumi.output(role);
  it.each([
    [{}, "neither file nor config is set; set one"],
    [{ file: "a", config: {} }, "both file and config are set; keep one"],
    [{ file: "none.yaml" }, "none.yaml cannot be read: there is no such file (looked for "],
    [{ file: "." }, ". cannot be read: it is a directory"],
    [
      { config: { metadata, iamIdentityMappings: [{ arn, username: "x" }] } },
      "config contains an output, but must be a plain value; use an IdentityMapping instead",
    ],
  ])("refuses %j", async (args, message) => {
    expect(await refusalOf(args)).toContain(`IdentityMappings "team": ${message}`);
  });
});

describe("ServiceIdentityMapping", () => {
  const arn = "arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod";
  const emr = { serviceName: "emr-containers", namespace: "spark" } as const;
  const roleIn = (partition: string) => `arn:${partition}:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers`;

  /** The inputs of the mapping of EMR with these arguments. */
  async function mapped(more: object): Promise<object | undefined> {
    const { mappings, calls } = await runOnMocks(() => new ServiceIdentityMapping("emr", { ...emr, ...more }));
    expect(calls).toEqual([]);
    return mappings[0]?.inputs;
  }

  it("registers EMR's Role, RoleBinding and mapping, with the Kubernetes provider of its options", async () => {
    const { resources } = await runOnMocks(() => {
      const provider = new kubernetes.Provider("k8s", { context: "prod" });
      return new ServiceIdentityMapping("emr", { ...emr, cluster: arn }, { providers: { kubernetes: provider } });
    });
    const metadata = { name: "emr-containers", namespace: "spark", annotations: { "pulumi.com/patchForce": "true" } };
    const apiGroup = "rbac.authorization.k8s.io";
    const own = resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    expect(own).toMatchObject([
      { type: "aws-auth:index:ServiceIdentityMapping" },
      { type: `kubernetes:${apiGroup}/v1:Role`, inputs: { metadata, rules } },
      {
        type: `kubernetes:${apiGroup}/v1:RoleBinding`,
        inputs: {
          metadata,
          roleRef: { apiGroup, kind: "Role", name: "emr-containers" },
          subjects: [{ apiGroup, kind: "User", name: "emr-containers" }],
        },
      },
      { type: mappingType, inputs: { cluster: arn, arn: roleIn("aws-cn"), username: "emr-containers" } },
    ]);
    expect(own[1]?.provider).toContain("pulumi:providers:kubernetes::k8s");
  });

  it("registers a Role and a RoleBinding for each of several namespaces, and one mapping", async () => {
    const args = { ...emr, cluster: arn, namespace: ["spark", "jobs"] };
    const { resources } = await runOnMocks(() => new ServiceIdentityMapping("emr", args));
    expect(resources.map(({ type, name }) => `${type.replace(/^.*:/, "")} ${name}`).toSorted()).toEqual([
      "IdentityMapping emr",
      ...["Role emr-jobs", "Role emr-spark", "RoleBinding emr-jobs", "RoleBinding emr-spark"],
      "ServiceIdentityMapping emr",
    ]);
  });

  it.each([
    ["the ARN of the cluster", arn, "aws-cn"],
    ["a cluster resource", { name: pulumi.output("prod"), arn: pulumi.output(arn) }, "aws-cn"],
    ["an object with the ARN", { name: arn, profile: "x" }, "aws-cn"],
    ["the account next to the cluster's name", { name: "prod", account: pulumi.output("444455556666") }, "aws"],
    ["account and region", { name: "prod", account: "444455556666", region: "us-gov-west-1" }, "aws-us-gov"],
  ])("uses account and partition of %s", async (_, cluster, partition) => {
    expect(await mapped({ cluster })).toMatchObject({ arn: roleIn(partition) });
  });

  it("uses the account in the ARN of the stack's cluster, or roleArn unchanged", async () => {
    pulumi.runtime.setConfig("aws-auth:cluster", arn);
    expect(await mapped({})).toMatchObject({ arn: roleIn("aws-cn") });
    const roleArn = "arn:aws:iam::111122223333:role/other";
    expect(await mapped({ roleArn, adopt: true })).toMatchObject({ arn: roleArn, adopt: true });
  });

  it.each([
    ["API_AND_CONFIG_MAP", {}, 1],
    ["CONFIG_MAP", { authenticationMode: pulumi.output("API" as const) }, 1],
    ["API", { authenticationMode: "CONFIG_MAP" as const }, 0],
  ])("uses aws-auth with the stack's mode %s and the arguments %j, and logs it", async (mode, more, count) => {
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
    pulumi.runtime.setConfig("aws-auth:authenticationMode", mode);
    expect(await mapped({ cluster: arn, ...more })).toMatchObject({ authenticationMode: "CONFIG_MAP" });
    expect(info.mock.calls.filter(([text]) => text.startsWith("this mapping stays in aws-auth"))).toHaveLength(count);
  });

  it.each<[more: object, message: string]>([
    [
      { cluster: "prod" },
      "the account of the service-linked role is not known; use the ARN of the cluster, add account to cluster, or set roleArn (serviceRoleArn in IdentityMappings)",
    ],
    [{ cluster: arn, namespace: "Not_One" }, 'namespace "Not_One" is not a valid name'],
  ])("refuses %j without a stack", async (more, message) => {
    const run = () => new ServiceIdentityMapping("emr", { ...emr, ...more });
    expect(await failureOf(run)).toContain(`ServiceIdentityMapping "emr": ${message}`);
  });
});
