import { TokenWebhook } from "../authenticator/tokenWebhook.ts";
import type { AwsCaller } from "../aws/caller.ts";
import { startCluster, type TestCluster } from "../cluster/startCluster.ts";
import { EksStandIn } from "../eks/standIn.ts";
import type { AuthenticationMode } from "../eks/state.ts";
import { openOffice } from "./office.ts";

const account = "111122223333";
const iam = (resource: string) => `arn:aws:iam::${account}:${resource}`;

/** The office as the EKS cluster "prod", whose mode a test may change in any direction. */
export interface EksOffice {
  readonly aws: EksStandIn;
  readonly cluster: TestCluster;
  /** May do everything, and is in nobody's map. */
  readonly caller: AwsCaller;
  setMode(mode: AuthenticationMode): void;
  stop(): Promise<void>;
}

/** Starts the office. */
export async function startEksOffice(): Promise<EksOffice> {
  const clock = { behind: 3_600_000 };
  const aws = await EksStandIn.start({ now: () => Date.now() - clock.behind });
  const caller = aws.caller("auditor", aws.principals.create(iam("user/auditor")).arn);
  for (const name of ["eng/dev", "platform/admin", "ci", "aiops", "eks/node"]) {
    aws.principals.create(iam(`role/${name}`));
  }
  aws.principals.create(iam("user/jane"));
  clock.behind = 60_000;
  const webhook = await TokenWebhook.start({
    cluster: "prod",
    sts: aws.url,
    creator: { arn: caller.arn, username: "auditor" },
  });
  const cluster = await startCluster({ authenticationTokenWebhookConfigFile: webhook.configFile });
  await webhook.watch(cluster.kubeconfigFile());
  await openOffice(cluster);
  await cluster.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name: "auditor" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "auditor" }],
  });
  const { server: endpoint, caData } = cluster;
  aws.addCluster({ name: "prod", endpoint, caData, authenticationMode: "API_AND_CONFIG_MAP" });
  addEntries(aws);
  return {
    aws,
    cluster,
    caller,
    setMode: (mode) => {
      aws.cluster("prod").mode = mode;
    },
    stop: async () => {
      await webhook.stop();
      await cluster.stop();
      await aws.stop();
    },
  };
}

/** One that differs from its entry of the map, one that says the same, two policies, one whose rules nobody knows, and nodes. */
function addEntries(aws: EksStandIn): void {
  const standard = { type: "STANDARD" } as const;
  aws.addServiceEntry("prod", iam("role/eng/dev"), {
    ...standard,
    username: "dev:{{SessionName}}",
    groups: ["developers"],
    tags: { "pulumi-aws-auth/claim": "aaaaaaaa.000001 acme/infra/prod dev" },
    policies: [{ name: "AmazonEKSViewPolicy", namespaces: ["team-*", "web"] }],
  });
  aws.addServiceEntry("prod", iam("role/platform/admin"), {
    ...standard,
    username: "admin",
    policies: ["AmazonEKSClusterAdminPolicy"],
  });
  aws.addServiceEntry("prod", iam("role/ci"), {
    ...standard,
    username: "ci",
    policies: [{ name: "AmazonEKSEditPolicy", namespaces: ["default"] }],
  });
  aws.addServiceEntry("prod", iam("role/aiops"), {
    ...standard,
    username: "aiops",
    policies: ["AmazonAIOpsAssistantPolicy"],
  });
  aws.addServiceEntry("prod", iam("user/jane"), {
    ...standard,
    username: "jane",
    policies: ["AmazonEKSAdminViewPolicy"],
  });
  aws.addServiceEntry("prod", iam("role/eks/node"), { type: "EC2_LINUX" });
}
