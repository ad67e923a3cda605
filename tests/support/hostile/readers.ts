import { loginData } from "../../../cli/accessData.ts";
import { itemsIn } from "../../../cli/import.ts";
import { renderImport } from "../../../cli/importProgram.ts";
import {
  appendEntry,
  changesSince,
  entriesOf,
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
import { lintMap } from "../../../provider/lint.ts";
import { movesOf } from "../../../provider/migration/moves.ts";
import { changesSince as changesOf, parseEarlierReview } from "../../../provider/review/changes.ts";
import { reviewOne } from "../../../provider/review/reviewClusters.ts";
import { whoCan } from "../../../provider/rights/verdicts.ts";
import { parseClusterConfig, yamlSource } from "../../../sdk/configFile.ts";
import { authorizerOf } from "../review/sample.ts";
import { manifestWith, type Shape } from "./shapes.ts";

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

/** The key of the map that a list is for. */
function dataWith(list: string): Data {
  if (/^- "?\d{12}/.test(list)) {
    return { mapAccounts: list };
  }
  return list.startsWith("- userarn") ? { mapUsers: list } : { mapRoles: list };
}

/** What is done with a map, one after another. */
const ofMap = {
  lint: (data: Data) => lintMap({ data, access: clusterAccess(parseMap(data)), bound: authorizer.groups }),
  review: (data: Data) => reviewOne({ access: clusterAccess(parseMap(data)), rights }),
  import: (data: Data) => {
    const source = { label: "c", cluster: { name: "c" }, items: itemsIn(parseMap(data)) };
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
      document: parseMap(data),
      entries: new Map(),
      eksRoles: new Set(),
      principals: new Map(),
    }),
  add: (data: Data) => {
    const document = parseMap(data);
    const added = appendEntry(document, { kind: "role", arn, username: "new", groups: ["g"] });
    changesSince(added, document);
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

/** What reads a YAML list of others. */
export const listReaders: Readonly<Record<string, (text: string) => unknown>> = {
  ...Object.fromEntries(Object.entries(ofMap).map(([name, use]) => [name, (text: string) => use(dataWith(text))])),
  manifest: (text) => parseManifest(`${manifestWith("  a: b\n")}more:\n${text}`, "m"),
  "manifest edit": (text) =>
    editManifest(`${manifestWith("  a: b\n")}more:\n${text}`, { data: { mapRoles: "[]\n" } }, "m"),
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

/** What reads the data of a manifest. */
export const dataReaders: Readonly<Record<string, (text: string) => unknown>> = {
  "manifest with data": (text) => parseManifest(manifestWith(text), "m"),
  "manifest with data edited": (text) =>
    editManifest(manifestWith(text), { data: { mapRoles: "- b\n  c\n" }, claims: "x\ny" }, "m"),
};

/** What reads a record of claims. */
export const recordReaders: Readonly<Record<string, (text: string) => unknown>> = {
  record: (text) => {
    const data = { mapRoles: "- rolearn: arn:aws:iam::111122223333:role/a\n  username: u\n" };
    const document = parseMap(data, undefined, text);
    lintMap({ data, access: clusterAccess(document) });
    entriesOf(document).map((entry) => ownersOf(document, entry));
    whoLogsIn(clusterAccess(document), identityOf(arn));
    reviewOne({ access: clusterAccess(document), rights });
  },
  "record of many": (text) => {
    const mapRoles = Array.from(
      { length: 2_000 },
      (_, i) => `- rolearn: arn:aws:iam::111122223333:role/a${i}\n  username: u\n`,
    ).join("");
    const data = { mapRoles };
    const document = parseMap(data, undefined, text);
    lintMap({ data, access: clusterAccess(document) });
    whoLogsIn(clusterAccess(document), identityOf(arn));
    itemsIn(document);
    reviewOne({ access: clusterAccess(document), rights });
  },
  "record in a manifest": (text) =>
    editManifest(manifestWith("  a: b\n", text), { data: { mapRoles: "[]\n" }, claims: "x" }, "m"),
};

const piecesOf = (bytes: number, piece: (i: number) => object) => {
  const all: object[] = [];
  for (let size = 0, i = 0; size < bytes; i++) {
    const next = piece(i);
    size += JSON.stringify(next).length;
    all.push(next);
  }
  return all;
};
const entry = (rights: object[] = [], groups: string[] = []) => ({ effect: "counts", username: "u", groups, rights });
const cluster = (id: string, identities: object[]) => ({ id, name: id, unknown: [], identities });
const review = (clusters: object[]) =>
  JSON.stringify({ kind: "AccessReview", schemaVersion: 2, createdAt: "x", clusters, unread: [] });

/** Earlier reviews. */
export const reviewShapes: Readonly<Record<string, Shape>> = {
  clusters: (bytes) => review(piecesOf(bytes, (i) => cluster(`c${i}`, []))),
  "one cluster many times": (bytes) => review(piecesOf(bytes, () => cluster(`c`, []))),
  identities: (bytes) =>
    review([
      cluster(
        "c",
        piecesOf(bytes, (i) => ({ identity: `i${i}`, entries: [], findings: [] })),
      ),
    ]),
  "one identity": (bytes) =>
    review([
      cluster(
        "c",
        piecesOf(bytes, () => ({ identity: `i`, entries: [entry()], findings: [] })),
      ),
    ]),
  entries: (bytes) =>
    review([cluster("c", [{ identity: "i", entries: piecesOf(bytes, () => entry()), findings: [] }])]),
  rights: (bytes) =>
    review([
      cluster("c", [{ identity: "i", entries: [entry(piecesOf(bytes, (i) => ({ access: `a${i}` })))], findings: [] }]),
    ]),
  groups: (bytes) =>
    review([
      cluster("c", [
        {
          identity: "i",
          entries: [
            entry(
              [],
              Array.from({ length: bytes / 9 }, (_, i) => `g${i}`),
            ),
          ],
          findings: [],
        },
      ]),
    ]),
  "open brackets": (bytes) => "[".repeat(bytes),
  deep: (bytes) => `{"kind":"AccessReview","x":${"[".repeat(bytes / 2)}${"]".repeat(bytes / 2)}}`,
  "open quotes": (bytes) => `"${"\\\\".repeat(bytes / 2)}`,
};

/** What reads a review that was kept. */
export const reviewReaders: Readonly<Record<string, (text: string) => unknown>> = {
  "review --since": (text) => {
    const earlier = parseEarlierReview(text, "r.json");
    changesOf(earlier, earlier);
    changesOf(earlier, { ...earlier, clusters: [] });
  },
};
