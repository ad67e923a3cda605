import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { idOf } from "../../../provider/cluster/clusterRef.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { findMappings } from "../../../provider/reports/findMappings.ts";
import { listedTarget, readClusters } from "../../../provider/reports/readClusters.ts";
import { expectFailure, settingsOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";

it("readClusters reads each cluster once, and continues after one that cannot be read", async () => {
  const clusters = [{ manifest: "a.yaml" }, { manifest: "./a.yaml" }, { manifest: "b.yaml" }, { region: "x" }];
  const settings = settingsOf({ cwd: await temporaryDirectory() });
  await Promise.all(["a", "b"].map((name) => writeFile(join(settings.cwd, `${name}.yaml`), "")));
  const targets = clusters.map((cluster, index) => listedTarget(cluster, `cluster ${index + 1}`, settings));
  const result = await readClusters(
    targets,
    ({ message }) => message,
    async (ref) => {
      if (idOf(ref) === "manifest:b.yaml") {
        throw new AwsAuthError("clusterUnreachable", "not now");
      }
      return { id: idOf(ref), name: "a" };
    },
  );
  expect(result).toEqual({
    clusters: [{ id: "manifest:a.yaml", name: "a" }],
    unread: [
      { id: "manifest:b.yaml", name: "b.yaml", code: "clusterUnreachable", message: "not now" },
      { name: "cluster 4", code: "invalidInput", message: expect.stringContaining("region") },
    ],
  });
});

it("readClusters adds the account to clusters with the same name", async () => {
  const accounts = ["111122223333", "444455556666", "777788889999"];
  const settings = settingsOf({ cwd: await temporaryDirectory() });
  await Promise.all(accounts.map((account) => writeFile(join(settings.cwd, account), "")));
  const targets = accounts.map((account) => listedTarget({ manifest: account }, "", settings));
  const { clusters } = await readClusters(targets, String, async (ref) => {
    const account = idOf(ref).slice("manifest:".length);
    const name = account === accounts[2] ? "test" : "prod";
    return { id: `eks:eu-central-1/${account}/${name}`, name };
  });
  expect(clusters.map(({ name }) => name)).toEqual([
    "prod, account 111122223333",
    "prod, account 444455556666",
    "test",
  ]);
});

it("the profile of a list takes precedence over the environment", () => {
  const env = { AWS_AUTH_PROFILE: "mine", AWS_AUTH_ROLE_ARN: "role" };
  const { settings } = listedTarget({ name: "prod", profile: "theirs" }, "x", settingsOf({ env }));
  expect(settings.env).toMatchObject({ AWS_AUTH_PROFILE: undefined, AWS_AUTH_ROLE_ARN: "role" });
});

describe("findMappings", () => {
  async function find(arn: string) {
    const cwd = await temporaryDirectory();
    const mapRoles = "    - rolearn: arn:aws:iam::111122223333:role/dev\n      username: dev\n";
    const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";
    await writeFile(join(cwd, "aws-auth.yaml"), `${head}data:\n  mapRoles: |\n${mapRoles}`);
    const found = await findMappings({ manifest: "aws-auth.yaml" }, arn, settingsOf({ cwd }));
    return found.map(({ username }) => username);
  }

  it.each([
    ["a session, as aws.getCallerIdentity returns it", "arn:aws:sts::111122223333:assumed-role/dev/me"],
    ["a role with its path, in any letter case", " arn:aws:iam::111122223333:role/eng/DEV"],
  ])("finds the mappings of %s", async (_title, arn) => {
    expect(await find(arn)).toEqual(["dev"]);
  });

  it.each(["dev", "", "arn:aws:iam::111122223333:group/dev"])("refuses %j, which is not an identity", async (arn) => {
    await expectFailure(
      find(arn),
      "invalidInput",
      `arn ${JSON.stringify(arn)} is not an IAM identity; specify the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`,
    );
  });
});
