import type { RecordedRequest } from "../aws/recordedRequest.ts";
import { AwsError } from "./awsError.ts";

/** The region that calls of IAM, which has one address for all regions, are signed for. */
const iamRegions: Readonly<Record<string, string>> = { "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1" };

/** The service that a request is for, by its form alone. */
export function serviceOf({ parameters }: RecordedRequest): "eks" | "iam" | "sts" {
  if (parameters["Action"] === undefined) {
    return "eks";
  }
  return parameters["Version"] === "2010-05-08" ? "iam" : "sts";
}

/**
 * What AWS has against a signature: that there is none, that it is for another service or region, or that nobody has the key. The
 * signature itself is not calculated.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export function checkSignature(request: RecordedRequest, caller: string | undefined): asserts caller is string {
  const service = serviceOf(request);
  if (request.accessKeyId === undefined || !/ Signature=[0-9a-f]{64}/.test(request.headers.authorization ?? "")) {
    throw new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  }
  if (caller === undefined) {
    const code = service === "eks" ? "UnrecognizedClientException" : "InvalidClientTokenId";
    throw new AwsError(code, 403, "The security token included in the request is invalid.");
  }
  const code = service === "eks" ? "InvalidSignatureException" : "SignatureDoesNotMatch";
  if (request.service !== service) {
    throw new AwsError(code, 403, `Credential should be scoped to correct service: '${service}'.`);
  }
  const partition = caller.split(":")[1] ?? "aws";
  // An SDK that is sent to another address signs for its own region, and at AWS for IAM's: that it would is taken on trust.
  const isSdk = request.headers["user-agent"]?.startsWith("aws-sdk-") ?? false;
  if (service === "iam" && !isSdk && request.region !== (iamRegions[partition] ?? "us-east-1")) {
    throw new AwsError(code, 403, `Credential should be scoped to a valid region, not '${request.region}'.`);
  }
}
