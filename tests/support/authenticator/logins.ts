import type { DynamicFile } from "./dynamicFile.ts";
import { LineProcess } from "./lineProcess.ts";
import type { MapData } from "./maps.ts";
import type { Outcome } from "./oracle.ts";

/** Somebody who logs in, as STS tells who it is. */
export interface LoginVisitor {
  /** Of a user, or of a role's session. */
  readonly arn: string;
  /** `AIDA...` of a user, or `AROA...:SESSION` of a role's session. */
  readonly userId: string;
}

/** What a visitor was taken for. */
export interface LoginAnswer {
  /** As the API server is told, with templates filled in; several where the authenticator picks at random. */
  readonly outcomes: readonly Outcome[];
  /** Why it denied access, each reason once. */
  readonly denials: readonly string[];
}

/** Who logs in to what. */
export interface LoginQuestion {
  /** Of aws-auth. */
  readonly data: MapData;
  /** The access entries. */
  readonly entries: DynamicFile;
  readonly visitors: readonly LoginVisitor[];
  /** How often each logs in; default once. */
  readonly tries?: number;
}

/**
 * The real authenticator's server, behind an STS and an EC2 in its own process: it verifies a token, maps the identity by its
 * DynamicFile backend and then by its EKSConfigMap backend, fills in templates, and refuses reserved usernames of access entries.
 */
export class Logins {
  readonly #process: LineProcess<LoginQuestion, readonly LoginAnswer[]>;

  private constructor(process: LineProcess<LoginQuestion, readonly LoginAnswer[]>) {
    this.#process = process;
  }

  /** Starts it. */
  static async start(): Promise<Logins> {
    return new Logins(await LineProcess.start("logins"));
  }

  /** What each visitor is taken for, in their order. */
  ask(question: LoginQuestion): Promise<readonly LoginAnswer[]> {
    return this.#process.ask(question);
  }

  /** Ends it. */
  stop(): void {
    this.#process.stop();
  }
}
