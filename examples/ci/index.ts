import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as awsAuth from "pulumi-aws-auth";

const config = new pulumi.Config();
const cluster = config.require("clusterArn");
const entries = cluster.replace(":cluster/", ":access-entry/");
const github = "token.actions.githubusercontent.com";

// AWS trusts GitHub's tokens. An account can have only one provider for them; if it exists, import it.
const provider = new aws.iam.OpenIdConnectProvider("github", {
  url: `https://${github}`,
  clientIdLists: ["sts.amazonaws.com"],
});

const allow = (actions: readonly string[], ...Resource: readonly string[]) => ({
  Effect: "Allow",
  Action: actions,
  Resource,
});
const reads = ["DescribeCluster", "ListAccessEntries", "DescribeAccessEntry", "ListAssociatedAccessPolicies"];
const writes = ["CreateAccessEntry", "UpdateAccessEntry", "DeleteAccessEntry", "TagResource", "UntagResource"];
const policies = ["AssociateAccessPolicy", "DisassociateAccessPolicy"];
const onEntries = (...actions: readonly string[]) =>
  allow(
    actions.map((action) => `eks:${action}`),
    cluster,
    `${entries}/*`,
  );
const inIam = allow(["iam:GetRole", "iam:GetUser"], "*");
// AWS does not document the resource for which a new access entry needs eks:TagResource.
const tags = allow(["eks:TagResource"], `${cluster}/*`, cluster.replace(/cluster\/.*/, "/*"));

/** A role for jobs whose token has this subject. Its group may list bindings, so that previews show the rights behind groups. */
function roleFor(job: string, subject: string, ...Statement: readonly object[]): pulumi.Output<string> {
  const sub = `repo:${config.require("repository")}:${subject}`;
  const trust = {
    Effect: "Allow",
    Action: "sts:AssumeRoleWithWebIdentity",
    Principal: { Federated: provider.arn },
    Condition: { StringEquals: { [`${github}:aud`]: "sts.amazonaws.com", [`${github}:sub`]: sub } },
  };
  const name = `aws-auth-${job}`;
  const assumeRolePolicy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: [trust] });
  const role = new aws.iam.Role(name, { assumeRolePolicy });
  new aws.iam.RolePolicy(name, { role: role.name, policy: JSON.stringify({ Version: "2012-10-17", Statement }) });
  const username = `ci-${job}:{{SessionName}}`;
  new awsAuth.IdentityMapping(job, { cluster, arn: role.arn, username, groups: ["rbac-readers"] });
  return role.arn;
}

/** For the repository variable AWS_PREVIEW_ROLE, used by pull requests, except those from forks, which get no token. */
export const previewRole = roleFor("preview", "pull_request", onEntries(...reads), inIam);
/** For the variable AWS_DEPLOY_ROLE of the environment `production`, which only the branch main may use. */
export const deployRole = roleFor(
  "deploy",
  "environment:production",
  onEntries(...reads, ...writes, ...policies),
  tags,
  inIam,
);

// The context that `aws eks update-kubeconfig` creates has the ARN of the cluster as its name.
const kubernetes = { provider: new k8s.Provider("cluster", { context: cluster }) };
const apiGroup = "rbac.authorization.k8s.io";
const metadata = { name: "rbac-readers" };
const resources = ["clusterrolebindings", "rolebindings", "clusterroles", "roles"];
const rules = [{ apiGroups: [apiGroup], resources, verbs: ["list"] }];
new k8s.rbac.v1.ClusterRole("rbac-readers", { metadata, rules }, kubernetes);
const subjects = [{ apiGroup, kind: "Group", name: "rbac-readers" }];
const roleRef = { apiGroup, kind: "ClusterRole", name: "rbac-readers" };
new k8s.rbac.v1.ClusterRoleBinding("rbac-readers", { metadata, roleRef, subjects }, kubernetes);
