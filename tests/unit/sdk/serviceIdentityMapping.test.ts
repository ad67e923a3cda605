import { afterEach, describe, expect, it, vi } from "vitest";
import { emrRules as rules } from "../../../sdk/services.ts";
import { awsAuth, failureOf, kubernetes, mappingType, pulumi, runOnMocks } from "./mocks.ts";

const { ServiceIdentityMapping } = awsAuth;
const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
const arn = "arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod";
const emr = { serviceName: "emr-containers", namespace: "spark" } as const;
const roleIn = (partition: string) => `arn:${partition}:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers`;

afterEach(() => {
  pulumi.runtime.setConfig("aws-auth:cluster", "");
  pulumi.runtime.setConfig("aws-auth:authenticationMode", "");
  vi.restoreAllMocks();
});

/** The inputs of the mapping of EMR with these arguments. */
async function mapped(more: object): Promise<object | undefined> {
  const { mappings, calls } = await runOnMocks(() => new ServiceIdentityMapping("emr", { ...emr, ...more }));
  expect(calls).toEqual([]);
  return mappings[0]?.inputs;
}

describe("ServiceIdentityMapping", () => {
  it("registers EMR's Role, RoleBinding and mapping, with the Kubernetes provider of its options", async () => {
    const { resources } = await runOnMocks(() => {
      const provider = new kubernetes.Provider("k8s", { context: "prod" });
      return new ServiceIdentityMapping("emr", { ...emr, cluster: arn }, { providers: { kubernetes: provider } });
    });
    const metadata = { name: "emr-containers", namespace: "spark", annotations: { "pulumi.com/patchForce": "true" } };
    const own = resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
    expect(own).toMatchObject([
      { type: "aws-auth:index:ServiceIdentityMapping", name: "emr" },
      { type: `${rbac}:Role`, name: "emr", inputs: { metadata, rules } },
      {
        type: `${rbac}:RoleBinding`,
        inputs: {
          metadata,
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "emr-containers" },
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "emr-containers" }],
        },
      },
      { type: mappingType, inputs: { cluster: arn, arn: roleIn("aws-cn"), username: "emr-containers" } },
    ]);
    expect(own[1]?.provider).toContain("pulumi:providers:kubernetes::k8s");
  });

  it("registers a Role and a RoleBinding for each of several namespaces, and one mapping", async () => {
    const { resources } = await runOnMocks(
      () => new ServiceIdentityMapping("emr", { ...emr, cluster: arn, namespace: ["spark", "jobs"] }),
    );
    expect(resources.map(({ type, name }) => `${type.replace(/^.*:/, "")} ${name}`).toSorted()).toEqual([
      "IdentityMapping emr",
      "Role emr-jobs",
      "Role emr-spark",
      "RoleBinding emr-jobs",
      "RoleBinding emr-spark",
      "ServiceIdentityMapping emr",
    ]);
  });

  it.each([
    ["the ARN of the cluster", arn, "aws-cn"],
    ["a cluster resource", { name: pulumi.output("prod"), arn: pulumi.output(arn) }, "aws-cn"],
    ["an object with the ARN", { name: arn, profile: "x" }, "aws-cn"],
    ["the account beside the cluster's name", { name: "prod", account: pulumi.output("444455556666") }, "aws"],
    ["account and region", { name: "prod", account: "444455556666", region: "us-gov-west-1" }, "aws-us-gov"],
  ])("takes account and partition from %s", async (_, cluster, partition) => {
    expect(await mapped({ cluster })).toMatchObject({ arn: roleIn(partition) });
  });

  it("takes the account from the ARN of the stack's cluster, or roleArn as it is", async () => {
    pulumi.runtime.setConfig("aws-auth:cluster", arn);
    expect(await mapped({})).toMatchObject({ arn: roleIn("aws-cn") });
    const roleArn = "arn:aws:iam::111122223333:role/other";
    expect(await mapped({ roleArn, adopt: true })).toMatchObject({ arn: roleArn, adopt: true });
  });

  it("refuses a cluster whose account is not known", async () => {
    await expect(mapped({ cluster: "prod" })).rejects.toThrow(
      'ServiceIdentityMapping "emr": the account of the service-linked role is not known; name the cluster by its ARN, add account to cluster, or set roleArn (serviceRoleArn in IdentityMappings)',
    );
  });

  it.each([
    ["API_AND_CONFIG_MAP", {}, 1],
    ["CONFIG_MAP", { authenticationMode: pulumi.output("API" as const) }, 1],
    ["API", { authenticationMode: "CONFIG_MAP" as const }, 0],
  ])("stays in aws-auth with the stack's mode %s and the arguments %j, and says so", async (mode, more, count) => {
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue();
    pulumi.runtime.setConfig("aws-auth:authenticationMode", mode);
    expect(await mapped({ cluster: arn, ...more })).toMatchObject({ authenticationMode: "CONFIG_MAP" });
    expect(info.mock.calls.filter(([text]) => text.startsWith("this mapping stays in aws-auth"))).toHaveLength(count);
  });

  it.each([
    ["aws-batch", "spark", 'invalid service name "aws-batch"; the only service is emr-containers'],
    ["emr-containers", "Not_One", 'namespace "Not_One" cannot be the name of a namespace'],
  ])("refuses service %s in namespace %s without a stack", async (serviceName, namespace, message) => {
    const run = () => Reflect.construct(ServiceIdentityMapping, ["emr", { serviceName, namespace }]);
    expect(await failureOf(run)).toContain(`ServiceIdentityMapping "emr": ${message}`);
  });
});
