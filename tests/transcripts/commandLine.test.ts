import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { historicData } from "../support/cli/historicMap.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { iam, entry as mapEntry, migrationWorld, moveSome, sampleMap } from "../support/migration/world.ts";
import { roleArn, sampleAwsAuth } from "../support/rbac/sampleCluster.ts";
import { type Page, pagesIn, shownEntries } from "../support/transcripts/page.ts";

const { transcript } = pagesIn("commandLine");

const [admin, dev] = ["admin", "dev"].map(roleArn);
const user = "arn:aws:iam::111122223333:user";

/** Runs commands on a manifest in a new directory. */
async function onManifest(page: Page, data: Readonly<Record<string, string>>, ...commands: readonly string[]) {
  const cwd = await page.directory({ "aws-auth.yaml": manifestOf(data) });
  for (const command of commands) {
    await page.cli(`${command} --manifest aws-auth.yaml`, { cwd });
  }
  return cwd;
}

const faulty = {
  mapRoles: `- rolearn: ${dev}
  username: developer
  groups: [viewers]
- rolearn: ${roleArn("eng/ops")}
  username: ops
  groups: [system:master]
- rolearn: ${dev}
  username: developer
  groups: [developers]
- rolearn: ${user}/jane
  username: jane
`,
  mapUsers: `- userarn: ${user}/jane
  username: jane
  groups: viewers
`,
  mapAccounts: "- 012345678901\n",
};

transcript("lint", "lint reports entries without effect, and mistakes", async (page) => {
  await onManifest(page, faulty, "lint", "lint -o json");
  await onManifest(page, { mapRoles: sampleAwsAuth.mapRoles }, "lint --strict");
});

transcript(
  "review-changes",
  "review compares with an earlier review, and fails if access has changed",
  async (page) => {
    const cwd = await onManifest(page, { mapRoles: entry("dev", "viewers") });
    const before = await page.cli("review --manifest aws-auth.yaml -o json", { cwd });
    await writeFile(join(cwd, "before.json"), before.replace(/("createdAt": ")[^"]*/, "$12026-11-24T04:00:00.000Z"));
    page.say("The output is saved as `before.json`, and a day later an administrator is added.");
    await writeFile(
      join(cwd, "aws-auth.yaml"),
      manifestOf({ mapRoles: entry("dev", "viewers") + entry("admin", "system:masters") }),
    );
    const since = "review --manifest aws-auth.yaml --since before.json";
    for (const rest of ["", " --fail-on change -o json"]) {
      await page.cli(`${since}${rest}`, { cwd });
    }
    const clusters = "- manifest: aws-auth.yaml\n- manifest: missing.yaml\n";
    await writeFile(join(cwd, "clusters.yaml"), clusters);
    page.say("`clusters.yaml` lists this manifest, and one that does not exist.");
    await page.cli("review --clusters clusters.yaml", { cwd });
  },
);

transcript("migrate", "migrate reports which entries can become access entries", async (page) => {
  const world = await migrationWorld(sampleMap);
  moveSome(world);
  await page.watch("aws-auth", async () => manifestOf(sampleMap));
  await page.watch("Access entries", async () => shownEntries(world.aws.entries("prod")));
  const env = world.aws.env(world.caller);
  for (const rest of ["", " -o json"]) {
    await page.cli(`migrate --cluster prod${rest}`, { env });
  }
  page.say("In a cluster whose only entry has an equal access entry:");
  const ready = await migrationWorld({ mapRoles: mapEntry(iam("role/admins"), "admin", "system:masters") });
  moveSome(ready);
  await page.cli("migrate --cluster prod", { env: ready.aws.env(ready.caller) });
  page.say("In a cluster of mode `CONFIG_MAP`:");
  const old = await migrationWorld(sampleMap, "CONFIG_MAP");
  await page.cli("migrate --cluster prod", { env: old.aws.env(old.caller) });
  page.say("Without the permission to list access entries:");
  old.aws.permit(world.caller, ["eks:DescribeCluster"]);
  world.aws.permit(world.caller, ["eks:DescribeCluster"]);
  await page.cli("migrate --cluster prod", { env });
});

transcript("import", "import prints a program for existing entries", async (page) => {
  const formats = ["yaml", "pulumi-import"].map((format) => `import -o ${format}`);
  const cwd = await onManifest(page, seasonedData, "import", ...formats);
  await writeFile(join(cwd, "cluster.yaml"), clusterConfig);
  page.say("From an eksctl file with a role, an account and a service:");
  await page.cli("import --from cluster.yaml", { cwd });
  page.say("YAML cannot express the service:");
  await page.cli("import --from cluster.yaml -o yaml", { cwd });
});

transcript("manifest", "The commands on a manifest, which has no rights", async (page) => {
  await onManifest(
    page,
    { mapRoles: sampleAwsAuth.mapRoles },
    "get",
    `explain ${dev}`,
    `can-i ${dev} get pods`,
    `can-i ${admin} get pods`,
    "who-can get pods",
    "lint",
    "review",
  );
  page.say("A session, in a map with ten years of history:");
  await onManifest(page, historicData, "explain arn:aws:sts::111122223333:assumed-role/dev/jane");
  page.say("A key that cannot be read:");
  const broken = { mapRoles: "- rolearn: x\n   username: bad\n" };
  await onManifest(page, broken, "get", `explain ${dev}`, "lint", "review", "import");
});

transcript("usage", "Wrong usage", async (page) => {
  const wrong = [
    "gte --manifest x",
    "get --manifets x",
    "get",
    "get --manifest none.yaml",
    "get -o xml --manifest x",
    "get --cluster prod",
  ];
  for (const command of ["", ...wrong, "explain dev --manifest x", "can-i --manifest x", "get --region x"]) {
    await page.cli(command, {});
  }
  for (const command of ["get", "can-i", "review", "migrate", "import"]) {
    await page.cli(`${command} --help`, {});
  }
});

const clusterConfig = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: prod, region: eu-central-1 }
iamIdentityMappings:
- { arn: "${roleArn("eng/dev")}", username: dev, groups: [viewers] }
- { account: "012345678901" }
- { serviceName: emr-containers, namespace: spark }
`;

function entry(name: string, group: string): string {
  return `- rolearn: ${roleArn(name)}\n  username: ${name}\n  groups: ["${group}"]\n`;
}
