import { describe, expect, it, onTestFinished } from "vitest";
import type { ConfigMapStore } from "../../../provider/cluster/store.ts";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { pem, startApiServer } from "../../support/cluster/apiServer.ts";
import { expectFailure, openCluster, setEnv, shortLimits } from "../../support/cluster/kubeconfigs.ts";

const base64 = (name: string) => pem(name).toString("base64");

/** Opens the store of this cluster of a kubeconfig. */
function open(cluster: object): Promise<ConfigMapStore> {
  const kubeconfig = {
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "t0p-secret" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
  };
  return openCluster({ kubeconfig });
}

/** The store of an EKS cluster, with time to load the AWS SDK. */
const openEks = (name: string) =>
  openCluster({ name, region: "eu-central-1" }, {}, { ...shortLimits, read: 20_000, readTry: 20_000 });
const credentials = { AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "x", AWS_EC2_METADATA_DISABLED: "true" };

describe.each([[undefined], ["0"]])("with NODE_TLS_REJECT_UNAUTHORIZED=%s", (NODE_TLS_REJECT_UNAUTHORIZED) => {
  it.each([
    ["of another authority", "server", "stranger", "127.0.0.1", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["of an unnamed authority", "server", undefined, "127.0.0.1", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["that is self-signed", "stranger", "ca", "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["that has expired", "expired", "expired", "127.0.0.1", "CERT_HAS_EXPIRED"],
    ["for another host", "server", "ca", "localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ] as const)("refuses a certificate %s", async (_title, identity, authority, host, code) => {
    setEnv({ NODE_TLS_REJECT_UNAUTHORIZED });
    const server = await startApiServer({}, identity);
    const ca = authority === undefined ? {} : { "certificate-authority-data": base64(authority) };
    const url = server.url.replace("127.0.0.1", host);
    const store = await open({ server: url, ...ca });
    await expectFailure(
      store.read(),
      "certificateNotTrusted",
      new RegExp(
        `^the cluster of context "x" at ${url}: TLS certificate not trusted \\(${code}\\); check certificate-authority`,
      ),
    );
    // Nothing was sent or retried.
    expect([server.requests, server.connections]).toEqual([[], 1]);
  });

  it("accepts an EKS cluster only with the authority from EKS", async () => {
    const server = await startApiServer({});
    const clusters = new Map([
      ["right", { endpoint: server.url, caData: base64("ca") }],
      ["wrong", { endpoint: server.url, caData: base64("stranger") }],
    ]);
    const aws = await startAwsEndpoint({ clusters, identity: "arn:aws:iam::111122223333:user/me" });
    onTestFinished(() => aws.stop());
    setEnv({ NODE_TLS_REJECT_UNAUTHORIZED, AWS_ENDPOINT_URL_EKS: aws.url, ...credentials });
    expect(await (await openEks("right")).read()).toMatchObject({ data: {}, version: "1" });
    await expectFailure((await openEks("wrong")).read(), "certificateNotTrusted", /UNABLE_TO_VERIFY_LEAF_SIGNATURE/);
    expect(server.requests).toHaveLength(1);
  });

  it("sends no request to AWS with an untrusted certificate", async () => {
    const server = await startApiServer({}, "stranger");
    setEnv({ NODE_TLS_REJECT_UNAUTHORIZED, AWS_ENDPOINT_URL_EKS: server.url, ...credentials });
    await expectFailure((await openEks("c")).read(), "certificateNotTrusted");
    expect(server.requests).toEqual([]);
  });
});
