import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../../../support/aws/endpoint.ts";
import { caData, type FakeApiServer, startApiServer } from "../apiServer.ts";
import { impatient, settingsOf, temporaryDirectory } from "../support.ts";

const identity = "arn:aws:iam::111122223333:user/me";

export { caData };

export interface World {
  readonly aws: AwsEndpoint;
  readonly api: FakeApiServer;
  readonly clusters: Map<string, { endpoint: string; caData: string; authenticationMode?: string; status?: string }>;
}

/** A cluster "prod" behind a local EKS, and an environment that the AWS SDK finds nothing else in. */
export async function world(env: Record<string, string | undefined> = {}): Promise<World> {
  const api = await startApiServer({ mapRoles: "[]\n" });
  const clusters = new Map([["prod", { endpoint: api.url, caData, authenticationMode: "API_AND_CONFIG_MAP" }]]);
  const aws = await startAwsEndpoint({ clusters, identity });
  onTestFinished(() => aws.stop());
  const directory = await temporaryDirectory();
  await writeFile(
    join(directory, "config"),
    "[profile p]\nregion = eu-west-3\n[profile no-keys]\n[profile slow]\ncredential_process = sleep 60\n",
  );
  await writeFile(join(directory, "credentials"), "[p]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = x\n");
  setEnv({
    AWS_ENDPOINT_URL_EKS: aws.url,
    AWS_ENDPOINT_URL_STS: aws.url,
    AWS_ACCESS_KEY_ID: "AKIAENV",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_CONFIG_FILE: join(directory, "config"),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, "credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PROFILE: undefined,
    ...env,
  });
  return { aws, api, clusters };
}

/** Sets environment variables of this process until the test is finished; undefined removes one. */
export function setEnv(values: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    const set = (to: string | undefined) => {
      if (to === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = to;
      }
    };
    set(value);
    onTestFinished(() => set(before));
  }
}

/** The store of the cluster that an input names. */
export async function open(
  input: unknown = { name: "prod", region: "eu-central-1" },
  extra: Parameters<typeof settingsOf>[0] = {},
) {
  const settings = settingsOf({
    ...extra,
    env: { AWS_ACCESS_KEY_ID: process.env["AWS_ACCESS_KEY_ID"] ?? "", ...extra.env },
  });
  return openStore(await resolveClusterRef(input, settings), settings, impatient);
}

/** The SDK reads the process's own environment, and the rest what a test gives. */
export function withSts() {
  return { env: { AWS_ENDPOINT_URL_STS: process.env["AWS_ENDPOINT_URL_STS"] ?? "" } };
}
