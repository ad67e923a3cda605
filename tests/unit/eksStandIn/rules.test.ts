import { ListAccessEntriesCommand, paginateListAccessEntries, UpdateAccessEntryCommand } from "@aws-sdk/client-eks";
import { expect, it } from "vitest";
import { opinionOf, roleArn, roles } from "../../standIns/steps.ts";
import { account, associate, clientOf, clusterName, createEntry, devArn, world } from "./world.ts";

it("each call comes to what AWS answers, or to its exception", async () => {
  const { aws, eks } = await world();
  for (const arn of roles.map(roleArn).filter((arn) => arn !== devArn)) {
    aws.principals.create(arn);
  }
  aws.addCluster({ name: "old" });
  const opinion = [...(await opinionOf(eks))].map(([title, outcome]) => `${title}: ${outcome}`);
  expect(opinion).toMatchInlineSnapshot(`
    [
      "an entry that says all: "done"",
      "what it is: ["dev",["dev"],{"a":"b"},"STANDARD"]",
      "its ARN: "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/role/111122223333/dev/ID"",
      "a second one for its role: "ResourceInUseException"",
      "an entry that says nothing: "done"",
      "its username: "arn:aws:sts::111122223333:assumed-role/plain/{{SessionName}}"",
      "a node: "done"",
      "its username and groups: ["system:node:{{EC2PrivateDNSName}}",["system:nodes"]]",
      "a node with groups: "InvalidParameterException"",
      "a hybrid node: "done"",
      "a type that there is not: "InvalidParameterException"",
      "a role that does not exist: "InvalidParameterException"",
      "a session: "InvalidParameterException"",
      "a service-linked role: "InvalidParameterException"",
      "a reserved username: "InvalidParameterException"",
      "a reserved group: "InvalidParameterException"",
      "the name of a session without a colon: "InvalidParameterException"",
      "51 tags: "InvalidParameterException"",
      "an entry of no cluster: "ResourceNotFoundException"",
      "an entry in mode CONFIG_MAP: "InvalidRequestException"",
      "an update without a username: "done"",
      "the username after it: "arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}"",
      "the groups after it: ["ops"]",
      "an update of a node: "InvalidParameterException"",
      "an update of no entry: "ResourceNotFoundException"",
      "a policy for the cluster: "done"",
      "the same for namespaces: "done"",
      "its scope: {"type":"namespace","namespaces":["a"]}",
      "a policy that does not exist: "ResourceNotFoundException"",
      "a policy of another partition: "ResourceNotFoundException"",
      "a policy of IAM: "InvalidParameterException"",
      "a policy for the cluster with namespaces: "InvalidParameterException"",
      "a policy for no namespaces: "InvalidParameterException"",
      "a policy for a node: "InvalidParameterException"",
      "a policy for no entry: "ResourceNotFoundException"",
      "a policy taken away: "done"",
      "the policies after it: 0",
      "a policy taken away twice: "ResourceNotFoundException"",
      "a page of one: [1,"and more"]",
      "a page of none: "InvalidParameterException"",
      "a tag: "done"",
      "the tags: {"x":"y"}",
      "the tags, as the entry shows them: {"x":"y"}",
      "an entry deleted: "done"",
      "what it is then: "ResourceNotFoundException"",
      "an entry deleted twice: "ResourceNotFoundException"",
      "the mode of a cluster: "CONFIG_MAP"",
      "a change of mode: "done"",
      "node groups where there are none: []",
    ]
  `);
});

it("each type of entry has its own username and groups", async () => {
  const { aws, eks } = await world();
  const said = [];
  for (const type of ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX"]) {
    const principalArn = aws.principals.create(roleArn(type)).arn;
    const { username, kubernetesGroups } = await createEntry(eks, { type, principalArn });
    said.push(`${type} ${username} ${kubernetesGroups}`);
  }
  expect(said).toEqual([
    "EC2_LINUX system:node:{{EC2PrivateDNSName}} system:nodes",
    "EC2_WINDOWS system:node:{{EC2PrivateDNSName}} eks:kube-proxy-windows,system:nodes",
    "FARGATE_LINUX system:node:{{SessionName}} system:node-proxier,system:nodes",
    "HYBRID_LINUX system:node:{{SessionName}} system:nodes",
  ]);
});

it.each([
  ["a reserved prefix", "system:", "eks:", "aws:", "amazon:", "iam:"],
  [
    "the name of a session without a colon before it",
    "john{{SessionName}}",
    "{{SessionName}}:john",
    "j{{SessionNameRaw}}",
  ],
])("a username with %s is refused", async (_title, ...usernames) => {
  const { eks } = await world();
  for (const username of usernames) {
    await expect(createEntry(eks, { username })).rejects.toMatchObject({ name: "InvalidParameterException" });
  }
});

it("a list has at most 100 entries a page, and all of them on all pages", async () => {
  const { aws, eks } = await world();
  const arns = Array.from({ length: 101 }, (_, index) => aws.principals.create(roleArn(`role-${index}`)).arn);
  for (const principalArn of arns) {
    await createEntry(eks, { principalArn });
  }
  const pages: (readonly string[])[] = [];
  for await (const { accessEntries = [] } of paginateListAccessEntries({ client: eks }, { clusterName })) {
    pages.push(accessEntries);
  }
  expect(pages.map(({ length }) => length)).toEqual([100, 1]);
  expect(pages.flat().toSorted()).toEqual(arns.toSorted());
});

it("a permission is asked for before all else, in AWS's words, and may be a pattern", async () => {
  const { aws, deployer, eks } = await world();
  aws.permit(deployer, ["EKS:list*", "eks:CreateAccessEntry"]);
  await expect(associate(eks)).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: `User: ${deployer.arn} is not authorized to perform: eks:AssociateAccessPolicy on resource: arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev/* because no identity-based policy allows the eks:AssociateAccessPolicy action`,
  });
  await expect(createEntry(eks, { tags: { a: "b" } })).rejects.toMatchObject({
    message: expect.stringContaining("eks:TagResource"),
  });
  expect(await createEntry(eks)).toMatchObject({ principalArn: devArn });
  expect(await eks.send(new ListAccessEntriesCommand({ clusterName }))).toMatchObject({ accessEntries: [devArn] });
  const session = aws.caller("session", `arn:aws:sts::${account}:assumed-role/dev/jane`);
  expect(await associate(clientOf(aws, session))).toMatchObject({ principalArn: devArn });
});

it("an update replaces everything: what is left out goes back to EKS's own, and policies and tags stay", async () => {
  const { aws, eks } = await world();
  await createEntry(eks, { username: "dev", kubernetesGroups: ["dev"], tags: { a: "b" } });
  await associate(eks);
  await eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: devArn, kubernetesGroups: ["ops"] }));
  const username = `arn:aws:sts::${account}:assumed-role/dev/{{SessionName}}`;
  expect(aws.entry(clusterName, devArn)).toMatchObject({ username, kubernetesGroups: ["ops"], tags: { a: "b" } });
  expect(aws.entry(clusterName, devArn)?.policies).toHaveLength(1);
});
