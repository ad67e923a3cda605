import { expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { resolveClusterRef } from "../../../provider/cluster/index.ts";
import { identityOf } from "../../../provider/identity/identity.ts";
import { Authorizer } from "../../../provider/rights/authorizer.ts";
import { noObjects } from "../../../provider/rights/bindings.ts";
import { canI } from "../../../provider/rights/verdicts.ts";
import { openAccess, readAccess } from "../../../provider/session/liveAccess.ts";
import { settingsOf } from "../cluster/support.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const document = parseMap({ mapRoles: JSON.stringify([{ rolearn: role("dev"), groups: ["system:masters"] }]) });

it("gives no certain answer by a kubeconfig, since access entries are unknown", async () => {
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: "https://eks.example.com" } }],
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
    return canI(access, identityOf(role(name)), { verb: "get", path: "/x" }, rights).answer;
  });
  expect(answers).toEqual(["unknown", "unknown"]);
  expect(notes).toHaveLength(1);
});
