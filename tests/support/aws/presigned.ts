import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AwsFailure } from "./responses.ts";

/**
 * The error of AWS for a presigned GET request that is invalid by the rules of Signature Version 4: a changed header, host or parameter, a
 * wrong secret key, or an expired date.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function presignedProblem(request: IncomingMessage, secretKey: string): AwsFailure | undefined {
  const url = new URL(request.url ?? "/", "http://localhost");
  const value = (name: string): string => url.searchParams.get(name) ?? "";
  const date = value("X-Amz-Date");
  const [, day = "", region = "", service = "", end = ""] = value("X-Amz-Credential").split("/");
  const signedHeaders = value("X-Amz-SignedHeaders");
  const headers = signedHeaders.split(";").map((name) => `${name}:${String(request.headers[name] ?? "").trim()}\n`);
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url.searchParams),
    headers.join(""),
    signedHeaders,
    sha256(""),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", date, [day, region, service, end].join("/"), sha256(canonical)].join("\n");
  const key = [day, region, service, end].reduce<Buffer | string>((last, part) => hmac(last, part), `AWS4${secretKey}`);
  if (hmac(key, toSign).toString("hex") !== value("X-Amz-Signature")) {
    return {
      status: 403,
      code: "SignatureDoesNotMatch",
      message: "The request signature we calculated does not match the signature you provided.",
    };
  }
  const age = Date.now() - Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (age < 15 * 60_000) {
    return undefined;
  }
  return { status: 403, code: "ExpiredTokenException", message: "The request has expired." };
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

/** Like encodeURIComponent, and also escapes !'()*. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
