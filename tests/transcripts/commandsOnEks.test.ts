import { afterAll, beforeAll, vi } from "vitest";
import { type RoleDetails, trustOf } from "../support/eks/principals.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { roleArn, type SampleEksCluster, sampleAwsAuth, startSampleCluster } from "../support/rbac/sampleCluster.ts";
import { type Page, pagesIn, shownEntries } from "../support/transcripts/page.ts";

const { transcript } = pagesIn("commandsOnEks");

const [admin, dev, ci, nobody] = ["admin", "dev", "ci", "nobody"].map(roleArn);
const user = "arn:aws:iam::111122223333:user";

let sample: SampleEksCluster;
beforeAll(async () => {
  sample = await startSampleCluster();
});
afterAll(() => sample?.stop());

/** Shows the cluster's map and access entries. */
async function show(page: Page): Promise<void> {
  page.say("The EKS cluster `prod`, in mode `API_AND_CONFIG_MAP`.");
  await page.watch("`kube-system/aws-auth`", async () => manifestOf(sampleAwsAuth));
  await page.watch("Its access entries", async () => shownEntries(sample.aws.entries("prod")));
}

/** Runs commands on the EKS cluster. */
async function onCluster(page: Page, ...commands: readonly string[]): Promise<void> {
  const env = sample.aws.env(sample.caller);
  for (const command of commands) {
    await page.cli(`${command} --cluster prod`, { env });
  }
}

/** What IAM returns for a role of the sample. */
function detailsOf(name: string): Partial<RoleDetails> {
  return sample.aws.principals.find(roleArn(name))?.details ?? {};
}

transcript("get", "get lists the mappings", async (page) => {
  await show(page);
  await onCluster(page, "get", "get -o json", "get -o yaml", "get --wide", "get --wide -o json");
  await onCluster(page, `get --arn ${roleArn("eng/DEV")}`, `get --arn ${nobody}`);
});

transcript("explain", "explain prints the username and groups of an identity", async (page) => {
  await onCluster(page, `explain ${dev}`, `explain ${dev} -o json`, `explain ${admin}`, `explain ${user}/twin`);
  await onCluster(page, `explain ${nobody}`);
});

transcript("can-i", "can-i checks one request", async (page) => {
  await onCluster(page, `can-i ${dev} list pods -n web`);
  await onCluster(page, `can-i ${dev} list pods -n web -o json`);
  await onCluster(page, `can-i ${ci} delete pods -n kube-system`, `can-i ${roleArn("aiops")} get pods`);
  await onCluster(page, `can-i ${admin} '*' /anything`, `can-i ${nobody} get pods`);
  await onCluster(page, `can-i ${dev} get widgets`, `can-i ${dev} frob pods`);
});

transcript("who-can", "who-can lists the identities that may send a request", async (page) => {
  await onCluster(page, "who-can get secrets", "who-can get secrets -o json", "who-can get podz");
});

transcript("lint", "lint reports entries without effect, and mistakes", async (page) => {
  await onCluster(page, "lint", "lint --strict --verbose", "lint --verbose -o json");
});

transcript("review", "review lists who has access to clusters, and what has changed", async (page) => {
  const env = sample.aws.env(sample.caller);
  const provider = "token.actions.githubusercontent.com";
  const ofRepository = { StringLike: { [`${provider}:sub`]: "repo:acme/shop:*" } };
  const federated = { Federated: `arn:aws:iam::111122223333:oidc-provider/${provider}` };
  const gitHub = {
    Effect: "Allow",
    Principal: federated,
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: ofRepository,
  };
  const used = { at: Date.UTC(2020, 0, 31), region: "eu-central-1" };
  Object.assign(detailsOf("ci"), { trustPolicy: { Statement: gitHub } });
  Object.assign(detailsOf("ops"), { trustPolicy: trustOf("444455556666"), lastUsed: used });
  await onCluster(page, "review");
  await page.cli("review --cluster prod -o html", { env }, "review.html");
  await page.cli("review --cluster prod -o json", { env }, "review.json");
});

transcript("import", "import prints a program for the map", async (page) => {
  await onCluster(page, "import", "import -o yaml");
});

transcript("recreated", "A role that was recreated, and one that does not exist", async (page) => {
  const { aws } = sample;
  const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
  for (const arn of [roleArn("eng/dev"), roleArn("ci")]) {
    aws.principals.delete(arn);
    aws.principals.create(arn);
  }
  later.mockRestore();
  aws.principals.delete(roleArn("ops"));
  page.say(
    "Both places map `dev`, and only an access entry maps `ci`. Both roles were recreated, and `ops` was deleted.",
  );
  await onCluster(page, `explain ${ci}`, `explain ${ci} -o json`, `explain ${dev}`, `explain ${roleArn("ops")}`);
  await onCluster(
    page,
    `can-i ${ci} delete pods`,
    `can-i ${dev} list pods -n web`,
    `can-i ${roleArn("ops")} get /metrics/x`,
  );
  await onCluster(page, "who-can list pods", "lint", "review", "migrate");
  page.say("Without permissions in IAM:");
  const actions = ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"];
  aws.permit(
    sample.caller,
    actions.map((action) => `eks:${action}`),
  );
  await onCluster(page, `can-i ${ci} delete pods`, "lint");
});
