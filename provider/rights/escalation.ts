import type { AuthenticationMode } from "../accessEntries/accessEntry";
import { rulesIn } from "./accessPolicies";
import { allows, appliesTo } from "./authorizer";
import { objectsIn, type PolicyRule } from "./bindings";
import { describeSource, type Right } from "./rightsOf";

const csr = "certificates.k8s.io|certificatesigningrequests";
const client = "kubernetes.io/kube-apiserver-client";
const signers = `${client} ${client}-kubelet kubernetes.io/*`;
const approve = `create|${csr}\nupdate patch|${csr}/approval\napprove|certificates.k8s.io|signers|${signers}`;
const webhooks = "mutatingadmissionpolicies mutatingwebhookconfigurations validatingwebhookconfigurations";
const workloads = "pods replicationcontrollers daemonsets deployments replicasets statefulsets cronjobs jobs";
const [system, writeMap] = ["kube-system", "write aws-auth"];

/**
 * The ways to more rights than a role itself grants, each with the rights that it requires: in the whole cluster or in `kube-system`,
 * whose service accounts have rights in the whole cluster. Of each row, one verb, group, resource and name suffices.
 *
 * @see https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks
 */
const ways = [
  ["escalate roles", "", "escalate|rbac.authorization.k8s.io|clusterroles"],
  ["escalate roles", system, "escalate|rbac.authorization.k8s.io|roles"],
  ["bind roles", system, "bind|rbac.authorization.k8s.io|clusterroles roles"],
  ["impersonate others", "", "impersonate||users groups"],
  ["impersonate others", system, "impersonate||serviceaccounts"],
  [writeMap, system, "update patch||configmaps|aws-auth"],
  [writeMap, system, "create||configmaps\ndelete deletecollection||configmaps|aws-auth"],
  ["create service account tokens", system, "create||serviceaccounts/token"],
  ["write workloads", system, `create update patch| apps batch|${workloads}`],
  ["use nodes/proxy", "", "create get||nodes/proxy"],
  ["create persistent volumes", "", "create||persistentvolumes"],
  ["write admission webhooks", "", `create update patch|admissionregistration.k8s.io|${webhooks}`],
  ["approve client certificates", "", approve],
].map(([way = "", namespace = "", table = ""]) => ({ way, namespace, required: rulesIn(table) }));

/** How rights allow more than their roles grant, as a predicate; undefined if they do not. */
export function escalationBy(all: readonly Right[], mode: AuthenticationMode | undefined): string | undefined {
  const place = { verb: "", group: "", resource: "", subresource: "", name: "", namespace: system };
  const rights = all.filter(({ namespace = "" }) => appliesTo({ namespace }, place));
  const found = ways.flatMap(({ way, namespace, required }) => {
    const by = required.flatMap((one) => rights.find((right) => includes(right, one, namespace)) ?? []);
    return by.length < required.length || (mode === "API" && way === writeMap)
      ? []
      : by.map((right) => ({ way, right }));
  });
  const names = [...new Set(found.map(({ way }) => way))].join(", ");
  return found[0] && `can escalate its privileges (${names}) through ${describeSource(found[0].right)}`;
}

/** Whether a right allows one of the requests in a rule. Any object suffices, unless the rule names objects. */
function includes({ namespace: scope = "", rules = [] }: Right, required: PolicyRule, namespace: string): boolean {
  return required.verbs.some((verb) =>
    objectsIn(required, namespace).some((object) => {
      const isNamed = required.resourceNames.length > 0 || (verb === "create" && object.subresource === "");
      const open = isNamed ? rules : rules.map((rule) => ({ ...rule, resourceNames: [] }));
      const request = { verb, ...object };
      return appliesTo({ namespace: scope }, request) && open.some((rule) => allows(rule, request));
    }),
  );
}
