import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import type { Settings } from "../../../../provider/cluster/index.ts";
import { AwsError } from "../../../support/eks/awsError.ts";
import { account, devArn, entriesWorld, limits, ref } from "./entriesWorld.ts";

const pathless = `arn:aws:iam::${account}:role/dev`;

/** Puts a server in the place of IAM that says the same to everybody. */
async function answering(body: string, { env }: Settings): Promise<void> {
  const server = createServer((_request, response) => response.end(body)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  Object.assign(env, { AWS_ENDPOINT_URL_IAM: `http://127.0.0.1:${port}` });
}

describe("IAM", () => {
  it("tells the path and the date of a role or user, in requests signed for its one region", async () => {
    const { aws, api } = await entriesWorld();
    const user = aws.principals.create(`arn:aws:iam::${account}:user/team/jane+x=1,y@z`);
    expect(await api.principal(pathless)).toEqual({
      arn: devArn,
      createdAt: new Date(Math.floor((aws.principals.find(devArn)?.createDate ?? 0) / 1000) * 1000),
    });
    expect(await api.principal(user.arn)).toMatchObject({ arn: user.arn });
    expect(await api.principal(`arn:aws:iam::${account}:USER/team/jane+x=1,y@z`)).toMatchObject({ arn: user.arn });
    const calls = aws.calls.filter(({ service }) => service === "iam");
    expect(calls.map(({ operation, region }) => [operation, region])).toEqual([
      ["GetRole", "us-east-1"],
      ["GetUser", "us-east-1"],
      ["GetUser", "us-east-1"],
    ]);
  });

  it("is asked in the region of the cluster's partition", async () => {
    const { aws, api, deployer } = await entriesWorld();
    // Nobody of the stand-in's own partition may sign for another region.
    await expect(api.principal(pathless.replace("aws", "aws-cn"))).rejects.toMatchObject({ code: "credentials" });
    expect(aws.calls.at(-1)).toMatchObject({
      caller: deployer.arn,
      region: "cn-north-1",
      code: "SignatureDoesNotMatch",
    });
    await expect(api.principal(pathless.replace("aws", "aws-mars"))).rejects.toThrow(
      "the endpoint of IAM in partition aws-mars is not known",
    );
  });

  it("knows no role of that name", async () => {
    const { api } = await entriesWorld();
    expect(await api.principal(`arn:aws:iam::${account}:role/none`)).toBeUndefined();
  });

  it("is never asked for a role of another account, of which it has one of the same name", async () => {
    const { aws, api } = await entriesWorld();
    await expect(api.principal("arn:aws:iam::444455556666:role/dev")).rejects.toMatchObject({
      code: "accessDenied",
      message: `"arn:aws:iam::444455556666:role/dev" is of account 444455556666, and IAM tells the AWS credentials of AWS_ACCESS_KEY_ID of account ${account} alone`,
    });
    expect(aws.calls.filter(({ service }) => service === "iam")).toEqual([]);
  });

  it("is not asked for what is no role or user", async () => {
    const { api } = await entriesWorld();
    await expect(api.principal(`arn:aws:iam::${account}:root`)).rejects.toMatchObject({ code: "invalidInput" });
  });

  it("has not said that there is no such role where nobody understands what it says", async () => {
    const { api, settings } = await entriesWorld();
    await answering("{}", settings);
    await expect(api.principal(pathless)).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringContaining("IAM does not respond to GetRole (UnknownResponse: {})"),
    });
  });

  it("is asked again where it throttles, fails, or cuts the connection", async () => {
    const { aws, api } = await entriesWorld();
    await api.cluster();
    aws.throttle({ every: 2 });
    await api.principal(pathless);
    await api.principal(pathless);
    aws.throttle();
    aws.forgetCalls();
    aws.before = ({ number }) => [undefined, "cut" as const, new AwsError("ServiceFailure", 500, "oops")][number];
    expect(await api.principal(pathless)).toMatchObject({ arn: devArn });
    expect(aws.calls.map(({ status }) => status)).toEqual([undefined, 500, 200]);
  });

  it.each([
    [
      "throttles",
      new AwsError("Throttling", 400, "Rate exceeded"),
      "IAM throttles GetRole (Throttling: Rate exceeded)",
    ],
    ["fails", new AwsError("ServiceFailure", 500, "oops"), "IAM does not respond to GetRole (ServiceFailure: oops)"],
    ["cuts connections", "cut", "the IAM API cannot be reached with the AWS credentials of AWS_ACCESS_KEY_ID: "],
  ] as const)("that %s each time is told, after as many attempts", async (_title, failure, message) => {
    const { aws, api } = await entriesWorld();
    await api.cluster();
    aws.forgetCalls();
    aws.before = () => failure;
    await expect(api.principal(pathless)).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: expect.stringContaining(message),
    });
    expect(aws.calls).toHaveLength(limits.attempts);
  });

  it("is asked three times where it never answers, since some networks let nobody reach it", async () => {
    const { aws, settings } = await entriesWorld();
    const api = new AccessEntryApi(ref, settings, undefined, { ...limits, attempts: 8 });
    await api.cluster();
    aws.forgetCalls();
    aws.before = () => "cut";
    await expect(api.principal(pathless)).rejects.toMatchObject({ code: "clusterUnreachable" });
    expect(aws.calls).toHaveLength(3);
  });
});
