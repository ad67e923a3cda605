import type { AwsFailure } from "../aws/responses.ts";

/** HTTP statuses of the exceptions of EKS, from its API model. */
const statuses = {
  AccessDeniedException: 403,
  BadRequestException: 400,
  InvalidParameterException: 400,
  InvalidRequestException: 400,
  NotFoundException: 404,
  ResourceInUseException: 409,
  ResourceLimitExceededException: 400,
  ResourceNotFoundException: 404,
  ServerException: 500,
  ThrottlingException: 429,
  UnknownOperationException: 404,
} as const;

/** Exceptions of EKS. */
export type EksErrorCode = keyof typeof statuses;

/** An error that AWS returns. */
export class AwsError extends Error implements AwsFailure {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: string, status: number, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** An exception of EKS with the status in its API model. */
export function eksError(code: EksErrorCode, message: string, details?: Readonly<Record<string, string>>): AwsError {
  return new AwsError(code, statuses[code], message, details);
}

/** InvalidParameterException, the error of most rules. */
export function invalid(message: string): AwsError {
  return eksError("InvalidParameterException", message);
}
