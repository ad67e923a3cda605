import { expect, it } from "vitest";
import { EksConnection } from "../../../../provider/cluster/eks/eksConnection.ts";
import { settingsOf } from "../support.ts";
import { startRefusingProxy } from "./refusingProxy.ts";
import { setEnv } from "./world.ts";

it.each([
  ["cn-north-1", ".amazonaws.com.cn", []],
  ["cn-north-1", ".amazonaws.com", ["eks.cn-north-1.amazonaws.com.cn:443"]],
  ["eusc-de-east-1", ".amazonaws.eu", []],
])("EKS in %s goes by the proxy unless NO_PROXY has its own domain: %s", async (region, noProxy, expected) => {
  expect(await askedFor(region, noProxy)).toEqual(expected);
});

it("STS goes by the proxy where NO_PROXY has EKS alone, as with an endpoint of EKS in the own network", async () => {
  const asked = await askedFor("eu-central-1", "eks.eu-central-1.amazonaws.com", "arn:aws:iam::111122223333:role/r");
  expect(asked).toEqual(["sts.eu-central-1.amazonaws.com:443"]);
});

it("what is not the URL of a proxy is told", async () => {
  const settings = settingsOf({ env: { HTTPS_PROXY: "ftp://u:s3cret@p:1" } });
  setEnv({ ...keys, AWS_ENDPOINT_URL_EKS: "https://eks.example" });
  await expect(
    new EksConnection(refIn("eu-central-1"), settings).describe(AbortSignal.timeout(3_000)),
  ).rejects.toMatchObject({
    code: "clusterUnreachable",
    message: expect.stringMatching(/^the environment variable HTTPS_PROXY is not the URL of a proxy, such as [^@]*$/),
  });
});

const keys = {
  AWS_ACCESS_KEY_ID: "AKIAENV",
  AWS_SECRET_ACCESS_KEY: "s3cret",
  AWS_PROFILE: undefined,
  AWS_MAX_ATTEMPTS: "1",
};

function refIn(region: string, roleArn?: string) {
  return { kind: "eks", name: "prod", region, profile: undefined, roleArn } as const;
}

/** The tunnels that a proxy is asked for. */
async function askedFor(region: string, noProxy: string, roleArn?: string): Promise<readonly string[]> {
  const { asked, url } = await startRefusingProxy();
  setEnv({
    ...keys,
    AWS_ENDPOINT_URL_EKS: undefined,
    AWS_ENDPOINT_URL_STS: undefined,
    AWS_ENDPOINT_URL: undefined,
  });
  const settings = settingsOf({ env: { HTTPS_PROXY: url, NO_PROXY: noProxy } });
  const connection = new EksConnection(refIn(region, roleArn), settings);
  await connection.describe(AbortSignal.timeout(3_000)).catch(() => undefined);
  return [...new Set(asked)];
}
