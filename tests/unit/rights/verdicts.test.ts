import { describe, expect, it } from "vitest";
import type { AccessPolicy, AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type ClusterAccess, clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../../provider/identity/identity.ts";
import type { Answer } from "../../../provider/identity/whoLogsIn.ts";
import type { ResourceRequest } from "../../../provider/rights/authorizer.ts";
import { type ClusterRights, canI, whoCan } from "../../../provider/rights/verdicts.ts";
import { live } from "../../support/accessEntries.ts";
import { entry, iam } from "../../support/migration/world.ts";
import { authorizerOf, type Bound, policy, rule } from "../../support/review/sample.ts";

const dev = identityOf(iam("role/dev"));
const mapAccounts = '- "111122223333"\n';
const map = parseMap({ mapRoles: entry(iam("role/dev"), "dev", "viewers"), mapAccounts });
const noRights: ClusterRights = { authorizer: authorizerOf([]), unread: undefined };

/** The rights of a cluster in which a role that reads one resource is bound to these users or groups. */
function rightsFor(resource: string, kind: Bound["kind"], ...to: readonly string[]): ClusterRights {
  const bound: Bound = { role: "r", rules: [rule(["get"], [resource], [""])], kind, to };
  return { authorizer: authorizerOf([bound]), unread: undefined };
}

function both(...entries: readonly Partial<LiveAccessEntry>[]): ClusterAccess {
  return clusterAccess(map, "API_AND_CONFIG_MAP", { value: entries.map(live) });
}
const blind = clusterAccess(map, "API_AND_CONFIG_MAP", { unread: "no permission" });

function request(verb: string, resource: string, namespace: string, group = ""): ResourceRequest {
  return { verb, group, resource, subresource: "", name: "", namespace };
}
const pods = (verb: string, namespace: string) => request(verb, "pods", namespace);
const rbac = "rbac.authorization.k8s.io";
const future = "the rules of access policy AmazonEKSFuturePolicy are not known";
const notNamed = future.replace("Future", "ACK");
const [crds, leases] = ["apiextensions.k8s.io", "coordination.k8s.io"];
const patchCrd = request("patch", "customresourcedefinitions", "", crds);
const argo = request("update", "applications", "a", "argoproj.io");
const scaling = request("update", "deployments", "a", "apps");
const chinese = { ...policy(""), policyArn: "arn:aws-cn:eks::aws:cluster-access-policy/AmazonEKSViewPolicy" };

describe("an access policy", () => {
  it.each<[policies: AccessPolicy[], request: Parameters<typeof canI>[2], answer: Answer, doubt?: string]>([
    [[policy("AmazonEKSClusterAdminPolicy")], { verb: "post", path: "/anything" }, "yes"],
    [[policy("AmazonEKSClusterAdminPolicy")], pods("frob", ""), "yes"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("frob", "a"), "yes"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("get", "b"), "no"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], pods("get", ""), "no"],
    [[policy("AmazonEKSClusterAdminPolicy", "a")], { verb: "get", path: "/metrics" }, "no"],
    [[policy("AmazonEKSViewPolicy")], pods("list", ""), "yes"],
    [[chinese], pods("list", ""), "yes"],
    [[policy("AmazonEKSViewPolicy")], request("get", "secrets", "a"), "no"],
    [[policy("AmazonEKSViewPolicy")], pods("delete", "a"), "no"],
    [[policy("AmazonEKSEditPolicy")], request("get", "secrets", "a"), "yes"],
    [[policy("AmazonEKSEditPolicy")], pods("delete", "a"), "yes"],
    [[policy("AmazonEKSEditPolicy")], request("create", "roles", "a", rbac), "no"],
    [[policy("AmazonEKSAdminPolicy")], request("create", "roles", "a", rbac), "yes"],
    [[policy("AmazonEKSAdminPolicy")], request("list", "nodes", ""), "no"],
    [[policy("AmazonEKSViewPolicy", "dev-*", "web")], pods("get", "dev-a"), "yes"],
    [[policy("AmazonEKSViewPolicy", "dev-*", "web")], pods("get", "web"), "yes"],
    [[policy("AmazonEKSViewPolicy", "dev-*")], pods("get", "my-dev-a"), "no"],
    [[policy("AmazonEKSViewPolicy", "d.v")], pods("get", "dev"), "no"],
    [[policy("AmazonEKSViewPolicy", "*")], pods("get", "any"), "yes"],
    [[policy("AmazonEKSViewPolicy", "*")], pods("get", ""), "no"],
    [[policy("AmazonEKSViewPolicy", "a"), policy("AmazonEKSEditPolicy", "b")], pods("delete", "b"), "yes"],
    [[policy("AmazonEKSSecretAdminPolicy")], request("delete", "secrets", "a"), "yes"],
    [[policy("AmazonEKSHybridPolicy")], request("list", "nodes", ""), "yes"],
    [[policy("AmazonEKSPodIdentityPolicy")], pods("list", ""), "yes"],
    [[policy("AmazonEKSPodIdentityPolicy")], pods("get", "a"), "no"],
    [[policy("AWSBackupFullAccessPolicyForBackup")], request("get", "secrets", ""), "yes"],
    [[policy("AWSBackupFullAccessPolicyForBackup")], pods("watch", ""), "no"],
    [[policy("AWSBackupFullAccessPolicyForRestore")], request("escalate", "clusterroles", "", rbac), "yes"],
    [[policy("AWSBackupFullAccessPolicyForRestore")], pods("delete", "a"), "no"],
    [[policy("AmazonEKSACKPolicy")], request("delete", "buckets", "a", "s3.services.k8s.aws"), "yes"],
    [[policy("AmazonEKSACKPolicy")], request("get", "fieldexports", "a", "services.k8s.aws"), "yes"],
    [[policy("AmazonEKSACKPolicy")], request("get", "secrets", "a"), "no"],
    [[policy("AmazonEKSACKPolicy")], request("list", "leases", "", leases), "yes"],
    [[policy("AmazonEKSACKPolicy")], request("patch", "leases", "a", leases), "no"],
    [[policy("AmazonEKSACKPolicy")], { ...request("patch", "leases", "a", leases), name: "x" }, "unknown", notNamed],
    [[policy("AmazonEKSKROPolicy", "b")], { ...request("patch", "leases", "a", leases), name: "x" }, "no"],
    [[policy("AmazonEKSKROPolicy")], request("delete", "customresourcedefinitions", "", crds), "yes"],
    [[policy("AmazonEKSArgoCDPolicy", "a")], request("get", "secrets", "a"), "yes"],
    [[policy("AmazonEKSArgoCDPolicy")], { ...argo, subresource: "status" }, "yes"],
    [[policy("AmazonEKSArgoCDPolicy")], request("create", "configmaps", "a"), "no"],
    [[policy("AmazonEKSArgoCDClusterPolicy")], { verb: "get", path: "/apis/apps" }, "yes"],
    [[policy("AmazonEKSArgoCDClusterPolicy")], { ...patchCrd, name: "applications.argoproj.io" }, "yes"],
    [[policy("AmazonEKSArgoCDClusterPolicy")], { ...patchCrd, name: "applications.app.k8s.io" }, "no"],
    [[policy("AmazonARCRegionSwitchScalingPolicy")], { ...scaling, subresource: "scale" }, "yes"],
    [[policy("AmazonARCRegionSwitchScalingPolicy")], scaling, "no"],
    [[policy("AmazonEKSFuturePolicy", "a")], pods("get", "a"), "unknown", future],
    [[policy("AmazonEKSFuturePolicy", "a")], pods("get", "b"), "no"],
    [[policy("AmazonEKSFuturePolicy"), policy("AmazonEKSViewPolicy")], pods("get", "a"), "yes"],
  ])("%j decides on %j", (policies, asked, answer, doubt) => {
    const access = both({ principalArn: iam("role/eng/dev"), username: "x", groups: [], policies });
    const verdict = canI(access, dev, asked, noRights);
    expect([verdict.answer, verdict.outcomes[0]?.doubt]).toEqual([answer, doubt]);
    // Unreadable bindings do not reduce the rights of a policy.
    const blind = canI(access, dev, asked, { ...noRights, unread: "no" });
    expect(blind.answer).toBe(answer === "yes" ? "yes" : "unknown");
  });

  it("grants rights in addition to the bindings of the groups", () => {
    const rights = rightsFor("nodes", "Group", "ops");
    const access = both({ principalArn: iam("role/dev"), groups: ["ops"], policies: [policy("AmazonEKSViewPolicy")] });
    expect(canI(access, dev, request("get", "nodes", ""), rights).answer).toBe("yes");
    const { outcomes } = canI(access, dev, pods("get", ""), rights);
    expect(outcomes[0]?.grants.map(({ binding }) => binding?.kind)).toEqual(["AccessPolicy"]);
  });
});

