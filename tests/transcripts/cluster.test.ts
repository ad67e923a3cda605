import { afterAll, beforeAll, beforeEach } from "vitest";
import { stringify } from "yaml";
import { documentedObjects } from "../support/cluster/awsAuth.ts";
import { type AccessEntryCluster, startEntryCluster } from "../support/eks/entryCluster.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { projectWithStandIns } from "../support/standIns/projectWithStandIns.ts";
import { destroy, entry, nodes, preview, refresh, role, roleMapping, up } from "../support/transcripts/declarations.ts";
import { defaultProject, type Page, pagesIn, shownEntries } from "../support/transcripts/page.ts";

const { transcript, nightlyTranscript } = pagesIn("cluster");

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const claims = "pulumi-aws-auth/claims";

let world: AccessEntryCluster;
beforeAll(async () => {
  world = await startEntryCluster();
  const { aws, cluster, proxy } = world;
  for (const name of [
    "platform/admin",
    "eng/dev",
    "ci",
    "old",
    "found",
    "shared",
    "taken",
    "aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch",
  ]) {
    aws.principals.create(role(name));
  }
  aws.addCluster({ name: "old", endpoint: proxy.url, caData: cluster.caData, authenticationMode: "CONFIG_MAP" });
});
afterAll(() => world?.stop());
beforeEach(() => world.aws.cluster("prod").entries.clear());

/** Shows the map and its changes, and optionally the access entries. */
async function watch(page: Page, mapRoles: string, withEntries = false): Promise<void> {
  await world.map.reset({ mapRoles });
  page.say("The EKS cluster `prod`.");
  await page.watch("`kube-system/aws-auth`", async () => {
    const { data = {}, metadata } = (await world.map.read()) ?? {};
    return manifestOf(data, metadata?.annotations?.[claims]?.split("\n"));
  });
  if (withEntries) {
    await page.watch("Its access entries", async () => shownEntries(world.aws.entries("prod")));
  }
}

/** Adds a project on the cluster. */
async function add(page: Page, program: string, name = defaultProject): Promise<TestProject> {
  const project = page.own(await world.add(name, ""));
  await page.settings(project, settings());
  await page.program(project, program);
  return project;
}

function settings(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { "aws-auth:cluster": "prod", "aws:region": "eu-central-1", ...more };
}

async function bind(namespace: string, group: string, clusterRole: string): Promise<void> {
  const apiGroup = "rbac.authorization.k8s.io";
  await world.cluster.request("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  await world.cluster.request("POST", `${rbac}/namespaces/${namespace}/rolebindings`, {
    metadata: { name: group },
    roleRef: { apiGroup, kind: "ClusterRole", name: clusterRole },
    subjects: [{ apiGroup, kind: "Group", name: group }],
  });
}

async function allowDeployerToListRoles(): Promise<void> {
  const apiGroup = "rbac.authorization.k8s.io";
  const name = "rbac-reader";
  const documented = documentedObjects().find(({ metadata }) => metadata.name === name);
  await world.cluster.request("POST", `${rbac}/clusterroles`, documented);
  await world.cluster.request("POST", `${rbac}/clusterrolebindings`, {
    metadata: { name },
    roleRef: { apiGroup, kind: "ClusterRole", name },
    subjects: [{ apiGroup, kind: "User", name: "deployer" }],
  });
}

/** The Roles and RoleBindings of a namespace. */
async function rolesIn(namespace: string): Promise<string> {
  const lists = ["roles", "rolebindings"].map(async (kind) => {
    const { body } = await world.cluster.request("GET", `${rbac}/namespaces/${namespace}/${kind}`);
    const {
      items,
    }: { items: { metadata: { name: string }; rules?: unknown; roleRef?: unknown; subjects?: unknown }[] } =
      Object(body);
    return [
      kind,
      items.map(({ metadata: { name }, rules, roleRef, subjects }) =>
        JSON.parse(JSON.stringify({ name, rules, roleRef, subjects })),
      ),
    ];
  });
  return stringify(Object.fromEntries(await Promise.all(lists)));
}

