import { describe, expect, it } from "vitest";
import { principalKey } from "../../../provider/mapping/index.ts";
import { assertEks, readFacts } from "../../../provider/migration/facts.ts";
import { migrateClusters } from "../../../provider/migration/migrateClusters.ts";
import { AwsError } from "../../support/eks/awsError.ts";
import { entry, iam, type MigrationWorld, migrationWorld, moveSome, sampleMap } from "../../support/migration/world.ts";
import { ref } from "../cluster/eks/entriesWorld.ts";
import { setEnv } from "../cluster/eks/world.ts";
import { settingsOf } from "../cluster/support.ts";

type Given = Parameters<typeof migrationWorld>;

async function world(...[data = sampleMap, mode]: Partial<Given>): Promise<MigrationWorld> {
  const made = await migrationWorld(data, mode);
  setEnv({ ...made.aws.env(made.caller), AWS_PROFILE: undefined });
  return made;
}

const read = ({ aws, caller }: MigrationWorld) => readFacts(ref, settingsOf({ env: aws.env(caller) }));

describe("what is read of a cluster", () => {
  it("is all that it takes, and each of it once", async () => {
    const made = await world();
    moveSome(made);
    const { aws, api, caller } = made;
    const facts = await read(made);
    expect(facts).toMatchObject({
      id: "eks:eu-central-1/111122223333/prod",
      cluster: { authenticationMode: "API_AND_CONFIG_MAP" },
      caller: { value: caller.arn },
      eksRoles: { value: [{ kind: "nodegroup", name: "workers", roleArn: iam("role/eks/workers") }] },
    });
    expect(facts.access.entries.map(({ principalArn }) => principalArn)).toEqual(
      ["role/creator", "role/eks/workers", "role/eng/ops", "role/platform/admins"].map((name) => iam(name)),
    );
    expect(facts.principals.get(principalKey(iam("role/dev")))).toMatchObject({ arn: iam("role/eng/dev") });
    // The creator is in no map, and administers the cluster.
    expect(facts.principals.get(principalKey(iam("role/creator")))).toMatchObject({ kind: "found" });
    expect(api.requests).toHaveLength(1);
    const asked = aws.calls.map(({ operation, principalArn }) => `${operation} ${principalArn}`);
    expect(new Set(asked.filter((call) => !call.startsWith("GetRole"))).size).toBe(
      asked.filter((call) => !call.startsWith("GetRole")).length,
    );
    // Those of the map but for the account, and the creator.
    expect(asked.filter((call) => call.startsWith("GetRole"))).toHaveLength(6);
    expect(aws.mostAtOnce).toBeLessThanOrEqual(8 + 1);
  });

  it("is no access entry in mode CONFIG_MAP, and no map in mode API, which ignores it", async () => {
    const early = await world(sampleMap, "CONFIG_MAP");
    expect((await read(early)).access).toMatchObject({ entries: [], unread: undefined });
    expect(early.aws.calls.map(({ operation }) => operation)).not.toContain("ListAccessEntries");
    const late = await world(sampleMap, "API");
    expect((await read(late)).access.document.mapRoles.items).toEqual([]);
    expect(late.api.requests).toEqual([]);
  });

  it.each([
    ["eks:ListAccessEntries", "access"],
    ["eks:DescribeAccessEntry", "access"],
    ["eks:ListAssociatedAccessPolicies", "access"],
    ["eks:ListNodegroups", "eksRoles"],
    ["eks:DescribeNodegroup", "eksRoles"],
    ["eks:ListFargateProfiles", "eksRoles"],
  ] as const)("is less where %s is not allowed, which is told", async (action, part) => {
    const made = await world();
    const { aws, caller } = made;
    const all = ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"];
    const more = ["ListNodegroups", "DescribeNodegroup", "ListFargateProfiles", "DescribeFargateProfile"];
    const allowed = [...all, ...more].map((name) => `eks:${name}`).filter((name) => name !== action);
    aws.permit(caller, [...allowed, "iam:GetRole", "iam:GetUser"]);
    const facts = await read(made);
    expect(facts[part]).toMatchObject({ unread: expect.stringContaining(`may not do ${action} (`) });
  });

  it("is less where IAM may not be asked, or knows nothing of an account, whose roles are never taken for its own", async () => {
    const foreign = iam("role/dev", "444455556666");
    const made = await world({ mapRoles: entry(iam("role/ops"), "ops") + entry(foreign, "dev") });
    const { aws, caller } = made;
    const { principals } = await read(made);
    expect(principals.get(foreign)).toEqual({
      kind: "unknown",
      reason: "it is of account 444455556666, and IAM tells of account 111122223333 alone",
    });
    aws.permit(caller, ["eks:*"]);
    expect((await read(made)).principals.get(iam("role/ops"))).toEqual({
      kind: "unknown",
      reason: "iam:GetRole is not allowed",
      denial: expect.stringContaining("may not do iam:GetRole ("),
    });
    aws.permit(caller, ["*"]);
    aws.before = ({ service }) => (service === "iam" ? new AwsError("ValidationError", 400, "odd") : undefined);
    expect((await read(made)).principals.get(iam("role/ops"))).toMatchObject({
      kind: "unknown",
      reason: expect.stringContaining("ValidationError: odd"),
    });
  });

  it("is less where EKS does not answer, in words for who runs no Pulumi", async () => {
    const made = await world();
    made.aws.before = ({ operation }) => (operation === "ListNodegroups" ? "cut" : undefined);
    const { eksRoles } = await read(made);
    expect(eksRoles).toEqual({ unread: expect.stringMatching(/cannot be reached with .*and the region$/) });
  });

  it("asks for a role by the name that EKS has, where the map has another letter case", async () => {
    const made = await world({ mapRoles: entry(iam("role/OPS"), "operator", "operators") });
    moveSome(made);
    expect((await read(made)).principals.get(principalKey(iam("role/ops")))).toMatchObject({ kind: "found" });
  });

  it("does without STS", async () => {
    const made = await world();
    made.aws.before = ({ service }) => (service === "sts" ? "cut" : undefined);
    expect((await read(made)).caller).toEqual({ unread: expect.stringMatching(/./) });
  });
});

