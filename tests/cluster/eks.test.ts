import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialsOf, tokenFor } from "../support/aws/caller.ts";
import { whoIs } from "../support/cluster/apiClient.ts";
import { type AccessEntryCluster, startEntryCluster } from "../support/eks/entryCluster.ts";
import { mappingsOf, stateFileOf } from "../support/engine/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";
import { unknownUntil, withoutOptions } from "../support/variants/declared.ts";
import { sdkVariant, variants } from "../support/variants/variant.ts";

/** A mapping, a caller that it matches, and the user that the caller is in the cluster. */
const grants = [
  {
    args: { arn: "arn:aws:iam::111122223333:role/dev", username: "dev:{{SessionName}}", groups: ["dev", "viewers"] },
    caller: "arn:aws:sts::111122223333:assumed-role/dev/jane@example.com",
    user: { username: "dev:jane-example.com", groups: ["dev", "viewers"] },
  },
  {
    args: { arn: "arn:aws:iam::111122223333:role/eng/Ops", username: "ops", groups: ["system:masters"] },
    caller: "arn:aws:sts::111122223333:assumed-role/Ops/on-call",
    user: { username: "ops", groups: ["system:masters"] },
  },
  {
    args: { arn: "arn:aws:iam::111122223333:user/people/joe", groups: ["on-call"] },
    caller: "arn:aws:iam::111122223333:user/people/joe",
    user: { groups: ["on-call"] },
  },
  {
    args: { account: "012345678901" },
    caller: "arn:aws:sts::012345678901:assumed-role/anybody/s",
    user: { username: "arn:aws:iam::012345678901:role/anybody", groups: [] },
  },
  {
    // Unquoted, none of these would be a string to the authenticator.
    args: { arn: "arn:aws:iam::111122223333:role/traps", username: "y", groups: ["1e3", "0123", "null", "on"] },
    caller: "arn:aws:sts::111122223333:assumed-role/traps/s",
    user: { username: "y", groups: ["0123", "1e3", "null", "on"] },
  },
] as const;

describe.each(sample(variants))(
  "mappings on EKS clusters by name, with the real AWS SDK, authenticator and API server, through the $name",
  (variant) => {
    const allowLockout = { AWS_AUTH_LOCKOUT_PROTECTION: "off" };
    const arn = "arn:aws:iam::111122223333:role/pipeline";
    const mapRoles = `- rolearn: ${arn}\n  username: deployer\n  groups: [deployers]\n`;
    let world: AccessEntryCluster;
    let project: TestProject;
    let inPipeline: TestProject;

    beforeAll(async () => {
      world = await startEntryCluster("CONFIG_MAP");
      project = await world.add("test", "", variant);
      const pipeline = world.aws.caller("pipeline", "arn:aws:sts::111122223333:assumed-role/pipeline/run-7");
      inPipeline = project.with(credentialsOf(pipeline));
    });
    afterAll(() => world?.stop());

    const declare = (mappings: Readonly<Record<string, object>>) =>
      project.program(variant.program(withoutOptions(mappings)));

    it("grant username and groups until a destroy, create a missing ConfigMap, and call EKS once per run", async () => {
      const { aws, authenticator, cluster, deployer, map } = world;
      const callers = grants.map(({ caller }, index) => aws.caller(`grant${index}`, caller));
      /** The users of all mapped callers, by new tokens. */
      const mappedUsers = () =>
        Promise.all(callers.map(async (caller) => whoIs(cluster, await tokenFor(caller, "prod"))));
      await map.reset(undefined);
      await declare(Object.fromEntries(grants.map(({ args }, index) => [`m${index}`, args])));
      aws.forgetCalls();
      expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 6 created") });
      // The provider calls EKS once, and IAM for each new role and user; the authenticator calls STS, with the provider's token.
      const ofIam = ["GetRole", "GetRole", "GetRole", "GetUser"];
      expect(aws.operations.toSorted()).toEqual(["DescribeCluster", "GetCallerIdentity", ...ofIam]);
      await expect.poll(mappedUsers, { timeout: 60_000 }).toMatchObject(grants.map(({ user }) => user));
      const [jane] = await mappedUsers();
      expect(jane?.extra).toMatchObject({
        arn: ["arn:aws:sts::111122223333:assumed-role/dev/jane@example.com"],
        canonicalArn: ["arn:aws:iam::111122223333:role/dev"],
      });
      expect(await whoIs(cluster, await tokenFor(deployer, "staging"))).toBeUndefined();
      await expect.poll(() => authenticator.lastDenial, { timeout: 60_000 }).toContain("SignatureDoesNotMatch");
      aws.forgetCalls();
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      // For unchanged mappings in aws-auth, IAM is not called.
      expect(aws.operations.toSorted()).toEqual(["DescribeCluster", "GetCallerIdentity"]);

      const state = await stateFileOf(project);
      for (const secret of [world.proxy.url, cluster.caData, "k8s-aws-v1", ...Object.values(credentialsOf(deployer))]) {
        expect(state).not.toContain(secret);
      }
      for (const { inputs } of await mappingsOf(project)) {
        expect(inputs["cluster"]).toEqual({ name: "prod", region: "eu-central-1", account: "111122223333" });
      }
      expect(await project.with(allowLockout).destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual({ mapRoles: "[]\n", mapUsers: "[]\n", mapAccounts: "[]\n" });
      await expect.poll(mappedUsers, { timeout: 60_000 }).toEqual(grants.map(() => undefined));
      expect(await whoIs(cluster, await tokenFor(deployer, "prod"))).toMatchObject({ username: "deployer" });
    });

    it("accept the unknown output of the resource that creates the cluster, in a run of a role that aws-auth maps", async () => {
      const { aws, map } = world;
      await map.reset({ mapRoles });
      const made = unknownUntil("made", "arn:aws:eks:eu-central-1:111122223333:cluster/prod");
      const [first, second] =
        variant === sdkVariant
          ? // Like resources of other packages, which the schema of the plugin does not accept.
            [{ arn: made, name: "prod", endpoint: "" }, { eksCluster: { arn: made, name: "prod", endpoint: "" } }]
          : [made, { name: made }];
      await declare({
        made: { cluster: { manifest: "aws-auth.yaml" }, account: "012345678901" },
        a: { cluster: first, account: "012345678901" },
        b: { cluster: second, account: "012345678902" },
      });
      aws.forgetCalls();
      const preview = await inPipeline.preview();
      expect(preview).toMatchObject({ code: 0, output: expect.stringMatching(/cluster *: \[unknown\]/) });
      expect(aws.calls).toEqual([]);
      expect(await inPipeline.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 4 created") });
      expect((await map.data())["mapAccounts"]).toContain('- "012345678902"');
      expect(await inPipeline.destroy()).toMatchObject({ code: 0 });
      expect(await map.data()).toEqual({ mapRoles, mapAccounts: "[]\n" });
    });
  },
);
