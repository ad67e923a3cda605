import { AwsError, type EksErrorCode, eksError } from "../support/eks/awsError.ts";
import type { AwsCall, Verdict } from "../support/eks/standIn.ts";

/** What becomes of a call, and what the run comes to. */
export interface AwsFault {
  readonly title: string;
  /** In place of the call, or of its answer once it is done. */
  readonly at: "before" | "after";
  readonly verdict: (call: AwsCall) => Verdict;
  /** How many calls of the operation meet it. */
  readonly times: number;
  /** What the error says, for a fault that stays. */
  readonly says?: RegExp;
}

const refusal = (code: EksErrorCode, iam: string, message: string) => (call: AwsCall) =>
  call.service === "eks" ? eksError(code, message) : new AwsError(iam, 400, message);
/** Refuses a call for want of a permission. */
export const denied = (call: AwsCall) => {
  const action = `${call.service}:${call.operation}`;
  const text = `User: deployer is not authorized to perform: ${action} on resource: x`;
  return call.service === "eks" ? eksError("AccessDeniedException", text) : new AwsError("AccessDenied", 403, text);
};
const throttled = refusal("ThrottlingException", "Throttling", "Rate exceeded");
const broken = (call: AwsCall) =>
  call.service === "eks" ? eksError("ServerException", "internal") : new AwsError("InternalFailure", 500, "internal");
const always = Number.POSITIVE_INFINITY;

export const awsFaults: readonly AwsFault[] = [
  { title: "throttled twice", at: "before", verdict: throttled, times: 2 },
  { title: "throttled for ever", at: "before", verdict: throttled, times: always, says: /throttles|does not respond/ },
  { title: "denied", at: "before", verdict: denied, times: always, says: /may not do \w+:\w+ .*; allow it in IAM/ },
  { title: "failing once", at: "before", verdict: broken, times: 1 },
  { title: "failing for ever", at: "before", verdict: broken, times: always, says: /does not respond to/ },
  { title: "failing once it is done", at: "after", verdict: broken, times: 1 },
  { title: "cut off", at: "before", verdict: () => "cut", times: 1 },
  { title: "cut off once it is done", at: "after", verdict: () => "cut", times: 1 },
  { title: "cut off for ever", at: "before", verdict: () => "cut", times: always, says: /cannot be reached/ },
  {
    title: "cut off for ever once it is done",
    at: "after",
    verdict: () => "cut",
    times: always,
    says: /cannot be reached|refuses/,
  },
  {
    title: "in conflict",
    at: "before",
    verdict: refusal("ResourceInUseException", "ConcurrentModification", "in use"),
    times: always,
    says: /refuses|does not respond|already/,
  },
  {
    title: "refused for a parameter",
    at: "before",
    verdict: refusal("InvalidParameterException", "ValidationError", "invalid"),
    times: always,
    says: /refuses|does not respond/,
  },
];
