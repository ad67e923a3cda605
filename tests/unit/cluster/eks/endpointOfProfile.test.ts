import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EKSClient } from "@aws-sdk/client-eks";
import { expect, it, onTestFinished, vi } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { limits } from "./entriesWorld.ts";
import { startRefusingProxy } from "./refusingProxy.ts";
import { open, setEnv, withSts, world } from "./world.ts";

/** An emulator that has a cluster "prod" too, at the endpoint_url of a profile, and a proxy on the way to AWS. */
async function emulator(profile: string, env: Readonly<Record<string, string>> = {}) {
  const { aws } = await world();
  const file = join(await temporaryDirectory(), "config");
  await writeFile(file, `[${profile}]\nendpoint_url = ${aws.url}\n`);
  setEnv({ AWS_CONFIG_FILE: file, AWS_ENDPOINT_URL_EKS: undefined, AWS_ACCESS_KEY_ID: undefined, ...env });
  return { aws, proxy: await startRefusingProxy() };
}

const prod = { name: "prod", region: "eu-central-1", profile: "p" };

it.each([
  ["default", {}],
  ["profile emulator", { AWS_PROFILE: "emulator" }],
])("the endpoint_url of [%s] is none of EKS for the credentials of another profile", async (profile, env) => {
  const { aws, proxy } = await emulator(profile, env);
  const settings = { env: { HTTPS_PROXY: proxy.url, ...withSts().env } };
  const unreachable = { code: "clusterUnreachable" };
  await expect((await open(prod, settings)).read()).rejects.toMatchObject(unreachable);
  // STS knows the account, so that the mappings of a cluster that the emulator has not would be gone.
  const name = "arn:aws:eks:eu-central-1:111122223333:cluster/staging";
  await expect((await open({ ...prod, name }, settings)).read()).rejects.toMatchObject(unreachable);
  const api = new AccessEntryApi({ kind: "eks", ...prod, roleArn: undefined }, settingsOf(settings), undefined, {
    ...limits,
    attempts: 1,
  });
  await expect(api.list()).rejects.toMatchObject(unreachable);
  expect([...new Set(proxy.asked)]).toEqual(["eks.eu-central-1.amazonaws.com:443"]);
  expect(aws.requests).toEqual([]);
});

it("that of the profile itself counts, where AWS_PROFILE names it, and before it that of the environment", async () => {
  const { aws } = await emulator("profile p", { AWS_PROFILE: "p" });
  expect((await (await open(prod)).read()).version).toBe("1");
  setEnv({ AWS_PROFILE: "other", AWS_ENDPOINT_URL: aws.url });
  expect((await (await open(prod)).read()).version).toBe("1");
});

it.each([
  ["a profile", "default", {}],
  ["the environment", "profile other", { AWS_ENDPOINT_URL_EKS: "" }],
])(
  "a cluster that an emulator of %s does not have is not gone, since STS of AWS knows the account",
  async (_title, profile, env) => {
    const { aws, proxy } = await emulator(profile, { AWS_ACCESS_KEY_ID: "AKIAENV" });
    setEnv(Object.fromEntries(Object.keys(env).map((name) => [name, aws.url])));
    const name = "arn:aws:eks:eu-central-1:111122223333:cluster/staging";
    await expect((await open(name, { env: { HTTPS_PROXY: proxy.url } })).read()).rejects.toMatchObject({
      code: "credentials",
      message: expect.stringContaining("it is not asked, since EKS is asked at 127.0.0.1"),
    });
    const atAws = {
      HTTPS_PROXY: proxy.url,
      AWS_ENDPOINT_URL_STS: "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com",
    };
    await expect((await open(name, { env: atAws })).read()).rejects.toMatchObject({ code: "credentials" });
    expect(proxy.asked).toEqual([]);
    await expect((await open(name, withSts())).read()).rejects.toMatchObject({ code: "clusterGone" });
  },
);

it("STS is asked where EKS of AWS does not have the cluster, whatever the endpoint_url of another profile is", async () => {
  const { proxy } = await emulator("default");
  const notFound = Object.assign(new Error("No cluster found"), { name: "ResourceNotFoundException" });
  const send = vi.spyOn(EKSClient.prototype, "send").mockImplementation(() => Promise.reject(notFound));
  onTestFinished(() => send.mockRestore());
  const gone = { ...prod, name: "arn:aws:eks:eu-central-1:111122223333:cluster/gone" };
  await expect((await open(gone, withSts())).read()).rejects.toMatchObject({ code: "clusterGone" });
  await expect((await open(gone, { env: { HTTPS_PROXY: proxy.url } })).read()).rejects.toMatchObject({
    code: "credentials",
  });
  expect(proxy.asked).toEqual(["sts.eu-central-1.amazonaws.com:443"]);
});

it("an emulator on a host of AWS, such as one of EC2, is not EKS of AWS", async () => {
  const { proxy } = await emulator("profile other", { AWS_ACCESS_KEY_ID: "AKIAENV" });
  setEnv({ AWS_ENDPOINT_URL_EKS: "http://ec2-192-0-2-1.eu-central-1.compute.amazonaws.com:4566" });
  const notFound = Object.assign(new Error("No cluster found"), { name: "ResourceNotFoundException" });
  const send = vi.spyOn(EKSClient.prototype, "send").mockImplementation(() => Promise.reject(notFound));
  onTestFinished(() => send.mockRestore());
  const name = "arn:aws:eks:eu-central-1:111122223333:cluster/gone";
  await expect((await open(name, { env: { HTTPS_PROXY: proxy.url } })).read()).rejects.toMatchObject({
    code: "credentials",
  });
  expect(proxy.asked).toEqual([]);
});
