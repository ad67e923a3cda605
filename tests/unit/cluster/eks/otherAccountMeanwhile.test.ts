import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import type { AwsCaller } from "../../../support/aws/caller.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { account, devArn, entriesWorld, limits, ref, says } from "./entriesWorld.ts";
import { setEnv } from "./world.ts";

it("credentials that become another account's while a run lasts change nothing of its cluster of that name", async () => {
  const { aws, deployer, kubernetes } = await entriesWorld();
  const other = "444455556666";
  const stranger = aws.caller("stranger", aws.principals.create(`arn:aws:iam::${other}:user/deployer`).arn);
  aws.principals.create(devArn.replace(account, other));
  aws.addCluster({ name: "prod", account: other, endpoint: kubernetes.url, authenticationMode: "API_AND_CONFIG_MAP" });
  const directory = await temporaryDirectory();
  const given = join(directory, "credentials.json");
  const give = async ({ accessKeyId, secretAccessKey }: AwsCaller) => {
    const Expiration = new Date(Date.now() + 10_000).toISOString();
    const text = JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration });
    await writeFile(`${given}.new`, text);
    await rename(`${given}.new`, given);
  };
  await give(deployer);
  await writeFile(join(directory, "config"), `[default]\ncredential_process = cat ${given}\n`);
  setEnv({
    AWS_CONFIG_FILE: join(directory, "config"),
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
  });
  const api = new AccessEntryApi({ ...ref, account }, settingsOf({ env: aws.env() }), undefined, limits);
  expect((await api.cluster()).account).toBe(account);
  await give(stranger);
  // The SDK gets new credentials beside the first call for which the old ones are about to end.
  await api.list();
  await setTimeout(1_000);
  const arn = devArn.replace(account, other);
  await api.create(says({ principalArn: arn }), {}).catch(() => undefined);
  expect(aws.entries("prod", other).map(({ principalArn }) => principalArn)).not.toContain(arn);
});
