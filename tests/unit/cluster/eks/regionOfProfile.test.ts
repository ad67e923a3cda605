import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clusterIdentity } from "../../../../provider/cluster/clusterRef.ts";
import { resolveClusterRef } from "../../../../provider/cluster/resolveClusterRef.ts";
import { listen } from "../../../support/cluster/apiServer.ts";
import {
  expectFailure,
  type Given,
  setEnv,
  settingsOf,
  temporaryDirectory,
} from "../../../support/cluster/kubeconfigs.ts";

async function profiles(env: Readonly<Record<string, string | undefined>> = {}) {
  const file = join(await temporaryDirectory(), "config");
  await writeFile(file, "[profile prod]\nregion = eu-west-3\n[profile ci]\nregion = us-east-1\n[profile bare]\n");
  setEnv({
    AWS_CONFIG_FILE: file,
    AWS_SHARED_CREDENTIALS_FILE: join(file, "nothing"),
    AWS_PROFILE: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    ...env,
  });
}

const before = { name: "prod", region: "eu-west-3", account: "111122223333" };
const resolved = (input: unknown, given: Given = {}, stored?: object) =>
  resolveClusterRef(input, settingsOf(given), stored);

describe("AWS_AUTH_PROFILE", () => {
  it.each([
    ["the stack's profile has a region", "prod", { "aws-auth:profile": "prod" }, "eu-west-3"],
    ["the AWS provider's profile has a region", "prod", { "aws:profile": "prod" }, "eu-west-3"],
    ["the resource's profile has a region", { name: "prod", profile: "prod" }, {}, "eu-west-3"],
    ["no other profile has a region", { name: "prod", profile: "bare" }, {}, "us-east-1"],
    ["no other profile is specified", "prod", {}, "us-east-1"],
  ])("sets the region only if the program and the stack do not: %s", async (_title, input, config, region) => {
    await profiles();
    const ref = await resolved(input, { config, env: { AWS_AUTH_PROFILE: "ci" } });
    expect(clusterIdentity(ref)).toBe(`eks:${region}/prod`);
  });
});

describe("the region of an existing mapping", () => {
  it.each([
    ["AWS_AUTH_PROFILE", { AWS_AUTH_PROFILE: "ci" }, 'profile "ci"'],
    ["AWS_PROFILE", { AWS_PROFILE: "ci" }, "the AWS profile"],
    ["AWS_REGION", { AWS_REGION: "us-east-1" }, "AWS_REGION"],
  ])("is not changed by %s", async (_title, env, source) => {
    await profiles(env);
    await expectFailure(
      resolved("prod", { env }, before),
      "clusterChanged",
      `${source} sets region "us-east-1" for EKS cluster "prod", but this mapping was created in "eu-west-3"; set aws-auth:region in the stack configuration, or region in cluster, to the correct region`,
    );
    for (const stored of [undefined, { ...before, region: "us-east-1" }, { ...before, name: "dev" }]) {
      expect(await resolved("prod", { env }, stored)).toMatchObject({ region: "us-east-1" });
    }
  });

  it.each([
    ["the program", { name: "prod", region: "us-east-1" }, {}],
    ["the stack", "prod", { "aws-auth:region": "us-east-1" }],
    ["the AWS provider", "prod", { "aws:region": "us-east-1" }],
  ])("is changed by %s", async (_title, input, config) => {
    expect(await resolved(input, { config }, before)).toMatchObject({ region: "us-east-1" });
  });
});

it("resolveClusterRef ignores the region of the EC2 instance, because it differs between machines", async () => {
  const metadata = createServer((_request, response) => response.end("us-east-2"));
  const AWS_EC2_METADATA_SERVICE_ENDPOINT = `http://127.0.0.1:${await listen(metadata)}`;
  await profiles({ AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_DISABLED: undefined });
  await expectFailure(resolved("prod"), "clusterNotNamed");
  const env = { AWS_AUTH_PROFILE: "ci" };
  expect(await resolved({ name: "prod", profile: "bare" }, { env })).toMatchObject({ region: "us-east-1" });
});

it("resolveClusterRef uses the region of the profile if AWS_REGION is empty", async () => {
  await profiles({ AWS_REGION: "", AWS_PROFILE: "prod" });
  expect(await resolved("prod", { env: { AWS_REGION: "" } })).toMatchObject({ region: "eu-west-3" });
});