describe("can-i", () => {
  const bySession = clusterAccess(parseMap({ mapRoles: entry(iam("role/dev"), "ops:{{SessionName}}") }));
  const anyOps = rightsFor("pods", "User", "ops:jane", "ops:mallory");
  const node = both({ principalArn: iam("role/dev"), type: "EC2", username: "", groups: [] });
  const refused = clusterAccess(parseMap({ mapRoles: "- {", mapAccounts }));
  const doubts = 'allowed only for username "ops:jane" or username "ops:mallory"';

  it.each<[title: string, access: ClusterAccess, rights: ClusterRights, doubt: string]>([
    ["the session name decides", bySession, anyOps, `depends on the session name: ${doubts}`],
    ["the Node authorizer decides", node, noRights, "Node authorizer"],
    ["an unread access entry may override a yes", blind, rightsFor("pods", "User", "dev"), "no permission"],
    ["an unread access entry may override a no", blind, noRights, "no permission"],
    ["a key that cannot be parsed may contain the entry in force", refused, noRights, "mapRoles cannot be read"],
  ])("returns unknown if %s", (_title, access, rights, doubt) => {
    const { answer, outcomes } = canI(access, dev, pods("get", "a"), rights);
    expect([answer, outcomes.map((outcome) => outcome.doubt)]).toEqual(["unknown", [expect.stringContaining(doubt)]]);
  });

  const viewed = {
    policies: [policy("AmazonEKSViewPolicy")],
    death: { kind: "recreated", text: "it is new" },
  } as const;
  it.each<[answer: Answer, title: string, access: ClusterAccess, rights: ClusterRights]>([
    ["no", "grants nothing", clusterAccess(parseMap({}), "API_AND_CONFIG_MAP", { value: [live(viewed)] }), noRights],
    ["unknown", "may leave aws-auth in force", both(viewed), rightsFor("pods", "Group", "viewers")],
    ["no", "grants nothing in mode API", clusterAccess(parseMap({}), "API", { value: [live(viewed)] }), noRights],
  ])("returns %s because a dead access entry %s", (answer, _title, access, rights) => {
    expect(canI(access, dev, pods("get", "a"), rights).answer).toBe(answer);
    const listed = whoCan(access, pods("get", "a"), rights).map(({ verdict }) => verdict.answer);
    expect(listed.filter((one) => one !== "unknown")).toEqual([]);
    expect(listed.length > 0).toBe(answer === "unknown");
  });

  it.each<[arn: string, mode: AuthenticationMode | undefined, answer: Answer]>([
    [iam("role/none"), "CONFIG_MAP", "unknown"],
    [iam("user/none"), "CONFIG_MAP", "unknown"],
    [iam("role/dev"), "CONFIG_MAP", "no"],
    [iam("role/none").replace("1111", "9999"), "CONFIG_MAP", "no"],
    [iam("role/a!b"), "CONFIG_MAP", "no"],
    [iam("role/none"), "API_AND_CONFIG_MAP", "no"],
    [iam("role/none"), "API", "no"],
    [iam("role/none"), undefined, "no"],
  ])("takes into account that EKS does not show who created a cluster: %s, mode %s, %s", (arn, mode, answer) => {
    const document = parseMap({ mapRoles: entry(iam("role/dev"), "dev", "viewers") });
    const access = clusterAccess(document, mode, undefined, "111122223333");
    const verdict = canI(access, identityOf(arn), pods("get", "a"), noRights);
    const doubt = answer === "unknown" ? expect.stringContaining("created the cluster") : undefined;
    expect([verdict.answer, verdict.outcomes[0]?.doubt]).toEqual([answer, doubt]);
    // An entry of the whole account is not that of the creator.
    const ofAccount = parseMap({
      mapRoles: entry(iam("role/dev"), "dev", "viewers"),
      mapAccounts: '- "111122223333"\n',
    });
    const byAccount = clusterAccess(ofAccount, mode, undefined, "111122223333");
    expect(canI(byAccount, identityOf(arn), pods("get", "a"), noRights).answer).toBe(answer);
  });

  it("returns yes or no if the entry in force is known", () => {
    const answers = [rightsFor("pods", "User", "dev"), noRights].map(
      (rights) => canI(clusterAccess(map), dev, pods("get", "a"), rights).answer,
    );
    expect(answers).toEqual(["yes", "no"]);
  });
});

