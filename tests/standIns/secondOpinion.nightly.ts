import { CreateClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ministack, startMinistack } from "../support/eks/ministack.ts";
import { EksStandIn } from "../support/eks/standIn.ts";
import { account, clusterName, opinionOf, roleArn, roles } from "./steps.ts";

const region = "eu-central-1";
const clusters = { [clusterName]: "API_AND_CONFIG_MAP", old: "CONFIG_MAP" } as const;

describe("ministack, asked the same as the stand-in", () => {
  let aws: EksStandIn;
  let ministack: Ministack;
  let clients: readonly [EKSClient, EKSClient];

  beforeAll(async () => {
    ministack = await startMinistack();
    aws = await EksStandIn.start({ account, region });
    const ours = aws.caller("tester", `arn:aws:iam::${account}:root`);
    // It takes an access key of twelve digits for the account.
    const theirs = { accessKeyId: account, secretAccessKey: "secret" };
    const there = new EKSClient({ region, endpoint: ministack.url, credentials: theirs, maxAttempts: 1 });
    clients = [new EKSClient({ region, endpoint: aws.url, credentials: ours, maxAttempts: 1 }), there];
    for (const name of roles) {
      aws.principals.create(roleArn(name));
    }
    for (const [name, authenticationMode] of Object.entries(clusters)) {
      aws.addCluster({ name, authenticationMode });
      const accessConfig = { authenticationMode, bootstrapClusterCreatorAdminPermissions: false };
      await there.send(
        new CreateClusterCommand({ name, roleArn: roleArn("eks"), resourcesVpcConfig: {}, accessConfig }),
      );
    }
  });
  afterAll(async () => {
    for (const client of clients ?? []) {
      client.destroy();
    }
    await aws?.stop();
    await ministack?.stop();
  });

  it("differs in what it does not check, and in what it does not know", async () => {
    const [ours, theirs] = [await opinionOf(clients[0]), await opinionOf(clients[1])];
    const differences = [...ours].flatMap(([title, one]) => {
      const other = theirs.get(title);
      return one === other ? [] : [`${title}: ${one}, there ${other}`];
    });
    expect(differences).toMatchInlineSnapshot(`
      [
        "its ARN: "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/role/111122223333/dev/ID", there "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/ID"",
        "its username: "arn:aws:sts::111122223333:assumed-role/plain/{{SessionName}}", there """,
        "its username and groups: ["system:node:{{EC2PrivateDNSName}}",["system:nodes"]], there ["",[]]",
        "a node with groups: "InvalidParameterException", there "done"",
        "a hybrid node: "done", there "InvalidParameterException"",
        "a role that does not exist: "InvalidParameterException", there "done"",
        "a session: "InvalidParameterException", there "done"",
        "a service-linked role: "InvalidParameterException", there "done"",
        "a reserved username: "InvalidParameterException", there "done"",
        "a reserved group: "InvalidParameterException", there "done"",
        "the name of a session without a colon: "InvalidParameterException", there "done"",
        "51 tags: "InvalidParameterException", there "done"",
        "an entry in mode CONFIG_MAP: "InvalidRequestException", there "done"",
        "the username after it: "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}", there "dev"",
        "an update of a node: "InvalidParameterException", there "done"",
        "a policy that does not exist: "ResourceNotFoundException", there "done"",
        "a policy of another partition: "ResourceNotFoundException", there "done"",
        "a policy of IAM: "InvalidParameterException", there "done"",
        "a policy for the cluster with namespaces: "InvalidParameterException", there "done"",
        "a policy for a node: "InvalidParameterException", there "InvalidRequestException"",
        "a page of one: [1,"and more"], there [1,"the last"]",
        "a page of none: "InvalidParameterException", there "done"",
        "the tags, as the entry shows them: {"x":"y"}, there {}",
        "a change of mode: "done", there "InvalidRequestException"",
      ]
    `);
  });
});
