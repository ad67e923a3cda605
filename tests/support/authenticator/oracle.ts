import { LineProcess } from "./lineProcess.ts";

/** Whom the authenticator takes an identity for. */
export interface Outcome {
  readonly username: string;
  readonly groups: readonly string[];
}

/** What the authenticator says about one ARN. */
export interface IdentityAnswer {
  /** The ARN as it compares it. */
  readonly canonical: string;
  /** Why it refuses the ARN itself; empty if it does not. */
  readonly fault: string;
  /** Every outcome seen in several tries; none when the identity is not mapped. */
  readonly outcomes: readonly Outcome[];
}

/** What the authenticator says about one map. */
export interface Answer {
  /** What it complains of in the map; empty if nothing. */
  readonly fault: string;
  /** In the order of the ARNs. */
  readonly identities: readonly IdentityAnswer[];
}

/** The real authenticator's code, which resolves identities. */
export class Oracle {
  readonly #process: LineProcess<object, Answer>;

  private constructor(process: LineProcess<object, Answer>) {
    this.#process = process;
  }

  /** Starts it. */
  static async start(): Promise<Oracle> {
    return new Oracle(await LineProcess.start());
  }

  /** Asks who each ARN becomes with a ConfigMap's data. */
  ask(data: Readonly<Record<string, string>>, arns: readonly string[]): Promise<Answer> {
    return this.#process.ask({ data, arns });
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stop();
  }
}
