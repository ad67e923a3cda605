import { AwsAuthError, type AwsAuthErrorCode } from "../../errors";
import { describeCause } from "../network/causes";
import type { EksRef } from "../ref/clusterRef";
import { recordedConfigHint } from "../settings";
import { foreignText } from "../text";
import type { AwsIdentity } from "./awsIdentity";

/** What was asked of AWS when it failed. */
export type AwsStep = "credentials" | "describe";

/** The fault that an error of the AWS SDK means. Errors are told apart by name and status, as AWS documents them. */
export function awsFault(
  step: AwsStep,
  error: unknown,
  label: string,
  ref: EksRef,
  identity: AwsIdentity,
): AwsAuthError {
  const name = error instanceof Error ? error.name : "";
  const said = error instanceof Error ? foreignText(error.message) : "";
  const fault = (code: AwsAuthErrorCode, message: string) => new AwsAuthError(code, message, { cause: error });
  if (name === "ResourceNotFoundException") {
    return fault("clusterNotFound", `${label} does not exist for ${identity.label}`);
  }
  if (deniedNames.has(name)) {
    const action = step === "describe" ? "eks:DescribeCluster" : "sts:AssumeRole";
    return fault("accessDenied", `${label}: ${identity.label} may not do ${action} (${said}); allow it in IAM`);
  }
  if (isNetworkFault(error)) {
    const service = step === "describe" ? `the EKS API in ${ref.region}` : "the source of AWS credentials";
    return fault(
      "clusterUnreachable",
      `${label}: ${service} cannot be reached with ${identity.label}: ${describeCause(error)}; check the network (VPN, proxy) and the region (${recordedConfigHint})`,
    );
  }
  if (step === "credentials" || credentialNames.has(name)) {
    return fault(
      "credentials",
      `${label}: ${identity.label} gives no valid AWS credentials (${name}: ${said}); ${identity.remedy} (${recordedConfigHint})`,
    );
  }
  return fault(
    "clusterUnreachable",
    `${label}: EKS does not answer DescribeCluster (${name}: ${said}); try again later`,
  );
}

const deniedNames = new Set(["AccessDeniedException", "AccessDenied", "UnauthorizedException"]);

/** What AWS answers to credentials that it does not know any more, or whose request is too old or wrongly signed. */
const credentialNames = new Set([
  "CredentialsProviderError",
  "TokenProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
]);

/** Whether there was no answer at all; AWS's own answers carry a status. */
function isNetworkFault(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  return (
    ["AbortError", "TimeoutError"].includes(error.name) || ("code" in error && "errno" in error) || "syscall" in error
  );
}
