import { type AccessEntryContent, policyName } from "../accessEntries/accessEntry";
import type { Binding, PolicyRule } from "./bindings";

/** Returns one binding for each namespace of a policy's scope. */
export function policyBindings({ principalArn, policies }: AccessEntryContent): readonly Binding[] {
  return policies.flatMap(({ policyArn, scope }) => {
    const name = policyName(policyArn);
    const namespaces = scope.type === "cluster" ? [""] : [...new Set(scope.namespaces)].sort();
    return namespaces.map(
      (namespace): Binding => ({
        kind: "AccessPolicy",
        name,
        namespace,
        role: { kind: "AccessPolicy", name },
        subjects: [{ kind: "AccessEntry", name: principalArn, namespace: "" }],
        rules: documented.get(name)?.rules,
      }),
    );
  });
}

/** A summary of an access policy; undefined if its rules are not known. */
export function policySummary(name: string): string | undefined {
  return documented.get(name)?.like;
}

const reading = ["get", "list", "watch"];
const writing = ["create", "delete", "deletecollection", "patch", "update"];

/** Resources by API group; those of one group are joined by spaces. */
type Resources = Readonly<Record<string, string>>;

function rulesFor(verbs: readonly string[], resources: Resources): PolicyRule[] {
  return Object.entries(resources).map(([group, names]) => ({
    verbs,
    apiGroups: [group],
    resources: names.split(" "),
    resourceNames: [],
    nonResourceURLs: [],
  }));
}

const viewRules = rulesFor(reading, {
  "": "bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status",
  apps: "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
  autoscaling: "horizontalpodautoscalers horizontalpodautoscalers/status",
  batch: "cronjobs cronjobs/status jobs jobs/status",
  "discovery.k8s.io": "endpointslices",
  extensions:
    "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
  "networking.k8s.io": "ingresses ingresses/status networkpolicies",
  policy: "poddisruptionbudgets poddisruptionbudgets/status",
});

const editRules = [
  ...viewRules,
  ...rulesFor(reading, { "": "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy" }),
  ...rulesFor(writing, {
    "": "configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    apps: "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
    autoscaling: "horizontalpodautoscalers",
    batch: "cronjobs jobs",
    extensions:
      "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale",
    "networking.k8s.io": "ingresses networkpolicies",
    policy: "poddisruptionbudgets",
  }),
  ...rulesFor(["impersonate"], { "": "serviceaccounts" }),
];

const adminRules = [
  ...editRules,
  ...rulesFor(["create"], { "authorization.k8s.io": "localsubjectaccessreviews" }),
  ...rulesFor([...reading, ...writing], { "rbac.authorization.k8s.io": "rolebindings roles" }),
];

const clusterAdminRules: readonly PolicyRule[] = [
  ...rulesFor(["*"], { "*": "*" }),
  { verbs: ["*"], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ["*"] },
];

/** A rule is limited to objects with this name if AWS does not document their names. */
export const undocumentedName = "?";

/** Rules as rows of a table: verbs, API groups, resources, names of objects, and URLs. */
function rulesIn(table: string): PolicyRule[] {
  return table.split(";").map((row) => {
    const cells = row.split("|").map((cell) => cell.split(" "));
    const [verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = []] = cells;
    return { verbs, apiGroups, resources, resourceNames, nonResourceURLs };
  });
}

const [types, leases] = ["apiextensions.k8s.io|customresourcedefinitions", "coordination.k8s.io|leases"];
const ownLease = `create get list watch|${leases};delete update patch|${leases}|${undocumentedName}`;
const controller = `${ownLease};create patch||events;*|${types}`;
const ackServices =
  "acm acmpca apigateway apigatewayv2 applicationautoscaling athena bedrock bedrockagent bedrockagentcorecontrol cloudfront cloudtrail cloudwatch cloudwatchlogs codeartifact cognitoidentityprovider documentdb dynamodb ec2 ecr ecrpublic ecs efs eks elasticache elbv2 emrcontainers eventbridge iam kafka keyspaces kinesis kms lambda memorydb mq networkfirewall opensearchservice organizations pipes prometheusservice ram rds recyclebin route53 route53resolver s3 s3control sagemaker secretsmanager ses sfn sns sqs ssm wafv2";
const ackGroups = `services.k8s.aws ${ackServices.replace(/\w+/g, "$&.services.k8s.aws")}`;
const ack = `get list watch||namespaces;*|${ackGroups}|*;${controller}`;
const argoCdTypes = "applications applicationsets appprojects";
const ofArgoCd = argoCdTypes.replace(/\w+/g, "$& $&/finalizers $&/status");
const argoCd = `*|argoproj.io|${ofArgoCd};*||secrets;get list watch||configmaps events;create patch||events`;
const ownTypes = `create|${types};get update patch delete|${types}|${argoCdTypes.replace(/\w+/g, "$&.argoproj.io")}`;
const argoCdCluster = `${ownTypes};create get update patch delete||namespaces;get||||/api /api/* /apis /apis/*`;
const restore = "get list create|*|*;create update escalate bind|rbac.authorization.k8s.io|roles clusterroles";
const scaling = "get update|*|*/scale;get|*|*/status;get patch|autoscaling|horizontalpodautoscalers";

/**
 * The policies whose rules AWS documents in a table, as of the table's change of 22 November 2025. AWS describes the other policies in
 * prose or not at all.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 * @see https://docs.aws.amazon.com/r53recovery/latest/dg/eks-resource-scaling-block.html for AmazonARCRegionSwitchScalingPolicy
 */
const documented: ReadonlyMap<string, { readonly rules: readonly PolicyRule[]; readonly like: string }> = new Map([
  ["AmazonEKSClusterAdminPolicy", { rules: clusterAdminRules, like: "everything" }],
  ["AmazonEKSAdminPolicy", { rules: adminRules, like: "similar to admin" }],
  ["AmazonEKSEditPolicy", { rules: editRules, like: "similar to edit" }],
  ["AmazonEKSViewPolicy", { rules: viewRules, like: "similar to view" }],
  ["AmazonEKSAdminViewPolicy", { rules: rulesFor(reading, { "*": "*" }), like: "reads everything, secrets too" }],
  ["AmazonEKSSecretReaderPolicy", { rules: rulesFor(reading, { "": "secrets" }), like: "reads secrets" }],
  ["AmazonEKSSecretAdminPolicy", { rules: rulesIn("*||secrets"), like: "manages secrets" }],
  ["AmazonEKSHybridPolicy", { rules: rulesIn("list|*|nodes"), like: "lists nodes" }],
  ["AmazonEKSPodIdentityPolicy", { rules: rulesIn("list||pods"), like: "lists pods" }],
  ["AWSBackupFullAccessPolicyForBackup", { rules: rulesIn("get list|*|*"), like: "reads everything, secrets too" }],
  ["AWSBackupFullAccessPolicyForRestore", { rules: rulesIn(restore), like: "reads and creates everything" }],
  ["AmazonEKSACKPolicy", { rules: rulesIn(ack), like: "manages ACK and CRDs" }],
  ["AmazonEKSArgoCDPolicy", { rules: rulesIn(argoCd), like: "manages Argo CD and secrets" }],
  ["AmazonEKSArgoCDClusterPolicy", { rules: rulesIn(argoCdCluster), like: "manages namespaces" }],
  ["AmazonEKSKROPolicy", { rules: rulesIn(`*|kro.run|*;${controller}`), like: "manages kro and CRDs" }],
  ["AmazonARCRegionSwitchScalingPolicy", { rules: rulesIn(scaling), like: "scales workloads" }],
]);
