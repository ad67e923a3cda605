import { DescribeClusterCommand, ListAccessEntriesCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { callerOf } from "../../support/aws/caller.ts";
import { send } from "./signed.ts";
import {
  account,
  associate,
  clientOf,
  clusterName,
  createEntry,
  describeEntry,
  devArn,
  refusal,
  world,
} from "./world.ts";

const entries = `/clusters/${clusterName}/access-entries`;
const ask = new DescribeClusterCommand({ name: clusterName });

describe("a signature", () => {
  it("is asked for", async () => {
    const { aws } = await world();
    const response = await fetch(`${aws.url}/clusters/${clusterName}`);
    expect([response.status, response.headers.get("x-amzn-errortype")]).toEqual([
      403,
      "MissingAuthenticationTokenException",
    ]);
  });

  it("of nobody known is refused", async () => {
    const { aws } = await world();
    const stranger = callerOf("stranger", `arn:aws:iam::${account}:user/stranger`);
    await expect(clientOf(aws, stranger).send(ask)).rejects.toMatchObject(
      refusal("UnrecognizedClientException", 403, "The security token included in the request is invalid."),
    );
  });

  it("for another service is refused", async () => {
    const { aws, deployer } = await world();
    const request = { method: "GET", path: `/clusters/${clusterName}`, service: "ec2" };
    expect(await send(aws, deployer, request)).toMatchObject({ status: 403, code: "InvalidSignatureException" });
  });
});

describe("a request", () => {
  it.each([
    ["a field that EKS does not have", "POST", entries, { principalArn: devArn, policies: [] }],
    ["a field of another type", "POST", entries, { principalArn: devArn, kubernetesGroups: "dev" }],
    ["tags that are no strings", "POST", entries, { principalArn: devArn, tags: { a: 1 } }],
    [
      "a field of a scope that EKS does not have",
      "POST",
      `${entries}/${encodeURIComponent(devArn)}/access-policies`,
      {
        policyArn: "p",
        accessScope: { type: "cluster", kind: "x" },
      },
    ],
    ["a body where there is none", "DELETE", `${entries}/${encodeURIComponent(devArn)}`, {}],
    ["a parameter that EKS does not have", "GET", `${entries}?limit=5`, undefined],
    ["a body that is no object", "POST", entries, []],
  ])("is refused with %s", async (_title, method, path, body) => {
    const { aws, deployer } = await world();
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    expect(await send(aws, deployer, { method, path, ...text })).toMatchObject({
      status: 400,
      code: "SerializationException",
    });
  });

  it("is refused without a field that it needs", async () => {
    const { aws, deployer } = await world();
    for (const body of ["{}", ""]) {
      expect(await send(aws, deployer, { method: "POST", path: entries, body })).toMatchObject({
        code: "InvalidParameterException",
        body: expect.stringContaining("The principalArn parameter is required"),
      });
    }
  });

  it("is refused where the path means nothing", async () => {
    const { aws, deployer } = await world();
    expect(await send(aws, deployer, { method: "PUT", path: entries })).toMatchObject({
      status: 404,
      code: "UnknownOperationException",
    });
  });

  it("is refused for a cluster name with other letters", async () => {
    const { eks } = await world();
    await expect(eks.send(new DescribeClusterCommand({ name: "a.b" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });
});

describe("a permission", () => {
  const because = (action: string) => `because no identity-based policy allows the ${action} action`;
  const user = `arn:aws:iam::${account}:user/deployer`;
  const eksArn = `arn:aws:eks:eu-central-1:${account}:`;

  it.each([
    ["eks:DescribeCluster", "cluster/prod", (eks: Client) => eks.send(ask)],
    ["eks:CreateAccessEntry", "cluster/prod", (eks: Client) => createEntry(eks)],
    ["eks:ListAccessEntries", "cluster/prod", (eks: Client) => eks.send(new ListAccessEntriesCommand({ clusterName }))],
    ["eks:DescribeAccessEntry", `access-entry/prod/role/${account}/dev/*`, (eks: Client) => describeEntry(eks)],
    ["eks:AssociateAccessPolicy", `access-entry/prod/role/${account}/dev/*`, (eks: Client) => associate(eks)],
  ])("for %s is asked for, in AWS's words", async (action, resource, call) => {
    const { aws, deployer, eks } = await world();
    aws.permit(deployer, ["sts:*"]);
    await expect(call(eks)).rejects.toMatchObject(
      refusal(
        "AccessDeniedException",
        403,
        `User: ${user} is not authorized to perform: ${action} on resource: ${eksArn}${resource} ${because(action)}`,
      ),
    );
    aws.permit(deployer, [action]);
    // An entry that is not there is refused for that.
    const { name = undefined } = (await call(eks).catch((error: Error) => error)) as { name?: string };
    expect([undefined, "ResourceNotFoundException"]).toContain(name);
  });

  it("to tag is asked for where an entry is made with tags, and only there", async () => {
    const { aws, deployer, eks } = await world();
    aws.permit(deployer, ["eks:CreateAccessEntry"]);
    await expect(createEntry(eks, { tags: { a: "b" } })).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("eks:TagResource"),
    });
    expect(await createEntry(eks, { tags: {} })).toMatchObject({ principalArn: devArn });
  });

  it("is looked at before all else", async () => {
    const { aws, deployer, eks } = await world();
    aws.permit(deployer, []);
    await expect(createEntry(eks, { clusterName: "gone", username: "eks:x" })).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
  });

  it("may be a pattern, and is each caller's own", async () => {
    const { aws, deployer, eks } = await world();
    aws.permit(deployer, ["eks:Desc*", "EKS:listaccessentries"]);
    await eks.send(ask);
    await eks.send(new ListAccessEntriesCommand({ clusterName }));
    await expect(createEntry(eks)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const session = aws.caller("session", `arn:aws:sts::${account}:assumed-role/dev/jane`);
    expect(await createEntry(clientOf(aws, session))).toMatchObject({ principalArn: devArn });
  });
});

type Client = Awaited<ReturnType<typeof world>>["eks"];
