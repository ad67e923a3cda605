import { DescribeClusterCommand, ListAccessEntriesCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../support/eks/awsError.ts";
import { account, clientOf, clusterName, createEntry, devArn, refusal, world } from "./world.ts";

const ask = new DescribeClusterCommand({ name: clusterName });
const list = new ListAccessEntriesCommand({ clusterName });

describe("throttling", () => {
  it("refuses every n-th call", async () => {
    const { aws, eks } = await world();
    aws.throttle({ every: 3 });
    const results: unknown[] = [];
    for (let index = 0; index < 6; index += 1) {
      results.push(
        await eks.send(ask).then(
          () => "fine",
          (error: unknown) => error,
        ),
      );
    }
    const refused = refusal("ThrottlingException", 429, "Rate exceeded");
    expect(results).toMatchObject(["fine", "fine", refused, "fine", "fine", refused]);
    aws.throttle();
    expect(await eks.send(ask)).toMatchObject({ cluster: { name: clusterName } });
  });

  it("refuses a share of the calls, the same ones for a seed, and nothing of what it is not about", async () => {
    const { aws, eks } = await world();
    const refused = async (seed: number) => {
      aws.throttle({ rate: 0.5, seed, operations: ["DescribeCluster"] });
      aws.forgetCalls();
      for (let index = 0; index < 20; index += 1) {
        await eks.send(list);
        await eks.send(ask).catch(() => {});
      }
      return aws.calls.map(({ code }) => code);
    };
    const first = await refused(1);
    expect(await refused(1)).toEqual(first);
    expect(await refused(2)).not.toEqual(first);
    expect(first.filter((_code, index) => index % 2 === 0)).toEqual(Array(20).fill(undefined));
    expect(first.filter((code) => code === "ThrottlingException").length).toBeGreaterThan(3);
  });
});

describe("a hook", () => {
  it("before a call cuts the connection, and nothing is done", async () => {
    const { aws, eks } = await world();
    aws.before = ({ operation }) => (operation === "CreateAccessEntry" ? "cut" : undefined);
    await expect(createEntry(eks)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(aws.entries(clusterName)).toEqual([]);
    expect(aws.calls).toMatchObject([{ operation: "CreateAccessEntry", status: undefined }]);
  });

  it("after a call cuts the connection, and it is done; the SDK's next try finds it done", async () => {
    const { aws, deployer } = await world();
    aws.after = ({ number }) => (number === 1 ? "cut" : undefined);
    expect(await createEntry(clientOf(aws, deployer, "eu-central-1", 3))).toMatchObject({ principalArn: devArn });
    expect(aws.calls.map(({ operation, status }) => [operation, status])).toEqual([
      ["CreateAccessEntry", undefined],
      ["CreateAccessEntry", 200],
    ]);
  });

  it("answers with an error, before or after", async () => {
    const { aws, eks } = await world();
    const failure = new AwsError("ServerException", 500, "oops");
    aws.before = () => failure;
    await expect(createEntry(eks)).rejects.toMatchObject(refusal("ServerException", 500, "oops"));
    expect(aws.entries(clusterName)).toEqual([]);
    aws.before = undefined;
    aws.after = () => failure;
    await expect(createEntry(eks)).rejects.toMatchObject({ name: "ServerException" });
    expect(aws.entries(clusterName)).toHaveLength(1);
  });

  it("holds calls up, which are counted while they are under way", async () => {
    const { aws, eks } = await world();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    aws.before = async ({ atOnce }) => {
      if (atOnce === 3) {
        release();
      }
      await held;
      return undefined;
    };
    await Promise.all([eks.send(ask), eks.send(ask), eks.send(list)]);
    expect(aws.mostAtOnce).toBe(3);
    aws.forgetCalls();
    aws.before = undefined;
    await eks.send(ask);
    expect(aws.mostAtOnce).toBe(1);
  });
});

describe("the log of calls", () => {
  it("has who asked what, where, and how it ended", async () => {
    const { aws, deployer, eks } = await world();
    await createEntry(eks);
    await createEntry(eks).catch(() => {});
    const common = { service: "eks", operation: "CreateAccessEntry", cluster: clusterName, principalArn: devArn };
    const who = { caller: `arn:aws:iam::${account}:user/deployer`, accessKeyId: deployer.accessKeyId };
    expect(aws.calls).toEqual([
      { number: 1, ...common, ...who, region: "eu-central-1", atOnce: 1, status: 200, code: undefined },
      { number: 2, ...common, ...who, region: "eu-central-1", atOnce: 1, status: 409, code: "ResourceInUseException" },
    ]);
  });
});
