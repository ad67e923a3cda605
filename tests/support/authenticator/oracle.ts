import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { ensureParts } from "../parts/ensureParts.ts";

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
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];

  private constructor(process: ChildProcess, lines: Interface) {
    this.#process = process;
    this.#lines = lines;
    lines.on("line", (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    process.on("close", (code) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the authenticator ended with ${code}`));
      }
    });
  }

  /** Starts it; AUTHENTICATOR_ORACLE names another build of the program. */
  static async start(): Promise<Oracle> {
    const { AUTHENTICATOR_ORACLE: named } = process.env;
    const file = named || (await ensureParts(["authenticator"])).authenticator.file;
    const child = spawn(file, { stdio: ["pipe", "pipe", "inherit"] });
    return new Oracle(child, createInterface({ input: child.stdout }));
  }

  /** Asks who each ARN becomes with a ConfigMap's data. */
  ask(data: Readonly<Record<string, string>>, arns: readonly string[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${JSON.stringify({ data, arns })}\n`);
    });
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin?.end();
    this.#lines.close();
  }
}
