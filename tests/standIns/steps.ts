import {
  type AccessEntry,
  AssociateAccessPolicyCommand,
  CreateAccessEntryCommand,
  type CreateAccessEntryCommandInput,
  DeleteAccessEntryCommand,
  DescribeAccessEntryCommand,
  DescribeClusterCommand,
  DisassociateAccessPolicyCommand,
  type EKSClient,
  ListAccessEntriesCommand,
  ListAssociatedAccessPoliciesCommand,
  ListNodegroupsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UpdateAccessEntryCommand,
  UpdateClusterConfigCommand,
} from "@aws-sdk/client-eks";

export const account = "111122223333";
export const clusterName = "prod";

/** Roles that exist: one for each entry, so that no step depends on what became of another. */
export const roles: readonly string[] = [
  "eng/dev",
  ...["plain", "scoped", "node", "grouped", "hybrid", "typed", "reserved", "masters", "colon", "tagged", "gone", "old"],
];

export function roleArn(name: string): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

const viewPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
const manyTags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, ""]));

type Call = (eks: EKSClient) => Promise<unknown>;

/** What each step comes to: what its answer shows, or the name of its exception. */
export async function opinionOf(eks: EKSClient): Promise<ReadonlyMap<string, string>> {
  const opinion = new Map<string, string>();
  for (const [title, call] of steps) {
    opinion.set(title, JSON.stringify(await call(eks).catch(({ name }: Error) => name)));
  }
  return opinion;
}

