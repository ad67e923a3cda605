import { seededRandom } from "../proxy/seededRandom.ts";
import type { AwsError } from "./awsError.ts";

/** One call of EKS or IAM, as a test sees it and may disturb it. */
export interface AwsCall {
  /** From 1, of all calls, in order of arrival. */
  readonly number: number;
  readonly service: "eks" | "iam" | "sts";
  /** `CreateAccessEntry`, `GetRole`, ...; empty where the path means nothing. */
  readonly operation: string;
  /** ARN of who signed it; undefined for nobody known. */
  readonly caller: string | undefined;
  readonly accessKeyId: string | undefined;
  /** Of the signature. */
  readonly region: string | undefined;
  /** Name of the cluster in the path. */
  readonly cluster: string | undefined;
  /** In the path or the body. */
  readonly principalArn: string | undefined;
  /** How many calls were under way when it came, itself included. */
  readonly atOnce: number;
  /** HTTP status of the answer; undefined while it is under way, and where the connection was cut. */
  status: number | undefined;
  /** Code of a refusal, such as `ThrottlingException`. */
  code: string | undefined;
}

/** What a test does to a call: lets it go on, cuts the connection, or answers with an error of AWS. */
export type Verdict = "cut" | AwsError | undefined;

/** Something that a test does at a call: it may wait, break it, kill a process, or just look. */
export type Hook = (call: AwsCall) => Verdict | Promise<Verdict>;

/** Which calls are throttled. */
export interface Throttle {
  /** Every n-th call of those below. */
  readonly every?: number;
  /** Share of the calls, from 0 to 1, chosen by the seed. */
  readonly rate?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default: all of EKS and IAM. */
  readonly operations?: readonly string[];
}

/** Decides for one call after the other whether it is throttled. */
export function throttler({ every, rate = 0, seed = 1, operations }: Throttle): (operation: string) => boolean {
  const random = seededRandom(seed);
  let counted = 0;
  return (operation) => {
    if (operations !== undefined && !operations.includes(operation)) {
      return false;
    }
    counted += 1;
    return (every !== undefined && counted % every === 0) || random.next() < rate;
  };
}
