import { describe, expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { startApiServer, statusBody, type Trick } from "../apiServer.ts";
import { impatient, kubeconfigOf, settingsOf } from "../support.ts";

const arn = "arn:aws:iam::111122223333:role/deploy";
const review = {
  status: 201,
  body: {
    kind: "SelfSubjectReview",
    status: { userInfo: { username: "deploy", extra: { canonicalArn: [arn] } } },
  },
};

const hitches: readonly (readonly [string, Trick])[] = [
  [
    "a server that is busy",
    { status: 429, headers: { "retry-after": "0" }, body: statusBody(429, "TooManyRequests", "later") },
  ],
  ["a server that is just starting", { status: 503, body: statusBody(503, "ServiceUnavailable", "starting") }],
  ["a connection that breaks", { cut: "before" }],
];

describe("who a run is to the cluster", () => {
  it.each(hitches)("is asked again after %s, since what locks the run out depends on it", async (_title, hitch) => {
    const server = await startApiServer({});
    const settings = settingsOf({});
    const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: server.url }) }, settings);
    const store = await openStore(ref, settings, impatient);
    server.tricks.push(hitch, review);
    expect(await store.caller()).toMatchObject({ arn, username: "deploy" });
  });

  it("is not known where the server does not tell, which is asked once", async () => {
    const server = await startApiServer({});
    const settings = settingsOf({});
    const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ ctx: server.url }) }, settings);
    const store = await openStore(ref, settings, impatient);
    expect(await store.caller()).toBeUndefined();
    expect(await store.caller()).toBeUndefined();
    expect(server.requests).toHaveLength(1);
  });
});
