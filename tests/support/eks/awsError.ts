/** HTTP statuses of the exceptions of EKS, from its API model; the last five are of every AWS service. */
const statuses = {
  AccessDeniedException: 403,
  BadRequestException: 400,
  ClientException: 400,
  InvalidParameterException: 400,
  InvalidRequestException: 400,
  NotFoundException: 404,
  ResourceInUseException: 409,
  ResourceLimitExceededException: 400,
  ResourceNotFoundException: 404,
  ServerException: 500,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  SerializationException: 400,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
} as const;

/** Exceptions of EKS. */
export type EksErrorCode = keyof typeof statuses;

/** A refusal of AWS. */
export class AwsError extends Error {
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Further fields of the body, such as `clusterName`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: string, status: number, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** An exception of EKS with the status that its API model gives it. */
export function eksError(
  code: EksErrorCode,
  message: string,
  details: Readonly<Record<string, string>> = {},
): AwsError {
  return new AwsError(code, statuses[code], message, details);
}

/** InvalidParameterException, which most rules end in. */
export function invalid(message: string): AwsError {
  return eksError("InvalidParameterException", message);
}
