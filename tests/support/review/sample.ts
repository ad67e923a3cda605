import type { AccessPolicy, AuthenticationMode, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess, type ReadResult } from "../../../provider/identity/clusterAccess.ts";
import { type AccessReview, type ReviewedCluster, schemaVersion } from "../../../provider/reports/accessReview.ts";
import { IamReview } from "../../../provider/reports/iamFindings.ts";
import type { IamPrincipals } from "../../../provider/reports/readCluster.ts";
import { compareReviews } from "../../../provider/reports/reviewChanges.ts";
import { reviewOne } from "../../../provider/reports/reviewClusters.ts";
import { Authorizer } from "../../../provider/rights/authorizer.ts";
import { parseRbac } from "../../../provider/rights/bindings.ts";
import { entry, iam, nodes } from "../migration/world.ts";

/** A binding of a ClusterRole; in all namespaces, unless one is named. */
export interface Bound {
  readonly role: string;
  /** Undefined: those of {@link knownRoles}, or the role does not exist. */
  readonly rules?: readonly object[];
  readonly namespace?: string;
  readonly kind?: "Group" | "User" | undefined;
  readonly to: string | readonly string[];
  /** The name of the binding. */
  readonly name?: string;
}

/** A rule of a role; on every resource of the API groups, unless some are named. */
export function rule(verbs: readonly string[], resources: readonly string[] = ["*"], apiGroups = ["*"]) {
  return { verbs, apiGroups, resources };
}

/** The default roles of Kubernetes, with the rules that decide how powerful the role is. */
export const knownRoles: Readonly<Record<string, readonly object[]>> = {
  "cluster-admin": [rule(["*"])],
  edit: [rule(["impersonate"], ["serviceaccounts"], [""]), rule(["get", "create"], ["pods", "secrets"], [""])],
  view: [rule(["get", "list", "watch"], ["pods"], [""])],
};

/** An access policy; with cluster scope, unless namespaces are named. */
export function policy(name: string, ...namespaces: readonly string[]): AccessPolicy {
  return {
    policyArn: `arn:aws:eks::aws:cluster-access-policy/${name}`,
    scope: namespaces.length === 0 ? { type: "cluster" } : { type: "namespace", namespaces },
  };
}

/** The permissions that bindings and their roles grant in a cluster. */
export function authorizerOf(bound: readonly Bound[]): Authorizer {
  const bindings = bound.map(({ role, namespace, kind = "Group", to, name }, index) => ({
    metadata: { name: name ?? `${role}-${index}`, namespace },
    roleRef: { kind: "ClusterRole", name: role },
    subjects: [to].flat().map((subject) => ({ kind, name: subject })),
  }));
  const own = bound.flatMap(({ role, rules }) => (rules ? [[role, rules] as const] : []));
  return new Authorizer(
    parseRbac({
      clusterrolebindings: bindings.filter(({ metadata }) => metadata.namespace === undefined),
      rolebindings: bindings.filter(({ metadata }) => metadata.namespace !== undefined),
      clusterroles: Object.entries({ ...knownRoles, ...Object.fromEntries(own) }).map(([name, rules]) => {
        return { metadata: { name }, rules };
      }),
      roles: [],
    }),
  );
}

/** The content of a sample cluster. */
export interface SampleCluster {
  readonly id: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly claims?: string;
  /** Undefined: permissions cannot be read. */
  readonly bound?: readonly Bound[];
  readonly mode?: AuthenticationMode;
  readonly entries?: ReadResult<readonly LiveAccessEntry[]>;
  readonly account?: string;
  readonly principals?: IamPrincipals;
}

/** Reviews a cluster in memory. A role that was not used since August 2026 is unused. */
export function reviewedCluster(sample: SampleCluster): ReviewedCluster {
  const { id, name, data, claims, bound, mode, entries, account, principals } = sample;
  const document = parseMap(data, undefined, claims, { label: name });
  const unread = bound === undefined ? "listing roles was answered with 403" : undefined;
  const access = clusterAccess(document, mode, entries, account);
  const rights = { authorizer: authorizerOf(bound ?? []), unread };
  const review = new IamReview(principals ?? new Map(), new Date("2026-08-01"));
  return { id, name, notes: review.notes, ...reviewOne(access, rights, review) };
}

/** A review of clusters in memory. */
export function sampleReview(
  samples: readonly SampleCluster[],
  { since, unread = [], createdAt = "2026-11-25T04:00:00.000Z" }: Partial<AccessReview> & { since?: AccessReview } = {},
): AccessReview {
  const clusters = samples.map(reviewedCluster);
  const review: AccessReview = { kind: "AccessReview", schemaVersion, createdAt, clusters, unread };
  return since === undefined ? review : { ...review, changes: compareReviews(review, since) };
}

const role = (name: string) => iam(`role/${name}`);

/** A line of the claims annotation. */
const claim = (name: string, owner: string) => `111122223333:role/${name} aaaaaaaa.000001 ${owner}`;