transcript("access", "A preview shows what each identity gains and loses", async (page) => {
  await bind("team-a", "viewers", "view");
  await bind("team-b", "viewers", "view");
  await bind("team-a", "editors", "edit");
  await watch(page, nodes + entry("old", "old", "viewers"));
  const admin = roleMapping("admin", ["system:masters"]);
  const project = await add(page, admin + roleMapping("dev", ["viewers"], "admin"));
  page.say("The deployer may not list roles and bindings.");
  await page.pulumi(project, "preview");
  await allowDeployerToListRoles();
  page.say("Now the deployer may list them.");
  await page.pulumi(project, up);
  page.say("An update, and an adoption:");
  await page.program(
    project,
    admin +
      roleMapping("dev", ["viewers", "editors"], "admin") +
      roleMapping("old", ["editors"], "dev", "\nadopt: true,"),
  );
  await page.pulumi(project, "preview");
});

transcript(
  "lock-out",
  "A change that locks everyone out is refused, unless the environment allows it",
  async (page) => {
    await watch(page, nodes);
    const admin = roleMapping("admin", ["system:masters"]);
    const project = await add(page, admin);
    await page.pulumi(project, up);
    page.say("The last administrator becomes a viewer.");
    await page.program(project, admin.replace("system:masters", "viewers"));
    await page.pulumi(project, "preview");
    page.say("The last administrator is removed from the program.");
    await page.program(project, "");
    await page.pulumi(project, preview, up);
    await page.pulumi(project, destroy);
    page.say("The same command with `AWS_AUTH_LOCKOUT_PROTECTION=off` in the environment:");
    await page.pulumi(project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }), destroy);
  },
);

nightlyTranscript("share", "Two stacks share an entry, and one takes over another", async (page) => {
  await watch(page, nodes + entry("found", "found", "viewers"));
  const infra = await add(
    page,
    roleMapping("shared", ["viewers"]) +
      roleMapping("taken", ["viewers"], "shared") +
      roleMapping("found", ["viewers"], "taken"),
    "infra",
  );
  await page.pulumi(infra, up);
  const apps = await add(
    page,
    roleMapping("shared", ["viewers"]) + roleMapping("taken", ["editors"], "shared"),
    "apps",
  );
  await page.pulumi(apps, "preview");
  page.say("`adopt: true` takes over the entry.");
  await page.program(
    apps,
    roleMapping("shared", ["viewers"]) + roleMapping("taken", ["editors"], "shared", "\nadopt: true,"),
  );
  await page.pulumi(apps, preview, up, "preview --expect-no-changes");
  await page.pulumi(infra, "preview", refresh, destroy);
  await page.pulumi(apps, destroy);
});

nightlyTranscript("services", "A service of AWS, with its Role and RoleBinding", async (page) => {
  await world.cluster.request("POST", "/api/v1/namespaces", { metadata: { name: "spark" } });
  const project = page.own(
    await projectWithStandIns({ name: defaultProject, kubeconfig: world.cluster.kubeconfigFile() }),
  );
  await project.write("aws-auth.yaml", manifestOf({ mapRoles: nodes }));
  await page.settings(project, { "aws-auth:manifest": "aws-auth.yaml" });
  await page.watch("`aws-auth.yaml`", () => project.read("aws-auth.yaml"));
  await page.watch("Roles and RoleBindings in the namespace `spark`", () => rolesIn("spark"));
  const roleArn = role("AWSServiceRoleForAmazonEMRContainers");
  const service = (name: string) =>
    `new awsAuth.ServiceIdentityMapping("emr", { serviceName: "${name}", namespace: "spark", roleArn: "${roleArn}" });\n`;
  await page.program(project, service("aws-batch"));
  await page.pulumi(project, "preview");
  await page.program(project, service("emr-containers"));
  await page.pulumi(project, "preview --parallel 1", `${up} --parallel 1`, "preview --expect-no-changes");
  await page.pulumi(project, `${destroy} --parallel 1`);
});

