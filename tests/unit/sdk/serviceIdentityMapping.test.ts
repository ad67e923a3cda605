import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { services } from "../../../sdk/services.ts";
import { unfolded } from "../../support/unfolded.ts";
import { awsAuth, kubernetes, pulumi, runOnMocks } from "./mocks.ts";

const { ServiceIdentityMapping } = awsAuth;
const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
const mapping = "pulumi-nodejs:dynamic/aws-auth:IdentityMapping";

describe("ServiceIdentityMapping", () => {
  it("registers EMR's Role, RoleBinding and mapping, with the account and partition of the AWS provider", async () => {
    const { resources, calls } = await runOnMocks(
      () => new ServiceIdentityMapping("emr", { cluster: "prod", serviceName: "emr-containers", namespace: "spark" }),
    );
    const { rules } = services["emr-containers"];
    const metadata = {
      name: "emr-containers",
      namespace: "spark",
      annotations: { "pulumi.com/patchForce": "true" },
    };
    expect(resources).toHaveLength(4);
    expect(resources).toMatchObject([
      { type: "aws-auth:index:ServiceIdentityMapping", name: "emr" },
      { type: `${rbac}:Role`, inputs: { metadata, rules } },
      {
        type: `${rbac}:RoleBinding`,
        inputs: {
          metadata,
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "emr-containers" },
          subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "emr-containers" }],
        },
      },
      {
        type: mapping,
        inputs: {
          cluster: "prod",
          arn: "arn:aws-us-gov:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers",
          username: "emr-containers",
          noDuplicateARNs: false,
        },
      },
    ]);
    expect(resources[3]?.inputs).not.toHaveProperty("groups");
    expect(calls.toSorted()).toEqual([
      "aws:index/getCallerIdentity:getCallerIdentity",
      "aws:index/getPartition:getPartition",
    ]);
  });

  it.each([
    ["the ARN of the cluster", "arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod"],
    [
      "a cluster resource",
      { name: pulumi.output("prod"), arn: pulumi.output("arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod") },
    ],
    ["an object with the ARN", { name: "arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod", profile: "x" }],
  ])("takes account and partition from %s without asking AWS", async (_, cluster) => {
    const { resources, calls } = await runOnMocks(
      () => new ServiceIdentityMapping("emr", { cluster, serviceName: "emr-containers", namespace: "spark" }),
    );
    const arn = "arn:aws-cn:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers";
    expect(resources.find(({ type }) => type === mapping)?.inputs).toMatchObject({ arn });
    expect(calls).toEqual([]);
  });

  it.each([
    ["the account beside the cluster's name", { name: "prod", account: "444455556666" }],
    ["the same, which comes from another resource", { name: "prod", account: pulumi.output("444455556666") }],
  ])("takes %s, and asks AWS for the partition alone", async (_, cluster) => {
    const { resources, calls } = await runOnMocks(
      () => new ServiceIdentityMapping("emr", { cluster, serviceName: "emr-containers", namespace: "spark" }),
    );
    const arn = "arn:aws-us-gov:iam::444455556666:role/AWSServiceRoleForAmazonEMRContainers";
    expect(resources.find(({ type }) => type === mapping)?.inputs).toMatchObject({ arn });
    expect(calls).toEqual(["aws:index/getPartition:getPartition"]);
  });

  it("takes account and partition from the ARN of the stack's cluster, unless the program names another", async () => {
    pulumi.runtime.setConfig("aws-auth:cluster", "arn:aws-cn:eks:cn-north-1:444455556666:cluster/prod");
    onTestFinished(() => pulumi.runtime.setConfig("aws-auth:cluster", ""));
    const mapped = async (more: object) => {
      const { resources } = await runOnMocks(
        () => new ServiceIdentityMapping("emr", { serviceName: "emr-containers", namespace: "spark", ...more }),
      );
      return resources.find(({ type }) => type === mapping)?.inputs["arn"];
    };
    const role = "role/AWSServiceRoleForAmazonEMRContainers";
    expect(await mapped({})).toBe(`arn:aws-cn:iam::444455556666:${role}`);
    expect(await mapped({ cluster: "other" })).toBe(`arn:aws-us-gov:iam::111122223333:${role}`);
  });

  it("takes roleArn as it is, and passes the flags on", async () => {
    const roleArn = "arn:aws:iam::111122223333:role/other";
    const flags = { noDuplicateARNs: true, adopt: true };
    const { resources, calls } = await runOnMocks(
      () => new ServiceIdentityMapping("emr", { serviceName: "emr-containers", namespace: "spark", roleArn, ...flags }),
    );
    expect(resources.find(({ type }) => type === mapping)?.inputs).toMatchObject({ arn: roleArn, ...flags });
    expect(calls).toEqual([]);
  });

  it("gives AWS Batch its ClusterRole as well, one for each namespace", async () => {
    const { resources } = await runOnMocks(
      () => new ServiceIdentityMapping("batch", { serviceName: "aws-batch", namespace: pulumi.output("jobs") }),
    );
    const { clusterRules: rules } = services["aws-batch"];
    expect(resources.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        `${rbac}:Role`,
        `${rbac}:RoleBinding`,
        `${rbac}:ClusterRole`,
        `${rbac}:ClusterRoleBinding`,
      ]),
    );
    expect(resources.find(({ type }) => type === `${rbac}:ClusterRole`)?.inputs).toMatchObject({
      metadata: { name: "aws-batch-jobs" },
      rules,
    });
    expect(resources.find(({ type }) => type === `${rbac}:ClusterRoleBinding`)?.inputs).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "aws-batch-jobs" },
      subjects: [{ kind: "User", name: "aws-batch" }],
    });
  });

  it("hands the Kubernetes provider of its options down", async () => {
    const { resources } = await runOnMocks(() => {
      const provider = new kubernetes.Provider("k8s", { context: "prod" });
      return new ServiceIdentityMapping(
        "emr",
        { serviceName: "emr-containers", namespace: "spark" },
        { providers: { kubernetes: provider } },
      );
    });
    const role = resources.find(({ type }) => type === `${rbac}:Role`);
    expect(role?.provider).toContain("pulumi:providers:kubernetes::k8s");
  });

  describe("stays in aws-auth, which a program is told that moves", () => {
    const key = "aws-auth:authenticationMode";
    const said = vi.fn(async (_text: string) => undefined);
    afterEach(() => {
      pulumi.runtime.setConfig(key, "");
      vi.restoreAllMocks();
      said.mockClear();
    });

    it.each([
      [
        "a stack",
        "emr-containers",
        "API_AND_CONFIG_MAP",
        {},
        "EMR makes its own for each new virtual cluster, and not for existing ones",
      ],
      [
        "an argument",
        "aws-batch",
        "CONFIG_MAP",
        { authenticationMode: pulumi.output("API" as const) },
        "AWS Batch makes its own where eksConfiguration.accessEntry of all its compute environments on the cluster is ENABLED",
      ],
    ] as const)("by %s: %s", async (_, serviceName, mode, more, reason) => {
      vi.spyOn(pulumi.log, "info").mockImplementation(said);
      pulumi.runtime.setConfig(key, mode);
      const { resources } = await runOnMocks(
        () => new ServiceIdentityMapping("a", { cluster: "prod", serviceName, namespace: "n", ...more }),
      );
      const { authenticationMode } = { authenticationMode: mode, ...more };
      const wanted = typeof authenticationMode === "string" ? authenticationMode : "API";
      expect(said.mock.calls.map(([text]) => unfolded(text))).toEqual([
        `this mapping stays in aws-auth in authenticationMode ${wanted} too, since EKS refuses an access entry for the role of an AWS service; ${reason}`,
      ]);
      expect(resources.find(({ type }) => type === mapping)?.inputs).toMatchObject({
        authenticationMode: "CONFIG_MAP",
      });
    });

    it.each([
      ["CONFIG_MAP", {}],
      ["API", { authenticationMode: "CONFIG_MAP" as const }],
    ])("and no other program: stack %s, argument %j", async (mode, more) => {
      vi.spyOn(pulumi.log, "info").mockImplementation(said);
      pulumi.runtime.setConfig(key, mode);
      await runOnMocks(() => new ServiceIdentityMapping("a", { serviceName: "aws-batch", namespace: "n", ...more }));
      expect(said).not.toHaveBeenCalled();
    });
  });

  it.each([
    ["emr-container", "spark", 'invalid service name "emr-container"; services are emr-containers, aws-batch'],
    ["toString", "spark", 'invalid service name "toString"; services are emr-containers, aws-batch'],
    ["emr-containers", "Not_One", 'namespace "Not_One" cannot be the name of a namespace'],
  ])("refuses service %s in namespace %s without a stack", async (serviceName, namespace, message) => {
    const given: object = { serviceName, namespace };
    const run = runOnMocks(() => Reflect.construct(ServiceIdentityMapping, ["emr", given]));
    const error: unknown = await run.catch((reason: unknown) => reason);
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(unfolded(String(error))).toContain(`ServiceIdentityMapping "emr": ${message}`);
  });
});