describe("several clusters", () => {
  it("are read side by side, each once, and one that cannot be read stops no other", async () => {
    const { aws, caller } = await world();
    const settings = settingsOf({ env: aws.env(caller) });
    const progress: number[] = [];
    const { clusters, unread, ...rest } = await migrateClusters(
      ["prod", "gone", "arn:aws:eks:eu-central-1:111122223333:cluster/prod"].map((cluster) => {
        return { name: cluster, cluster, settings };
      }),
      { onProgress: (done) => progress.push(done) },
    );
    expect(rest).toEqual({ kind: "MigrationReport", schemaVersion: 1 });
    expect(clusters).toMatchObject([{ name: 'EKS cluster "prod" (eu-central-1)', verdict: "notReady" }]);
    expect(unread).toMatchObject([{ name: "gone", code: "clusterNotFound" }]);
    expect(progress).toEqual([1, 2, 3]);
  });

  it("are no manifests and no kubeconfigs", async () => {
    const settings = settingsOf({});
    const { unread } = await migrateClusters([{ name: "m", cluster: { manifest: "m.yaml" }, settings }]);
    expect(unread).toEqual([
      {
        name: "m",
        code: "invalidInput",
        message:
          'manifest "m.yaml" has no access entries, which are in the EKS API; name the EKS cluster by its name or ARN',
      },
    ]);
    expect(() => assertEks({ kind: "kubeconfig", server: "x", kubeconfig: "secret", context: undefined })).toThrow(
      /^a kubeconfig has no access entries/,
    );
  });
});