nightlyTranscript("move", "A stack moves to access entries, and back", async (page) => {
  await watch(page, nodes, true);
  const project = await add(page, roleMapping("admin", ["system:masters"]) + roleMapping("dev", ["viewers"], "admin"));
  await page.pulumi(project, up);
  for (const mode of ["API_AND_CONFIG_MAP", "API", "API_AND_CONFIG_MAP", "CONFIG_MAP"]) {
    world.clock.ahead += 60_000;
    await page.settings(project, settings({ "aws-auth:authenticationMode": mode }));
    await page.pulumi(project, ...(mode === "API" ? [preview] : []), "preview", up);
  }
  await page.pulumi(project, "preview --expect-no-changes");
  await page.pulumi(project.with({ AWS_AUTH_LOCKOUT_PROTECTION: "off" }), destroy);
});

nightlyTranscript("move-refusals", "What cannot move to access entries", async (page) => {
  await watch(page, nodes, true);
  const api = settings({ "aws-auth:authenticationMode": "API" });
  const project = await add(page, roleMapping("ci", ["system:monitoring"]).replace('"ci",\ng', '"system:ci",\ng'));
  await page.settings(project, api);
  await page.pulumi(project, "preview");
  const refused = [
    'new IdentityMapping("account", { account: "444455556666" });\n',
    `new IdentityMapping("batch", { arn: "${role("aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")}", username: "batch" });\n`,
    `new IdentityMapping("nobody", { arn: "${role("nobody")}", username: "nobody" });\n`,
  ];
  for (const program of refused) {
    await page.program(project, program);
    await page.pulumi(project, "preview");
  }
  page.say("A mapping of aws-auth takes one step per `pulumi up`.");
  await page.settings(project, settings({ "aws-auth:authenticationMode": "CONFIG_MAP" }));
  await page.program(project, roleMapping("dev", ["viewers"]));
  await page.pulumi(project, up);
  await page.settings(project, api);
  await page.pulumi(project, "preview");
  await page.settings(project, settings({ "aws-auth:authenticationMode": "API_AND_CONFIG_MAP" }));
  await page.program(project, roleMapping("dev", ["editors"]));
  await page.pulumi(project, "preview");
  await page.settings(project, settings({ "aws-auth:authenticationMode": "CONFIG_MAP" }));
  await page.pulumi(project, destroy);
  page.say("The cluster `old` has mode `CONFIG_MAP`.");
  await page.program(project, roleMapping("dev", ["viewers"]));
  await page.settings(project, { ...api, "aws-auth:cluster": "old" });
  await page.pulumi(project, "preview");
});

nightlyTranscript("access-entries", "An access entry of another owner, drift, and a refresh", async (page) => {
  world.aws.addServiceEntry("prod", role("eng/dev"), { type: "STANDARD", username: "theirs", groups: ["x"] });
  await watch(page, nodes, true);
  const api = settings({ "aws-auth:authenticationMode": "API" });
  const project = await add(page, roleMapping("dev", ["viewers"]));
  await page.settings(project, api);
  await page.pulumi(project, "preview");
  await page.program(project, roleMapping("dev", ["viewers"], undefined, "\nadopt: true,"));
  await page.pulumi(project, preview, up);
  await page.change("The access entry is changed outside Pulumi.", async () => {
    world.aws.cluster("prod").entries.clear();
    world.aws.addServiceEntry("prod", role("eng/dev"), { type: "STANDARD", username: "dev", groups: ["admins"] });
  });
  await page.pulumi(project, "preview", preview, up);
  await page.change("It is deleted by hand.", async () => world.aws.cluster("prod").entries.clear());
  await page.pulumi(project, "preview", refresh, up, destroy);
});
