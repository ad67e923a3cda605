import {
  type AccessEntry,
  type CreateAccessEntryCommandInput,
  EKS,
  type UpdateAccessEntryCommandInput,
} from "@aws-sdk/client-eks";
import { expect, it as plain } from "vitest";
import type { AwsCaller } from "../../support/aws/caller.ts";
import { EksStandIn } from "../../support/eks/standIn.ts";

const account = "111122223333";
const clusterName = "prod";
const roleArn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const devArn = roleArn("eng/dev");
const policyArnOf = (name: string) => `arn:aws:eks::aws:cluster-access-policy/AmazonEKS${name}Policy`;
const roles = ["eng/dev", "plain", "node", "fargate", "windows", "scoped"];

/** The AWS SDK of the deploying user without retries, on a cluster "prod". */
class World {
  readonly aws: EksStandIn;
  readonly eks: EKS;

  constructor(aws: EksStandIn, deployer: AwsCaller) {
    this.aws = aws;
    this.eks = new EKS({ region: "eu-central-1", credentials: deployer, endpoint: aws.url, maxAttempts: 1 });
  }

  create(name = "eng/dev", input: Partial<CreateAccessEntryCommandInput> = {}) {
    return this.eks.createAccessEntry({ clusterName, principalArn: roleArn(name), ...input });
  }

  update(name: string, input: Partial<UpdateAccessEntryCommandInput>) {
    return this.eks.updateAccessEntry({ clusterName, principalArn: roleArn(name), ...input });
  }

  remove(name = "eng/dev") {
    return this.eks.deleteAccessEntry({ clusterName, principalArn: roleArn(name) });
  }

  associate(name = "eng/dev", policyArn = policyArnOf("View"), accessScope: object = { type: "cluster" }) {
    return this.eks.associateAccessPolicy({ clusterName, principalArn: roleArn(name), policyArn, accessScope });
  }

  async read(name = "eng/dev"): Promise<AccessEntry> {
    return (await this.eks.describeAccessEntry({ clusterName, principalArn: roleArn(name) })).accessEntry ?? {};
  }
}

const it = plain.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of the fixtures that this one needs.
  world: async ({}, use) => {
    const aws = await EksStandIn.start();
    aws.addCluster({ name: clusterName, authenticationMode: "API_AND_CONFIG_MAP" });
    aws.addCluster({ name: "old" });
    for (const name of roles) {
      aws.principals.create(roleArn(name));
    }
    const deployer = aws.caller("deployer", aws.principals.create(`arn:aws:iam::${account}:user/deployer`).arn);
    const world = new World(aws, deployer);
    await use(world);
    world.eks.destroy();
    await aws.stop();
  },
});

const manyTags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, ""]));
const session = `arn:aws:sts::${account}:assumed-role/dev/jane`;
const notFound = "ResourceNotFoundException";
const invalid = "InvalidParameterException";

/** A call of a sequence and its outcome: a part of the response, or the name of the exception. */
type Step = readonly [title: string, call: (world: World) => Promise<unknown>, outcome: unknown];

