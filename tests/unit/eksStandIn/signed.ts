import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCaller } from "../../support/aws/caller.ts";
import type { EksStandIn } from "../../support/eks/standIn.ts";

/** A request that no SDK would send. */
export interface SignedRequest {
  readonly method: string;
  /** With its query string. */
  readonly path: string;
  readonly body?: string;
  /** Default `eks`. */
  readonly service?: string;
  /** Default `eu-central-1`. */
  readonly region?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Signs a request, sends it, and returns status, exception and body. */
export async function send(aws: EksStandIn, credentials: AwsCaller, request: SignedRequest) {
  const { method, path, body, service = "eks", region = "eu-central-1", headers = {} } = request;
  const url = new URL(path, aws.url);
  const signer = new SignatureV4({ credentials, region, service, sha256: Sha256 });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const response = await fetch(url, { method, headers: signed.headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, code: response.headers.get("x-amzn-errortype"), body: await response.text() };
}

/** A call of IAM as its SDKs make it. */
export function sendIam(
  aws: EksStandIn,
  credentials: AwsCaller,
  parameters: Readonly<Record<string, string>>,
  scope: Pick<SignedRequest, "service" | "region" | "headers"> = {},
) {
  return send(aws, credentials, {
    method: "POST",
    path: "/",
    body: String(new URLSearchParams({ Version: "2010-05-08", ...parameters })),
    service: "iam",
    region: "us-east-1",
    ...scope,
    headers: { "content-type": "application/x-www-form-urlencoded", ...scope.headers },
  });
}

/** What the signer hashes with. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === "string") {
    return Buffer.from(data);
  }
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