/** Two clusters with an example of each finding. */
export function companyClusters(): readonly [SampleCluster, SampleCluster] {
  const prod: SampleCluster = {
    id: "eks:eu-central-1/111122223333/prod",
    name: 'EKS cluster "prod" (eu-central-1)',
    data: {
      mapRoles: [
        nodes("eks-node-group"),
        entry(role("platform-admins"), "platform:{{SessionName}}", "system:masters"),
        entry(role("developers"), "developer:{{SessionName}}", "viewers", "team-a"),
        entry(role("ci/deployer"), "deployer", "deployers"),
        entry(role("deployer"), "deployer", "deployers"),
        entry(role("backup"), "backup", "backup"),
        entry(role("AWSReservedSSO_Support_0a1b2c3d4e5f6a7b"), "support:{{SessionName}}", "viewers"),
      ].join(""),
      mapUsers: entry(iam("user/on-call"), "on-call", "on-call").replace("rolearn", "userarn"),
      mapAccounts: '- "444455556666"\n',
    },
    claims: [
      claim("platform-admins", "acme/infra/prod platform-admins"),
      claim("developers", "acme/infra/prod developers"),
      claim("deployer", "acme/apps/prod deployer"),
    ].join("\n"),
    bound: [
      { role: "view", to: "viewers" },
      ...["shop", "checkout", "catalogue", "search", "basket", "invoices", "mail"].map((namespace) => {
        return { role: "edit", namespace, to: "team-a" };
      }),
      { role: "deployer", rules: [rule(["bind"], ["*"], ["rbac.authorization.k8s.io"])], to: "deployers" },
      { role: "backup", rules: [rule(["get", "list"], ["configmaps", "secrets"], [""])], to: "backup" },
      { role: "cluster-admin", namespace: "shop", to: "on-call" },
      { role: "view", kind: "User", to: "arn:aws:iam::444455556666:role/auditor" },
    ],
  };
  const staging: SampleCluster = {
    id: "eks:eu-central-1/111122223333/staging",
    name: 'EKS cluster "staging" (eu-central-1)',
    data: {
      mapRoles: [
        nodes("eks-node-group"),
        entry(role("developers"), "developer:{{SessionName}}", "admins"),
        entry(role("developers"), "developer:{{SessionName}}", "viewers"),
      ].join(""),
    },
    bound: [
      { role: "view", to: "viewers" },
      { role: "cluster-admin", to: "admins" },
    ],
  };
  return [prod, staging];
}

/** A review of {@link companyClusters}, compared with one before two roles were added and one was removed. */
export function companyReview(): AccessReview {
  const [prod, staging] = companyClusters();
  const { mapRoles = "" } = prod.data;
  const earlier = mapRoles
    .replace(/- rolearn: \S+platform-admins\n(?: .*\n)*/, "")
    .replace("[viewers, team-a]", "[viewers]")
    .concat(entry(role("contractors"), "contractor", "team-a"));
  const since = sampleReview([{ ...prod, data: { ...prod.data, mapRoles: earlier } }, staging], {
    createdAt: "2026-11-24T04:00:00.000Z",
  });
  const message = 'EKS cluster "lab" (us-east-1): the API server does not answer; check the network';
  const lab = { id: "eks:us-east-1/lab", name: "lab", code: "clusterUnreachable", message } as const;
  return sampleReview([prod, staging], { since, unread: [lab] });
}

/** Names that are harmful if interpreted as markup, a script, a formula, or the direction of text. */
export const hostileTexts: readonly string[] = [
  "<script>hacked = 1</script>",
  '"><img src="http://127.0.0.1:9/x" onerror="hacked = 1">',
  "</style></script><script>hacked = 1</script>",
  "<!--<base href=//127.0.0.1:9>",
  "' onclick='hacked = 1' x='",
  "[click](javascript:hacked=1) | `x` @everybody",
  '=HYPERLINK("http://127.0.0.1:9")',
  "admins\u202ereversed",
  "left|right\\",
];

/** A review of a cluster in which every value that others can choose is hostile. */
export function hostileReview(): AccessReview {
  const texts = hostileTexts.map((text) => JSON.stringify(text));
  const [name = "", ...rest] = hostileTexts;
  const cluster: SampleCluster = {
    id: `server:${name}`,
    name: `cluster ${hostileTexts.join(" ")}`,
    data: {
      mapRoles: texts.map((text, index) => entry(role(`r${index}`), text.slice(1, -1), ...texts)).join(""),
      mapUsers: texts.map((text) => `- userarn: ${text}\n  username: x\n`).join(""),
      mapAccounts: texts.map((text) => `- ${text}\n`).join(""),
    },
    claims: hostileTexts.map((text, index) => claim(`r${index}`, `acme/${text} ${text}`)).join("\n"),
    bound: hostileTexts.map((to) => ({ role: to, rules: [rule(["bind"])], to })),
  };
  const unread = rest.map((message) => ({ name: message, code: "clusterUnreachable" as const, message }));
  return sampleReview([cluster], { unread, since: sampleReview([{ ...cluster, data: {} }], { createdAt: name }) });
}