const user = ({ username, kubernetesGroups }: AccessEntry) => `${username} ${kubernetesGroups}`;
const sessionName = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/{{SessionName}}`;

const steps: readonly Step[] = [
  ["an entry", (w) => w.create("eng/dev", { username: "dev", kubernetesGroups: ["dev"], tags: { a: "b" } }), "done"],
  ["its content", async (w) => user(await w.read()), "dev dev"],
  [
    "its ARN",
    async (w) => (await w.read()).accessEntryArn?.slice(0, -37),
    `arn:aws:eks:eu-central-1:${account}:access-entry/prod/role/${account}/dev`,
  ],
  ["a second entry for its role", (w) => w.create(), "ResourceInUseException"],
  ["an entry without a username", (w) => w.create("plain"), "done"],
  ["its default username", async (w) => (await w.read("plain")).username, sessionName("plain")],
  ["a node", (w) => w.create("node", { type: "EC2_LINUX" }), "done"],
  ["its default user", async (w) => user(await w.read("node")), "system:node:{{EC2PrivateDNSName}} system:nodes"],
  ["a Windows node", (w) => w.create("windows", { type: "EC2_WINDOWS" }), "done"],
  [
    "its default user",
    async (w) => user(await w.read("windows")),
    "system:node:{{EC2PrivateDNSName}} eks:kube-proxy-windows,system:nodes",
  ],
  ["a Fargate node", (w) => w.create("fargate", { type: "FARGATE_LINUX" }), "done"],
  [
    "its default user",
    async (w) => user(await w.read("fargate")),
    "system:node:{{SessionName}} system:node-proxier,system:nodes",
  ],
  ["a node with groups", (w) => w.create("scoped", { type: "EC2_LINUX", kubernetesGroups: ["x"] }), invalid],
  ["a type that does not exist", (w) => w.create("scoped", { type: "Standard" }), invalid],
  ["a role that does not exist", (w) => w.create("nobody"), invalid],
  ["a session", (w) => w.create("", { principalArn: session }), invalid],
  ["a service-linked role", (w) => w.create("aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"), invalid],
  ...[
    "system:x",
    "eks:x",
    "aws:x",
    "amazon:x",
    "iam:x",
    "x{{SessionName}}",
    "{{SessionName}}:x",
    "x{{SessionNameRaw}}",
  ].map((username): Step => [`the username ${username}`, (w) => w.create("scoped", { username }), invalid]),
  ["a reserved group", (w) => w.create("scoped", { kubernetesGroups: ["system:masters"] }), invalid],
  ["51 tags", (w) => w.create("scoped", { tags: manyTags }), invalid],
  ["an entry in a missing cluster", (w) => w.create("scoped", { clusterName: "gone" }), notFound],
  ["an entry in mode CONFIG_MAP", (w) => w.create("scoped", { clusterName: "old" }), "InvalidRequestException"],
  ["a policy", (w) => w.associate(), "done"],
  [
    "the same for namespaces",
    (w) => w.associate("eng/dev", policyArnOf("View"), { type: "namespace", namespaces: ["a"] }),
    "done",
  ],
  ["an update without a username", (w) => w.update("eng/dev", { kubernetesGroups: ["ops"] }), "done"],
  ["the omitted username becomes the default", async (w) => user(await w.read()), `${sessionName("dev")} ops`],
  [
    "tags and policies are kept",
    async ({ aws }) => [
      aws.entry(clusterName, devArn)?.tags,
      aws.entry(clusterName, devArn)?.policies.map(({ accessScope }) => accessScope),
    ],
    [{ a: "b" }, [{ type: "namespace", namespaces: ["a"] }]],
  ],
  ["an update of a node", (w) => w.update("node", { kubernetesGroups: [] }), invalid],
  ["an update of a missing entry", (w) => w.update("scoped", { kubernetesGroups: [] }), notFound],
  ["a policy that does not exist", (w) => w.associate("plain", policyArnOf("No")), notFound],
  ["another partition's policy", (w) => w.associate("plain", policyArnOf("View").replace("aws", "aws-cn")), notFound],
  ["a policy of IAM", (w) => w.associate("plain", "arn:aws:iam::aws:policy/AdministratorAccess"), invalid],
  [
    "a policy for the cluster with namespaces",
    (w) => w.associate("plain", policyArnOf("View"), { type: "cluster", namespaces: ["a"] }),
    invalid,
  ],
  ["a policy for no namespaces", (w) => w.associate("plain", policyArnOf("View"), { type: "namespace" }), invalid],
  ["a policy for a node", (w) => w.associate("node"), invalid],
  ["a policy for a missing entry", (w) => w.associate("scoped"), notFound],
  ["a delete", (w) => w.remove(), "done"],
  ["a read after the delete", (w) => w.read(), notFound],
  ["a second delete", (w) => w.remove(), notFound],
];

it("answers each call like AWS, or with its exception", async ({ world }) => {
  const outcomes: unknown[] = [];
  for (const [title, call] of steps) {
    const outcome: unknown = await call(world).catch(({ name }: Error) => name);
    const isShown = typeof outcome === "string" || Array.isArray(outcome);
    outcomes.push([title, isShown ? outcome : "done"]);
  }
  expect(outcomes).toEqual(steps.map(([title, , outcome]) => [title, outcome]));
});
