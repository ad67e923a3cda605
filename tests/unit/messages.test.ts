import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProviderHandshakeRequest } from "@pulumi/pulumi/proto/provider_pb.js";
import { describe, expect, it, vi } from "vitest";
import { entriesOf, parseMap, replaceEntry } from "../../provider/awsAuthMap/index.ts";
import { clusterMissing, fromAwsError, otherAccount } from "../../provider/cluster/eks/awsErrors.ts";
import { openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { parseKubeconfig } from "../../provider/cluster/kubeconfig/kubeconfig.ts";
import { parseManifest } from "../../provider/cluster/manifest/editManifest.ts";
import { type AwsAuthErrorCode, forDisplay } from "../../provider/errors.ts";
import { remove } from "../../provider/lifecycle/remove.ts";
import { Run } from "../../provider/lifecycle/run.ts";
import { parseState } from "../../provider/lifecycle/state.ts";
import { handlers } from "../../provider/plugin/handlers.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { World } from "../support/lifecycle/world.ts";
import { startApiServer } from "./cluster/apiServer.ts";
import { open, world } from "./cluster/eks/world.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "./cluster/support.ts";

const arn = "arn:aws:iam::111122223333:role/dev";
const entry = (group: string) => `- rolearn: ${arn}\n  username: dev\n  groups: ["${group}"]\n`;
const ref = { kind: "eks", name: "prod", region: "eu-central-1", profile: undefined, roleArn: undefined } as const;
const identity = {
  profile: "p",
  roleArn: undefined,
  label: 'AWS profile "p" (AWS_PROFILE)',
  isDefault: false,
  remedy: "renew them",
};
const label = 'EKS cluster "prod" (eu-central-1)';
const named = (name: string) =>
  Object.assign(new Error("the security token included in the request is not one"), { name });
/** What a read of a cluster says whose API server responds with this status. */
async function withStatus(status: number): Promise<unknown> {
  const server = await startApiServer({});
  const message = `configmaps "aws-auth" is forbidden: User "dev" cannot patch resource "configmaps"`;
  server.tricks.push({ status, body: { kind: "Status", message } });
  const settings = settingsOf({});
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ dev: server.url }) }, settings);
  return (await openStore(ref, settings)).read();
}

/** The provider, as the engine calls it, on a map with one entry. */
async function provider(call: (provider: typeof import("../../provider/index.ts"), state: object) => Promise<unknown>) {
  vi.spyOn(console, "error").mockReturnValue();
  const directory = await temporaryDirectory();
  const manifest = join(directory, "aws-auth.yaml");
  await writeFile(manifest, manifestOf({ mapRoles: entry("system:masters") }));
  const module = await import("../../provider/index.ts");
  await module.configure({ config: { get: () => undefined, require: () => "" } });
  return call(module, { cluster: { manifest }, arn, username: "dev", groups: ["system:masters"] });
}

/** What fails with each code. */
const failures: Readonly<Record<AwsAuthErrorCode, () => unknown>> = {
  invalidInput: () => resolveClusterRef({ manifst: "aws-auth.yaml" }, settingsOf({})),
  duplicateArn: () =>
    provider((to, state) => to.create({ ...state, groups: ["viewers", "ops"], __claim: "infra000.000001" })),
  claimed: () =>
    provider(async (to, state) => {
      const { outs } = await to.create({ ...state, __claim: "infra000.000001" });
      await to.create({ ...outs, groups: ["ops"], adopt: true, __claim: "apps0000.000001" });
      return to.update("id", { ...outs }, { ...outs });
    }),
  changedOutside: () => provider((to, state) => to.delete("id", { ...state, groups: ["viewers"] })),
  unreadableKey: () =>
    provider(async (to, state) => {
      await writeFile(
        Reflect.get(Reflect.get(state, "cluster"), "manifest"),
        manifestOf({ mapRoles: "- a\n   b: c\n" }),
      );
      return to.create({ ...state, __claim: "infra000.000001" });
    }),
  unsupportedEntry: () => {
    const document = parseMap({
      mapRoles: `- rolearn: ${arn}\n  userid: AROAEXAMPLE\n`,
    });
    return replaceEntry(document, entriesOf(document)[0] ?? { key: "mapRoles", username: "", groups: [] }, {
      kind: "role",
      arn,
      groups: ["viewers"],
    });
  },
  clusterNotNamed: () => resolveClusterRef(undefined, settingsOf({})),
  clusterNotFound: () => Promise.reject(clusterMissing("111122223333", undefined, label, identity)),
  clusterGone: () => Promise.reject(clusterMissing("111122223333", "111122223333", label, identity)),
  clusterChanged: () => Promise.reject(otherAccount("111122223333", "444455556666", label, identity)),
  clusterUnreachable: () =>
    Promise.reject(
      fromAwsError(
        "eks:DescribeCluster",
        Object.assign(named("TimeoutError"), { code: "ETIMEDOUT", errno: 1 }),
        label,
        ref,
        identity,
      ),
    ),
  certificateNotTrusted: () =>
    Promise.reject(
      fromAwsError(
        "eks:DescribeCluster",
        Object.assign(named("Error"), { code: "SELF_SIGNED_CERT_IN_CHAIN" }),
        label,
        ref,
        identity,
      ),
    ),
  accessDenied: () => withStatus(403),
  rejected: () => withStatus(422),
  invalidKubeconfig: () => parseKubeconfig("clusters: [", 'kubeconfig "/home/me/.kube/config"', undefined),
  missingPackage: async () => handlers().handshake(new ProviderHandshakeRequest()),
  credentials: () =>
    Promise.reject(fromAwsError("credentials", named("CredentialsProviderError"), label, ref, identity)),
  notConfigMap: () => parseManifest("kind: Secret\nmetadata: {name: aws-auth}\n", 'manifest "aws-auth.yaml"'),
  configMapIgnored: async () => {
    const { clusters } = await world();
    clusters.set("prod", {
      ...clusters.get("prod"),
      endpoint: "https://127.0.0.1:9",
      caData: "",
      authenticationMode: "API",
    });
    return (await open()).read();
  },
  conflict: async () => {
    const cwd = await temporaryDirectory();
    const settings = settingsOf({ cwd });
    const store = await openStore(
      await resolveClusterRef({ manifest: "a-rather-long-name-of-a-file.yaml" }, settings),
      settings,
    );
    return store.write({ data: { mapRoles: "[]\n" } }, { data: {}, version: "another" });
  },
  lockout: () => {
    const cluster = new World();
    cluster.edit(() => entry("system:masters"));
    const run = new Run(cluster.wayTo);
    run.settings = settingsOf({ config: { "aws-auth:lockoutProtection": "error" } });
    const state = {
      cluster: { name: "prod", region: "eu-central-1" },
      arn,
      username: "dev",
      groups: ["system:masters"],
    };
    return remove(run, parseState(state));
  },
  tooLarge: () =>
    provider((to, state) =>
      to.create({ ...state, username: "x".repeat(2 ** 20), adopt: true, __claim: "infra000.000001" }),
    ),
};

describe("a message", () => {
  it.each(Object.entries(failures))("of the code %s is one line", async (code, fail) => {
    const error = await Promise.resolve()
      .then(fail)
      .then(
        () => undefined,
        (reason: unknown) => forDisplay(reason),
      );
    expect(error).toMatchObject({ code });
    const { message } = error instanceof Error ? error : new Error();
    expect(message).not.toContain("\n");
    vi.restoreAllMocks();
  });
});