describe("who-can", () => {
  const found = (access: ClusterAccess, asked: ResourceRequest, rights: ClusterRights) =>
    whoCan(access, asked, rights).map(({ identity, verdict }) => [identity, verdict.answer, verdict.outcomes.length]);

  it("lists an identity once, regardless of the spelling in its entries", () => {
    const mapRoles = ["dev", "DEV"].map((name) => entry(iam(`role/${name}`), name, "system:masters")).join("");
    const access = clusterAccess(parseMap({ mapRoles }));
    expect(found(access, pods("get", "a"), noRights)).toEqual([[iam("role/dev"), "yes", 1]]);
  });

  it("lists an identity by its access entries, and not by the entry that they override", () => {
    const document = parseMap({ mapRoles: entry(iam("role/dev"), "dev", "system:masters") });
    const ops = { groups: [], policies: [policy("AmazonEKSViewPolicy", "a")] };
    const entries = [
      live({ principalArn: iam("role/eng/dev"), groups: [] }),
      live({ principalArn: iam("role/eng/ops"), ...ops }),
      live({ principalArn: iam("role/old/ops"), ...ops }),
    ];
    const access = clusterAccess(document, "API_AND_CONFIG_MAP", { value: entries });
    expect(found(access, pods("get", "a"), noRights)).toEqual([[iam("role/ops"), "yes", 2]]);
    expect(found(access, pods("delete", "a"), noRights)).toEqual([]);
  });

  it("lists an identity as unknown if an unread access entry may override its rights", () => {
    expect(found(blind, pods("get", "a"), rightsFor("pods", "User", "dev"))).toEqual([[iam("role/dev"), "unknown", 1]]);
    expect(found(blind, pods("get", "a"), rightsFor("pods", "User", "other"))).toEqual([]);
  });
});
