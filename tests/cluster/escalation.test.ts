import { once } from "node:events";
import { createServer } from "node:https";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readRights } from "../../provider/cluster/kubernetes/objects.ts";
import { resolveClusterRef } from "../../provider/cluster/resolveClusterRef.ts";
import { readCluster } from "../../provider/reports/readCluster.ts";
import { rulesIn } from "../../provider/rights/accessPolicies.ts";
import { escalationBy } from "../../provider/rights/escalation.ts";
import { rightsOf } from "../../provider/rights/rightsOf.ts";
import { addedRights } from "../../provider/rights/shippedRoles.ts";
import type { ApiRequest } from "../support/cluster/apiClient.ts";
import { configMaps, rbac, rbacRef } from "../support/cluster/awsAuth.ts";
import { startCluster, type TestCluster } from "../support/cluster/startCluster.ts";

const system = "/api/v1/namespaces/kube-system";
const daemons = "/apis/apps/v1/namespaces/kube-system/daemonsets";
const requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const webhooks = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const signerName = "kubernetes.io/kube-apiserver-client";
/** A request for a client certificate of the user boss. */
const request =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISk1IRUNBUUF3RHpFTk1Bc0dBMVVFQXd3RVltOXpjekJaTUJNR0J5cUdTTTQ5QWdFR0NDcUdTTTQ5QXdFSApBMElBQkpacU9uVWtIWVFoL1NoSlVEcTZTVk9EN3pMWldZaVpEa2ZFOWVXMjFrZWRBOFhrak1zTzV1aUlEaXEyCmxqb3pMZU1GckNyWnZkdXM5d2dUci9Sd2xGaWdBREFLQmdncWhrak9QUVFEQWdOSUFEQkZBaUFaVmI0WFdERTUKQzNrZzNLS3h0TkRKeUpmRzltK3pxbEU1OVl3ODFJbUk4Z0loQUpISzVjVGFlMFdtRDhDWnVwS1BKVlFPUmYxaQplNllYTWZUUnFGZ1RaamNxCi0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";
const spec = { request, signerName, usages: ["client auth"] };
const approval = { metadata: { name: "boss" }, spec, status: { conditions: [{ type: "Approved", status: "True" }] } };
const pod = { serviceAccountName: "boss", containers: [{ name: "c", image: "c" }] };
const volume = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/" } };
const masters = { "impersonate-user": "x", "impersonate-group": "system:masters" };

/** Sends requests as a user, and returns the last status. */
type Act = (as: ApiRequest, user: string) => Promise<number>;
const send = (...args: Parameters<ApiRequest>): Act => {
  return async (as) => (await as(...args)).status;
};
const then = (first: Act, second: Act): Act => {
  return async (as, user) => [await first(as, user), await second(as, user)].at(-1) ?? 0;
};
/** A secret that only an administrator may read. */
const target = `${system}/secrets/target`;
const readTarget = send("GET", target);
const widen: Act = (as, user) => send("PATCH", `${rbac}/clusterroles/${user}`, { rules: rulesIn("*|*|*") })(as, user);
const bindMe: Act = (as, user) => {
  const roleRef = rbacRef("ClusterRole", "cluster-admin");
  const binding = { metadata: { name: "mine" }, roleRef, subjects: [rbacRef("User", user)] };
  return send("POST", `${rbac}/clusterrolebindings`, binding)(as, user);
};
const useToken: Act = async (as, user) => {
  const { body } = await as("POST", `${system}/serviceaccounts/boss/token`, { spec: {} });
  const token = /"token":"([^"]+)"/.exec(JSON.stringify(body))?.[1];
  return send("GET", target, undefined, token === undefined ? {} : { authorization: `Bearer ${token}` })(as, user);
};

const replaceMap = then(
  send("DELETE", `${configMaps}/aws-auth`),
  send("POST", configMaps, { metadata: { name: "aws-auth" } }),
);
const addPod = send("POST", `${system}/pods`, { metadata: { name: "mine" }, spec: pod });
const patchDaemons = send("PATCH", `${daemons}/agent`, { spec: { template: { spec: pod } } });
const addVolume = send("POST", "/api/v1/persistentvolumes", { metadata: { name: "host" }, spec: volume });
const approve = then(send("POST", requests, approval), send("PUT", `${requests}/boss/approval`, approval));
const [roles, csr] = ["rbac.authorization.k8s.io|cluster", "certificates.k8s.io|certificatesigningrequests"];
const csrRules = `create|${csr}\nupdate|${csr}/approval\napprove|certificates.k8s.io|signers|${signerName}`;

/**
 * The rules of a user, of which the last one completes the way, and the status of its last request. The first four ways end as an
 * administrator, who reads the secret. In the others, the API server admits the request (400 and 404 are errors after authorization), and
 * the rest is up to the authenticator, a kubelet or a controller, which do not run here.
 */
const ways: readonly (readonly [way: string, rules: string, status: number, act: Act])[] = [
  ["escalate roles", `patch|${roles}roles\nescalate|${roles}roles`, 200, then(widen, readTarget)],
  ["bind roles", `create|${roles}rolebindings\nbind|${roles}roles`, 200, then(bindMe, readTarget)],
  ["impersonate others", "impersonate||users groups", 200, send("GET", target, undefined, masters)],
  ["create service account tokens", "create||serviceaccounts/token|boss", 200, useToken],
  ["write aws-auth", "patch||configmaps|aws-auth", 200, send("PATCH", `${configMaps}/aws-auth`, {})],
  ["write aws-auth", "delete||configmaps|aws-auth\ncreate||configmaps", 201, replaceMap],
  ["write workloads", "create||pods", 201, addPod],
  ["write workloads", "patch|apps|daemonsets", 200, patchDaemons],
  ["use nodes/proxy", "get||nodes/proxy", 404, send("GET", "/api/v1/nodes/none/proxy/pods")],
  ["create persistent volumes", "create||persistentvolumes", 201, addVolume],
  ["approve client certificates", csrRules, 200, approve],
];
const userOf = (index: number) => `user-${index}`;

