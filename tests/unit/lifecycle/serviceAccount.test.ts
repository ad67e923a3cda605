import { expect, it, onTestFinished, vi } from "vitest";
import { unfolded } from "../../support/unfolded.ts";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { startRun } from "./entryStack.ts";

const service = "aws-auth:index:ServiceIdentityMapping$t";
const roleIn = (owner: string) => `arn:aws:iam::${owner}:role/AWSServiceRoleForAmazonEMRContainers`;
const foreign = roleIn("444455556666");

it.each<[string, string, string, object, boolean]>([
  ["the AWS provider's account", service, foreign, {}, true],
  ["the cluster's account", service, roleIn(account), {}, false],
  ["another account, as it was before", service, foreign, { arn: foreign, username: "emr-containers" }, false],
  ["another account, which is no service's", "t", foreign, {}, false],
])("tells of a service's role in %s", async (_title, type, arn, olds, isTold) => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => said.mockRestore());
  await entriesWorld("CONFIG_MAP");
  const run = await startRun("CONFIG_MAP");
  const __context = JSON.stringify({ urn: `urn:pulumi:prod::infra::${type}::emr`, isPreview: true });
  const { failures } = await run.check({ ...olds }, { arn, username: "emr-containers", __context });
  expect(failures).toEqual([]);
  const warnings = said.mock.calls.flat().map((text) => unfolded(String(text)));
  expect(warnings.filter((text) => text.includes("whose service"))).toEqual(
    isTold
      ? [
          `warning: arn "${foreign}" is a role of account 444455556666, whose service gets access, and the cluster is in account ${account}, whose service gets none; give the cluster's ARN or account, or roleArn`,
        ]
      : [],
  );
});
