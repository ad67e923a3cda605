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

export const read = "get list watch";
export const write = "create delete deletecollection patch update";
const [types, leases] = ["apiextensions.k8s.io|customresourcedefinitions", "coordination.k8s.io|leases"];

/** The name of an object in a rule that is limited to objects whose names AWS does not document. */
export const undocumentedName = "?";

/** Rules from rows of a table: verbs, API groups, resources, names of objects, and URLs. */
export function rulesIn(table: string): readonly PolicyRule[] {
  const words = (cell = "") => cell.split(" ").filter((word) => word !== "");
  return table.split("\n").map((row) => {
    const [verbs, groups = "", resources, names, urls] = row.split("|");
    const named = { resources: words(resources), resourceNames: words(names), nonResourceURLs: words(urls) };
    return { verbs: words(verbs), apiGroups: groups.split(" "), ...named };
  });
}

export const viewTable = `${read}||bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status
${read}|apps|controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status
${read}|autoscaling|horizontalpodautoscalers horizontalpodautoscalers/status
${read}|batch|cronjobs cronjobs/status jobs jobs/status
${read}|discovery.k8s.io|endpointslices
${read}|extensions|daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale
${read}|networking.k8s.io|ingresses ingresses/status networkpolicies
${read}|policy|poddisruptionbudgets poddisruptionbudgets/status`;
export const editTable = `${read}||pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy
${write}||configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy
${write}|apps|daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale
${write}|autoscaling|horizontalpodautoscalers
${write}|batch|cronjobs jobs
${write}|extensions|daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale
${write}|networking.k8s.io|ingresses networkpolicies
${write}|policy|poddisruptionbudgets
impersonate||serviceaccounts`;
export const adminTable = `create|authorization.k8s.io|localsubjectaccessreviews
${read} ${write}|rbac.authorization.k8s.io|rolebindings roles`;
export const everythingTable = "*|*|*\n*||||*";
const edit = `${viewTable}\n${editTable}`;

/** A controller that defines resource types. */
const controller = `*|${types}
create ${read}|${leases}
delete update patch|${leases}|${undocumentedName}
create patch||events`;
const ackServices =
  "acm acmpca apigateway apigatewayv2 applicationautoscaling athena bedrock bedrockagent bedrockagentcorecontrol cloudfront cloudtrail cloudwatch cloudwatchlogs codeartifact cognitoidentityprovider documentdb dynamodb ec2 ecr ecrpublic ecs efs eks elasticache elbv2 emrcontainers eventbridge iam kafka keyspaces kinesis kms lambda memorydb mq networkfirewall opensearchservice organizations pipes prometheusservice ram rds recyclebin route53 route53resolver s3 s3control sagemaker secretsmanager ses sfn sns sqs ssm wafv2";
const ack = `${read}||namespaces
*|services.k8s.aws ${ackServices.replace(/\w+/g, "$&.services.k8s.aws")}|*
${controller}`;
const argoCdTypes = "applications applicationsets appprojects";
const argoCd = `*||secrets
${read}||configmaps events
create patch||events
*|argoproj.io|${argoCdTypes.replace(/\w+/g, "$& $&/finalizers $&/status")}`;
const argoCdCluster = `create get update patch delete||namespaces
create|${types}
get update patch delete|${types}|${argoCdTypes.replace(/\w+/g, "$&.argoproj.io")}
get||||/api /api/* /apis /apis/*`;
const restore = `get list create|*|*
create update escalate bind|rbac.authorization.k8s.io|roles clusterroles`;
const scaling = `get update|*|*/scale
get|*|*/status
get patch|autoscaling|horizontalpodautoscalers`;

/**
 * The policies whose rules AWS documents in a table, as of the table's update of 22 November 2025. AWS describes the other policies in
 * prose or not at all.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
 * @see https://docs.aws.amazon.com/r53recovery/latest/dg/eks-resource-scaling-block.html for AmazonARCRegionSwitchScalingPolicy
 */
const tables = [
  ["AmazonEKSClusterAdminPolicy", "everything", everythingTable],
  ["AmazonEKSAdminPolicy", "similar to admin", `${edit}\n${adminTable}`],
  ["AmazonEKSEditPolicy", "similar to edit", edit],
  ["AmazonEKSViewPolicy", "similar to view", viewTable],
  ["AmazonEKSAdminViewPolicy", "reads everything, including secrets", `${read}|*|*`],
  ["AmazonEKSSecretReaderPolicy", "reads secrets", `${read}||secrets`],
  ["AmazonEKSSecretAdminPolicy", "manages secrets", "*||secrets"],
  ["AmazonEKSHybridPolicy", "lists nodes", "list|*|nodes"],
  ["AmazonEKSPodIdentityPolicy", "lists pods", "list||pods"],
  ["AWSBackupFullAccessPolicyForBackup", "reads everything, including secrets", "get list|*|*"],
  ["AWSBackupFullAccessPolicyForRestore", "reads and creates everything", restore],
  ["AmazonEKSACKPolicy", "manages ACK and CRDs", ack],
  ["AmazonEKSArgoCDPolicy", "manages Argo CD and secrets", argoCd],
  ["AmazonEKSArgoCDClusterPolicy", "manages namespaces", argoCdCluster],
  ["AmazonEKSKROPolicy", "manages kro and CRDs", `*|kro.run|*\n${controller}`],
  ["AmazonARCRegionSwitchScalingPolicy", "scales workloads", scaling],
] as const;

const documented = new Map<string, { readonly rules: readonly PolicyRule[]; readonly like: string }>(
  tables.map(([name, like, table]) => [name, { rules: rulesIn(table), like }]),
);
