import type { Agent } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { EKSClient } from "@aws-sdk/client-eks";
import { jittered } from "../../async/waiting";
import type { IamArn } from "../../mapping";
import { redact } from "../../text/text";
import { agentFor } from "../agent";
import { type ApiResponse, sendRequest, TransportError } from "../request";
import { endpointInEnv, type Settings } from "../settings";
import { requestTo, signerOf } from "./token";

/** A role or user as IAM knows it. */
export interface IamPrincipal {
  /** With its path. */
  readonly arn: string;
  readonly createdAt: Date;
}

/** How often a request is sent that gets no answer at all, and for how many milliseconds each: some networks let nobody reach IAM. */
const mostUnanswered = 3;
const answerTime = 10_000;

/**
 * IAM has one endpoint for each partition, in one region.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const endpoints: ReadonlyMap<string, { readonly host: string; readonly region: string }> = new Map([
  ["aws", { host: "iam.amazonaws.com", region: "us-east-1" }],
  ["aws-cn", { host: "iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" }],
  ["aws-us-gov", { host: "iam.us-gov.amazonaws.com", region: "us-gov-west-1" }],
  ["aws-iso", { host: "iam.us-iso-east-1.c2s.ic.gov", region: "us-iso-east-1" }],
  ["aws-iso-b", { host: "iam.us-isob-east-1.sc2s.sgov.gov", region: "us-isob-east-1" }],
  ["aws-iso-e", { host: "iam.eu-isoe-west-1.cloud.adc-e.uk", region: "eu-isoe-west-1" }],
  ["aws-iso-f", { host: "iam.us-isof-south-1.csp.hci.ic.gov", region: "us-isof-south-1" }],
  ["aws-eusc", { host: "iam.eusc-de-east-1.amazonaws.eu", region: "eusc-de-east-1" }],
]);

/** The pause before a request is sent again, in milliseconds; it doubles, up to the longest. */
const pauses = { first: 200, most: 10_000 };

/**
 * Asks IAM for roles and users of the credentials' account. A signed request for each, since the SDK's client for IAM would add more to
 * an install than all the rest of this package.
 */
export class Iam {
  readonly #client: () => Promise<EKSClient>;
  readonly #settings: Settings;
  readonly #attempts: number;
  #agent: Agent | undefined;
  /** That there is no answer. Nobody is asked for after that. */
  #silence: TransportError | undefined;

  /**
   * @param client provides the credentials.
   * @param attempts how often a request is sent that IAM throttles or does not answer.
   */
  constructor(client: () => Promise<EKSClient>, settings: Settings, attempts: number) {
    this.#client = client;
    this.#settings = settings;
    this.#attempts = attempts;
  }

  /**
   * The role or user that has the kind and name of an ARN, in the credentials' account whatever the ARN says.
   *
   * @returns undefined if there is none of that name.
   * @throws Error with the name that AWS gives the error, as the SDK's have it; TransportError if IAM does not answer.
   */
  async principal({ kind, partition, name }: IamArn, signal: AbortSignal): Promise<IamPrincipal | undefined> {
    const noun = kind === "user" ? "User" : "Role";
    const { url, region } = this.#endpoint(partition);
    url.search = new URLSearchParams({ Version: "2010-05-08", Action: `Get${noun}`, [`${noun}Name`]: name }).toString();
    const { status, body } = await this.#patiently(() => this.#send(url, region, signal), signal);
    if (status === 200) {
      return principalIn(body);
    }
    const code = element(body, "Code") ?? "";
    if (code === "NoSuchEntity") {
      return undefined;
    }
    throw namedError(code, element(body, "Message") ?? `HTTP status ${status}: ${redact(body)}`);
  }

  #endpoint(partition: string): { readonly url: URL; readonly region: string } {
    const known = endpoints.get(partition);
    if (known === undefined) {
      throw namedError("UnknownEndpoint", `the endpoint of IAM in partition ${partition} is not known`);
    }
    const custom = endpointInEnv(this.#settings, "IAM");
    return { url: new URL(custom ?? `https://${known.host}`), region: known.region };
  }

  async #send(url: URL, region: string, signal: AbortSignal): Promise<ApiResponse> {
    this.#agent ??= agentFor(url, { rejectUnauthorized: true }, this.#settings.env);
    const signer = await signerOf(await this.#client(), region, "iam");
    const { headers } = await signer.sign(requestTo(url));
    // IAM answers in JSON whoever asks for it.
    const end = AbortSignal.any([signal, AbortSignal.timeout(answerTime)]);
    return sendRequest({ method: "GET", url, accept: "*/*" }, { headers, agent: this.#agent }, end);
  }

  /** Repeats what IAM throttles, fails to do, or does not answer. */
  async #patiently(send: () => Promise<ApiResponse>, signal: AbortSignal): Promise<ApiResponse> {
    for (let attempt = 1, pause = pauses.first; ; attempt++, pause = Math.min(2 * pause, pauses.most)) {
      if (this.#silence !== undefined) {
        throw this.#silence;
      }
      const isLast = attempt >= this.#attempts;
      try {
        const response = await send();
        if (isLast || !isTransient(response)) {
          return response;
        }
      } catch (error) {
        if (!(error instanceof TransportError)) {
          throw error;
        }
        if (isLast || attempt === mostUnanswered || signal.aborted) {
          this.#silence = error;
          throw error;
        }
      }
      await setTimeout(jittered(pause), undefined, { signal });
    }
  }
}

function isTransient({ status, body }: ApiResponse): boolean {
  return status >= 500 || status === 429 || /^Throttling(?:Exception)?$/.test(element(body, "Code") ?? "");
}

function principalIn(body: string): IamPrincipal {
  const arn = element(body, "Arn");
  const createdAt = new Date(element(body, "CreateDate") ?? "");
  if (arn === undefined || Number.isNaN(createdAt.getTime())) {
    throw namedError("UnknownResponse", redact(body));
  }
  return { arn, createdAt };
}

/** The text of the first element of this name. IAM escapes what XML reserves. */
function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: keyof typeof entities) => entities[entity]);
}

const entities = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" } as const;

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
