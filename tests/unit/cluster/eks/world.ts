import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ConfigMapStore } from "../../../../provider/cluster/store.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../../../support/aws/endpoint.ts";
import type { EksCluster } from "../../../support/aws/responses.ts";
import { caData, type FakeApiServer, startApiServer } from "../../../support/cluster/apiServer.ts";
import { type Given, openCluster, setEnv, temporaryDirectory } from "../../../support/cluster/kubeconfigs.ts";

const identity = "arn:aws:iam::111122223333:user/me";

export interface World {
  readonly aws: AwsEndpoint;
  readonly api: FakeApiServer;
  readonly clusters: Map<string, EksCluster>;
}

/** Starts a cluster "prod" behind a local EKS, and hides other AWS configuration from the SDK. */
export async function world(env: Readonly<Record<string, string | undefined>> = {}): Promise<World> {
  const api = await startApiServer({ mapRoles: "[]\n" });
  const prod: EksCluster = { endpoint: api.url, caData, authenticationMode: "API_AND_CONFIG_MAP" };
  const clusters = new Map([["prod", prod]]);
  const aws = await startAwsEndpoint({ clusters, identity });
  onTestFinished(() => aws.stop());
  const directory = await temporaryDirectory();
  const [config, credentials] = [join(directory, "config"), join(directory, "credentials")];
  await writeFile(config, "[profile p]\nregion = eu-west-3\n[profile slow]\ncredential_process = sleep 60\n");
  await writeFile(credentials, "[p]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n");
  setEnv({
    AWS_ENDPOINT_URL_EKS: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_ACCESS_KEY_ID: "AKIAENV",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PROFILE: undefined,
    ...env,
  });
  return { aws, api, clusters };
}

/** Opens the store of a cluster; the AWS SDK reads the environment of the process. */
export function open(
  input: unknown = { name: "prod", region: "eu-central-1" },
  given?: Given,
): Promise<ConfigMapStore> {
  return openCluster(input, given);
}
