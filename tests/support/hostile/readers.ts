import { loginData } from "../../../cli/accessData.ts";
import { importItems } from "../../../cli/import.ts";
import { renderImport } from "../../../cli/importProgram.ts";
import {
  appendEntry,
  entriesOf,
  mapChangesSince,
  parseMap,
  removeEntry,
  replaceEntry,
} from "../../../provider/awsAuthMap/index.ts";
import { parseKubeconfig } from "../../../provider/cluster/kubeconfig/kubeconfig.ts";
import { editManifest, parseManifest } from "../../../provider/cluster/manifest/editManifest.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../../provider/identity/identity.ts";
import { ownersOf } from "../../../provider/identity/placedEntry.ts";
import { whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
import { lintMap } from "../../../provider/reports/lintCluster.ts";
import { movesOf } from "../../../provider/reports/moves.ts";
import { compareReviews, parseEarlierReview } from "../../../provider/reports/reviewChanges.ts";
import { reviewOne } from "../../../provider/reports/reviewClusters.ts";
import { whoCan } from "../../../provider/rights/verdicts.ts";
import { parseClusterConfig, yamlSource } from "../../../sdk/configFile.ts";
import { authorizerOf } from "../review/sample.ts";

const arn = "arn:aws:iam::111122223333:role/new";

const authorizer = authorizerOf([
  { role: "cluster-admin", to: "system:masters" },
  ...Array.from({ length: 50 }, (_, i) => ({ role: "view", namespace: `n${i}`, to: "g1" })),
  ...Array.from({ length: 50 }, (_, i) => ({
    role: "edit",
    kind: "User" as const,
    to: `arn:aws:iam::111122223333:role/u${i}`,
  })),
]);
const rights = { authorizer, unread: undefined };
const request = { verb: "get", group: "", resource: "pods", subresource: "", name: "", namespace: "n1" };

type Data = Readonly<Record<string, string>>;
export type Readers = Readonly<Record<string, (text: string) => unknown>>;

/** A manifest with a part of its data. */
const manifestWith = (data: string, claims?: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n${
    claims === undefined ? "" : `  annotations:\n    pulumi-aws-auth/claims: |\n${claims.replace(/^(?=.)/gm, "      ")}`
  }data:\n${data}`;

/** Data with the list in the key for its kind of ARN. */
function dataWith(list: string): Data {
  if (/^- "?\d{12}/.test(list)) {
    return { mapAccounts: list };
  }
  return list.startsWith("- userarn") ? { mapUsers: list } : { mapRoles: list };
}

/** The operations on a map. */
const ofMap = {
  lint: (data: Data) =>
    lintMap({
      data,
      access: clusterAccess(parseMap(data)),
      bound: { groups: authorizer.groups, users: authorizer.users },
    }),
  review: (data: Data) => reviewOne(clusterAccess(parseMap(data)), rights),
  import: (data: Data) => {
    const source = { label: "c", cluster: { name: "c" }, items: importItems(parseMap(data)) };
    renderImport(source, "typescript");
    renderImport(source, "pulumi-import");
  },
  explain: (data: Data) => whoLogsIn(clusterAccess(parseMap(data)), identityOf("arn:aws:iam::111122223333:role/a")),
  "who-can": (data: Data) => {
    const document = parseMap(data);
    for (const { verdict } of whoCan(clusterAccess(document), request, rights)) {
      verdict.outcomes.map((outcome) => loginData(document, outcome));
    }
  },
  migrate: (data: Data) =>
    movesOf({
      cluster: { authenticationMode: "CONFIG_MAP", account: "111122223333", partition: "aws" },
      access: clusterAccess(parseMap(data)),
      eksRoles: new Set(),
      principals: new Map(),
    }),
  add: (data: Data) => {
    const document = parseMap(data);
    const added = appendEntry(document, { kind: "role", arn, username: "new", groups: ["g"] });
    mapChangesSince(added, document);
    entriesOf(added)
      .slice(-1)
      .reduce((rest, entry) => removeEntry(rest, entry), added);
  },
  change: (data: Data) => {
    const document = parseMap(data);
    const [first] = entriesOf(document);
    if (first?.arn !== undefined) {
      const { arn, username, groups } = first;
      replaceEntry(document, first, { kind: "role", arn, username: `${username}-`, groups: [...groups, "more"] });
    }
  },
} satisfies Record<string, (data: Data) => unknown>;

/** The readers of YAML lists. */
export const listReaders: Readers = {
  ...Object.fromEntries(Object.entries(ofMap).map(([name, use]) => [name, (text: string) => use(dataWith(text))])),
  manifest: (text) => parseManifest(`${manifestWith("  a: b\n")}more:\n${text}`, "m"),
  "manifest key": (text) => editManifest("", { data: { mapRoles: text } }, "m"),
  kubeconfig: (text) => parseKubeconfig(`clusters:\n${text}`, "k", "/"),
  ClusterConfig: (text) =>
    parseClusterConfig(
      yamlSource(
        `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: a, region: b}\niamIdentityMappings:\n${text}`,
        "c.yaml",
      ),
      undefined,
    ),
};

/** The readers of a manifest's data. */
export const dataReaders: Readers = {
  "manifest with data": (text) => parseManifest(manifestWith(text), "m"),
  "manifest with data edited": (text) =>
    editManifest(manifestWith(text), { data: { mapRoles: "- b\n  c\n" }, claims: "x\ny" }, "m"),
};

/** A record of claims in a map with this many entries. */
const recordWith = (entries: number) => (claims: string) => {
  const mapRoles = Array.from(
    { length: entries },
    (_, i) => `- rolearn: arn:aws:iam::111122223333:role/a${i || ""}\n  username: u\n`,
  ).join("");
  const document = parseMap({ mapRoles }, undefined, claims);
  const access = clusterAccess(document);
  lintMap({ data: { mapRoles }, access });
  entriesOf(document)
    .slice(0, 1)
    .map((entry) => ownersOf(document, entry));
  whoLogsIn(access, identityOf(arn));
  importItems(document);
  reviewOne(access, rights);
};

/** The readers of claims. */
export const recordReaders: Readers = {
  record: recordWith(1),
  "record of many": recordWith(2_000),
  "record in a manifest": (text) =>
    editManifest(manifestWith("  a: b\n", text), { data: { mapRoles: "[]\n" }, claims: "x" }, "m"),
};

/** The readers of a saved review. */
export const reviewReaders: Readers = {
  "review --since": (text) => {
    const earlier = parseEarlierReview(text, "r.json");
    compareReviews(earlier, earlier);
    compareReviews(earlier, { ...earlier, clusters: [] });
  },
};