/** Calls in their order, and what an answer shows. */
const steps: readonly (readonly [title: string, call: Call])[] = [
  ["an entry that says all", create("eng/dev", { username: "dev", kubernetesGroups: ["dev"], tags: { a: "b" } })],
  [
    "what it is",
    described("eng/dev", ({ username, kubernetesGroups, tags, type }) => [username, kubernetesGroups, tags, type]),
  ],
  ["its ARN", described("eng/dev", ({ accessEntryArn = "" }) => accessEntryArn.replace(/[0-9a-f-]{8,}$/, "ID"))],
  ["a second one for its role", create("eng/dev")],
  ["an entry that says nothing", create("plain")],
  ["its username", described("plain", ({ username }) => username)],
  ["a node", create("node", { type: "EC2_LINUX" })],
  ["its username and groups", described("node", ({ username, kubernetesGroups }) => [username, kubernetesGroups])],
  ["a node with groups", create("grouped", { type: "EC2_LINUX", kubernetesGroups: ["x"] })],
  ["a hybrid node", create("hybrid", { type: "HYBRID_LINUX" })],
  ["a type that there is not", create("typed", { type: "Standard" })],
  ["a role that does not exist", create("nobody")],
  ["a session", create("", { principalArn: `arn:aws:sts::${account}:assumed-role/dev/jane` })],
  ["a service-linked role", create("aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")],
  ["a reserved username", create("reserved", { username: "eks:x" })],
  ["a reserved group", create("masters", { kubernetesGroups: ["system:masters"] })],
  ["the name of a session without a colon", create("colon", { username: "x{{SessionName}}" })],
  ["51 tags", create("tagged", { tags: manyTags })],
  ["an entry of no cluster", create("gone", { clusterName: "gone" })],
  ["an entry in mode CONFIG_MAP", create("old", { clusterName: "old" })],
  ["an update without a username", update("eng/dev", ["ops"])],
  ["the username after it", described("eng/dev", ({ username }) => username)],
  ["the groups after it", described("eng/dev", ({ kubernetesGroups }) => kubernetesGroups)],
  ["an update of a node", update("node", [])],
  ["an update of no entry", update("gone", [])],
  ["a policy for the cluster", associate("eng/dev")],
  ["the same for namespaces", associate("eng/dev", viewPolicy, { type: "namespace", namespaces: ["a"] })],
  ["its scope", async (eks) => (await policies(eks))[0]?.accessScope],
  ["a policy that does not exist", associate("plain", viewPolicy.replace("View", "No"))],
  ["a policy of another partition", associate("plain", viewPolicy.replace("arn:aws:", "arn:aws-cn:"))],
  ["a policy of IAM", associate("plain", "arn:aws:iam::aws:policy/AdministratorAccess")],
  ["a policy for the cluster with namespaces", associate("plain", viewPolicy, { type: "cluster", namespaces: ["a"] })],
  ["a policy for no namespaces", associate("plain", viewPolicy, { type: "namespace" })],
  ["a policy for a node", associate("node")],
  ["a policy for no entry", associate("gone")],
  ["a policy taken away", disassociate],
  ["the policies after it", async (eks) => (await policies(eks)).length],
  ["a policy taken away twice", disassociate],
  [
    "a page of one",
    async (eks) => {
      const page = await eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 1 }));
      return [page.accessEntries?.length, page.nextToken === undefined ? "the last" : "and more"];
    },
  ],
  ["a page of none", done((eks) => eks.send(new ListAccessEntriesCommand({ clusterName, maxResults: 0 })))],
  [
    "a tag",
    done(async (eks) => eks.send(new TagResourceCommand({ resourceArn: await arnOfPlain(eks), tags: { x: "y" } }))),
  ],
  [
    "the tags",
    async (eks) => (await eks.send(new ListTagsForResourceCommand({ resourceArn: await arnOfPlain(eks) }))).tags,
  ],
  ["the tags, as the entry shows them", described("plain", ({ tags }) => tags)],
  ["an entry deleted", remove("eng/dev")],
  ["what it is then", described("eng/dev", () => "there")],
  ["an entry deleted twice", remove("eng/dev")],
  [
    "the mode of a cluster",
    async (eks) =>
      (await eks.send(new DescribeClusterCommand({ name: "old" }))).cluster?.accessConfig?.authenticationMode,
  ],
  [
    "a change of mode",
    done((eks) =>
      eks.send(
        new UpdateClusterConfigCommand({ name: "old", accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" } }),
      ),
    ),
  ],
  [
    "node groups where there are none",
    async (eks) => (await eks.send(new ListNodegroupsCommand({ clusterName }))).nodegroups,
  ],
];

function done(call: Call): Call {
  return (eks) => call(eks).then(() => "done");
}

function create(name: string, input: Partial<CreateAccessEntryCommandInput> = {}): Call {
  return done((eks) => eks.send(new CreateAccessEntryCommand({ clusterName, principalArn: roleArn(name), ...input })));
}

function update(name: string, kubernetesGroups: string[]): Call {
  return done((eks) =>
    eks.send(new UpdateAccessEntryCommand({ clusterName, principalArn: roleArn(name), kubernetesGroups })),
  );
}

function remove(name: string): Call {
  return done((eks) => eks.send(new DeleteAccessEntryCommand({ clusterName, principalArn: roleArn(name) })));
}

function described(name: string, show: (entry: AccessEntry) => unknown): Call {
  return async (eks) => show(await entryOf(eks, name));
}

async function entryOf(eks: EKSClient, name: string): Promise<AccessEntry> {
  const command = new DescribeAccessEntryCommand({ clusterName, principalArn: roleArn(name) });
  return (await eks.send(command)).accessEntry ?? {};
}

async function arnOfPlain(eks: EKSClient): Promise<string | undefined> {
  return (await entryOf(eks, "plain")).accessEntryArn;
}

function associate(name: string, policyArn = viewPolicy, accessScope: object = { type: "cluster" }): Call {
  return done((eks) =>
    eks.send(new AssociateAccessPolicyCommand({ clusterName, principalArn: roleArn(name), policyArn, accessScope })),
  );
}

function disassociate(eks: EKSClient): Promise<unknown> {
  const command = new DisassociateAccessPolicyCommand({
    clusterName,
    principalArn: roleArn("eng/dev"),
    policyArn: viewPolicy,
  });
  return done((client) => client.send(command))(eks);
}

async function policies(eks: EKSClient) {
  const command = new ListAssociatedAccessPoliciesCommand({ clusterName, principalArn: roleArn("eng/dev") });
  return (await eks.send(command)).associatedAccessPolicies ?? [];
}
