import { errorCode, redact } from "../text/text";

/** Describes in a few words why there was no response. Keeps the error code, since people search for it. */
export function describeCause(error: unknown): string {
  const code = errorCode(error);
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return "no response in time";
  }
  if (isCertificateProblem(error)) {
    return `TLS certificate not trusted (${code})`;
  }
  const words = code === undefined ? undefined : causes[code];
  if (words !== undefined) {
    return `${words} (${code})`;
  }
  // An AggregateError, for a host with several addresses, has no message.
  const text = error instanceof Error ? redact(error.message) : "";
  return code === undefined || text.includes(code) ? text || "unknown cause" : `${text} (${code})`;
}

/** Whether the server was reached but its certificate is not trusted, so that a retry cannot help. */
export function isCertificateProblem(error: unknown): boolean {
  return certificateCodes.test(errorCode(error) ?? "");
}

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection closed by the other side",
  EPIPE: "connection closed by the other side",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "host name not found",
  EAI_AGAIN: "the name server does not respond",
  ETIMEDOUT: "no response in time",
  EPROTO: "no TLS connection",
};

// https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCodes =
  /^ERR_TLS_CERT|^UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)_|CERT_|_CERT|_CRL$|^CRL_|ISSUER|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;
