import { expect, it } from "vitest";
import { openAccess, readAccess } from "../../../provider/access/liveAccess.ts";
import { judge } from "../../../provider/access/verdict.ts";
import { callerIn } from "../../../provider/authenticator/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { resolveClusterRef } from "../../../provider/cluster/index.ts";
import { Authorizer, noObjects } from "../../../provider/rbac/index.ts";
import { settingsOf } from "../cluster/support.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const document = parseMap({ mapRoles: JSON.stringify([{ rolearn: role("dev"), groups: ["system:masters"] }]) });

it.each(
  [
    ["ABC0.gr7.eu-central-1.eks.amazonaws.com", ["unknown", "unknown"]],
    ["abc0.eks-cluster.eu-central-1.api.aws", ["unknown", "unknown"]],
    ["ABC0.gr7.eusc-de-east-1.eks.amazonaws.eu", ["unknown", "unknown"]],
    ["abc0.eks-cluster.us-iso-east-1.api.aws.ic.gov", ["unknown", "unknown"]],
    ["eks.example.com", ["yes", "no"]],
  ].flatMap(([name, expected]) => [
    [name, { server: `https://${name}` }, expected] as const,
    [`${name} through a tunnel`, { server: "https://localhost:8443", "tls-server-name": name }, expected] as const,
  ]),
)("gives a certain answer by a kubeconfig only where it does not lead to EKS: %s", async (_name, cluster, expected) => {
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
  const settings = settingsOf({});
  const open = await openAccess(await resolveClusterRef({ kubeconfig }, settings), settings);
  const { label, connection } = open;
  const map = { label, connection, warnings: [], data: {}, document, isThere: true };
  const { access, notes } = await readAccess({ ...open, read: async () => map }, (entries) => entries.all());
  const rights = { authorizer: new Authorizer(noObjects), unread: undefined };
  const answers = ["dev", "other"].map((name) => {
    return judge(access, callerIn(role(name)), { verb: "get", path: "/x" }, rights).answer;
  });
  expect(answers).toEqual(expected);
  expect(notes.length > 0).toBe(access.unread !== undefined);
});
