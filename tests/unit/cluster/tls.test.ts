import { hash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ConfigMapStore } from "../../../provider/cluster/store.ts";
import { startAwsEndpoint } from "../../support/aws/endpoint.ts";
import { pem, startApiServer } from "../../support/cluster/apiServer.ts";
import {
  expectFailure,
  openCluster,
  setEnv,
  shortLimits,
  temporaryDirectory,
} from "../../support/cluster/kubeconfigs.ts";

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

describe("with NODE_TLS_REJECT_UNAUTHORIZED=0 and an untrusted certificate", () => {
  const unset = /^NODE_TLS_REJECT_UNAUTHORIZED=0 disables the verification of .*; unset it, and /;
  const role = "role_arn = arn:aws:iam::111122223333:role/deploy";

  it("sends nothing to an https proxy", async () => {
    const stranger = await startApiServer({}, "stranger");
    setEnv({ NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    const store = await open({ server: stranger.url, "proxy-url": stranger.url });
    await expectFailure(store.read(), "invalidInput", unset);
    expect(stranger.requests).toEqual([]);
  });

  it.each([
    ["the role of a profile", `${role}\nsource_profile = base`],
    ["a token file", `${role}\nweb_identity_token_file = FILE`],
    ["IAM Identity Center", "sso_start_url = u\nsso_account_id = 1\nsso_region = eu-central-1\nsso_role_name = r"],
    ["an https credentials URI", "credential_source = EcsContainer", unset],
  ])("sends nothing to get credentials from %s", async (_title, profile, message = /certificate/) => {
    const stranger = await startApiServer({}, "stranger");
    const HOME = await temporaryDirectory();
    const [config, cache] = [join(HOME, "config"), join(HOME, ".aws", "sso", "cache")];
    const base = "[profile base]\naws_access_key_id = A\naws_secret_access_key = x\n";
    await writeFile(config, `[default]\n${profile.replace("FILE", config)}\n${base}`);
    await mkdir(cache, { recursive: true });
    const login = { accessToken: "t", expiresAt: new Date(Date.now() + 3_600_000) };
    await writeFile(join(cache, `${hash("sha1", "u")}.json`), JSON.stringify(login));
    setEnv({
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      HOME,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: "/nothing",
      AWS_ENDPOINT_URL: stranger.url,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: message === unset ? stranger.url : undefined,
    });
    await expect((await openEks("c")).read()).rejects.toThrow(message);
    expect(stranger.requests).toEqual([]);
  });
});