let cluster: TestCluster;
beforeAll(async () => {
  const users = ["spy", ...ways.map((_, index) => userOf(index))];
  cluster = await startCluster({ users: users.map((name) => ({ name })) });
  const subjects = [{ kind: "ServiceAccount", name: "boss", namespace: "kube-system" }];
  await cluster.create(`${system}/secrets`, { metadata: { name: "target" } });
  await cluster.create(`${system}/serviceaccounts`, { metadata: { name: "boss" } });
  const roleRef = rbacRef("ClusterRole", "cluster-admin");
  await cluster.create(`${rbac}/clusterrolebindings`, { metadata: { name: "boss" }, roleRef, subjects });
  await cluster.create(configMaps, { metadata: { name: "aws-auth" } });
  const metadata = { name: "agent", labels: { app: "agent" } };
  const template = { metadata, spec: { containers: pod.containers } };
  await cluster.create(`${system}/pods`, template);
  await cluster.create(daemons, { metadata, spec: { selector: { matchLabels: metadata.labels }, template } });
  for (const name of users) {
    const binding = { metadata: { name }, roleRef: rbacRef("ClusterRole", name), subjects: [rbacRef("User", name)] };
    await cluster.create(`${rbac}/clusterroles`, { metadata: { name } });
    await cluster.create(`${rbac}/clusterrolebindings`, binding);
  }
});
afterAll(() => cluster?.stop());

const grant = (user: string, rules: string) =>
  cluster.request("PATCH", `${rbac}/clusterroles/${user}`, { rules: rules === "" ? [] : rulesIn(rules) });
const act = (user: string, what: Act) => {
  const authorization = `Bearer ${cluster.token(user)}`;
  return what((method, path, body, more) => cluster.request(method, path, body, { authorization, ...more }), user);
};

async function readAuthorizer() {
  const settings = { config: () => undefined, env: {}, cwd: "/" };
  const ref = await resolveClusterRef({ kubeconfig: cluster.kubeconfig() }, settings);
  const { apiServer } = await readCluster(ref, settings);
  return apiServer && (await readRights(apiServer)).authorizer;
}

/** The ways that a review lists for a user. */
async function waysOf(username: string): Promise<string | undefined> {
  const authorizer = await readAuthorizer();
  const rights = authorizer ? rightsOf({ user: { username, groups: [] } }, authorizer) : [];
  return /\((.*)\) through/.exec(escalationBy(rights, undefined) ?? "")?.[1];
}

it.each(ways.map((row, index) => [...row, userOf(index)] as const))(
  "a review lists a right with which the API server lets a user escalate: %s (%s)",
  async (way, rules, status, what, user) => {
    await grant(user, rules.split("\n").slice(0, -1).join("\n"));
    expect([await act(user, what), await waysOf(user)]).toEqual([403, undefined]);
    await grant(user, rules);
    expect(await waysOf(user)).toBe(way);
    await expect.poll(() => act(user, what), { timeout: 30_000 }).toBe(status);
  },
);

it("a review lists the right to write admission webhooks, which receive every secret that is written", async () => {
  let seen = "";
  const server = createServer(cluster.certificate, async (incoming, response) => {
    const review = JSON.stringify(await json(incoming));
    seen = review;
    const uid = /"uid":"([^"]+)"/.exec(review)?.[1];
    const answer = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: true } };
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
  const rules = [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["secrets"] }];
  const clientConfig = { url, caBundle: cluster.caData };
  const hook = { name: "a.example.com", rules, clientConfig, sideEffects: "None", admissionReviewVersions: ["v1"] };
  const create = send("POST", webhooks, { metadata: { name: "spy" }, webhooks: [hook] });
  expect(await act("spy", create)).toBe(403);
  await grant("spy", "create|admissionregistration.k8s.io|mutatingwebhookconfigurations");
  expect(await waysOf("spy")).toBe("write admission webhooks");
  await expect.poll(() => act("spy", create), { timeout: 30_000 }).toBe(201);
  const written = async () => {
    await cluster.create(`${system}/secrets`, { metadata: { generateName: "new-" }, data: { key: "c2VjcmV0" } });
    return seen;
  };
  await expect.poll(written, { timeout: 30_000 }).toContain("c2VjcmV0");
  await cluster.request("DELETE", `${webhooks}/spy`);
  server.close();
});

it.each([["view"], ["edit", "view"], ["admin", "edit", "view"]])(
  "a review knows the rules that the API server ships with the role %s",
  async (name, ...others) => {
    const authorizer = await readAuthorizer();
    const bindingOf = (role: string) =>
      ({
        kind: "ClusterRoleBinding",
        name,
        namespace: "",
        role: { kind: "ClusterRole", name: role },
        subjects: [],
      }) as const;
    // No controller copies the rules of these roles to the role itself.
    const shipped = [name, ...others].flatMap(
      (one) => authorizer?.rulesOf(bindingOf(`system:aggregate-to-${one}`)) ?? [],
    );
    expect(shipped.length).toBeGreaterThan(0);
    expect(addedRights({ binding: bindingOf(name) }, shipped)).toEqual([]);
  },
);
