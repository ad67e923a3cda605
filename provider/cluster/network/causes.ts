import { errorCode, foreignText } from "../text";

/** Why there was no answer, in words; the code stays, since it is what people search for. */
export function describeCause(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return "no answer in time";
  }
  if (isCertificateFault(error)) {
    return `its certificate is not accepted (${code})`;
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) {
    return `${words} (${code})`;
  }
  // An AggregateError, of a host with several addresses, has no message of its own.
  const text = error instanceof Error ? foreignText(error.message) : "";
  return code === undefined || text.includes(code) ? text || "unknown cause" : `${text} (${code})`;
}

/** Whether the server was reached but could not prove who it is; trying again does not help. */
export function isCertificateFault(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return certificateCodes.has(code) || code.startsWith("ERR_TLS_CERT") || code.startsWith("CERT_");
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed by the other side",
  EPIPE: "connection closed by the other side",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "the name server does not answer",
  ETIMEDOUT: "no answer in time",
  EPROTO: "no TLS connection",
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCodes = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_GET_CRL",
  "UNABLE_TO_DECRYPT_CERT_SIGNATURE",
  "UNABLE_TO_DECRYPT_CRL_SIGNATURE",
  "UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CRL_SIGNATURE_FAILURE",
  "CRL_NOT_YET_VALID",
  "CRL_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "INVALID_CA",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
]);
