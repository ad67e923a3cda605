import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ensureParts } from "../parts/ensureParts.ts";
import type { DynamicFile } from "./dynamicFile.ts";
import type { MapData } from "./maps.ts";

/** The authenticator's program file; AUTHENTICATOR_ORACLE overrides it with another build. */
export async function programFile(): Promise<string> {
  return process.env["AUTHENTICATOR_ORACLE"] || (await ensureParts(["authenticator"])).authenticator.file;
}

/** A process of the real authenticator, which answers each input line with one output line. */
export class Authenticator {
  /** The lines of the log. */
  protected readonly log: string[] = [];
  protected readonly process: ChildProcess;
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { PATH, TMPDIR } = process.env;
    // Passes none of the machine's AWS settings.
    const child = spawn(file, args, { env: { PATH, TMPDIR, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.process = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.#waiting.shift()?.resolve(line));
    createInterface({ input: child.stderr }).on("line", (line) => this.log.push(line));
    child.on("close", (code) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the authenticator ended with ${code}: ${this.log.slice(-5).join("; ")}`));
      }
    });
  }

  protected async send(question: object) {
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.process.stdin?.write(`${JSON.stringify(question)}\n`);
    });
    return JSON.parse(line);
  }

  async stop(): Promise<void> {
    this.process.stdin?.end();
  }
}

/** The username and groups to which the authenticator maps an identity. */
export interface Outcome {
  readonly username: string;
  readonly groups: readonly string[];
}

/** The authenticator's result for one ARN. */
export interface IdentityAnswer {
  /** The canonical ARN that the authenticator compares. */
  readonly canonical: string;
  /** Every distinct outcome in several tries; empty if the identity is not mapped. */
  readonly outcomes: readonly Outcome[];
}

/** Resolves the user of an identity, without expanding templates. */
export class Oracle extends Authenticator {
  static async start(): Promise<Oracle> {
    return new Oracle(await programFile(), []);
  }

  /** Resolves each ARN with a ConfigMap's data, in the order of the ARNs. */
  ask(data: MapData, arns: readonly string[]): Promise<{ readonly identities: readonly IdentityAnswer[] }> {
    return this.send({ data, arns });
  }
}

/** A user or session that logs in, as STS describes it. */
export interface LoginIdentity {
  readonly arn: string;
  /** `AIDA...` for a user, `AROA...:SESSION` for a role session. */
  readonly userId: string;
}

/** The result of a login. */
export interface LoginAnswer {
  /** What the API server receives, with templates expanded; several if the authenticator picks at random. */
  readonly outcomes: readonly Outcome[];
  /** The distinct reasons for which access was denied. */
  readonly denials: readonly string[];
}

/**
 * The authenticator's server with STS and EC2 in the same process: it verifies a token, maps the identity by the DynamicFile backend and
 * then the EKSConfigMap backend, expands templates, and refuses reserved usernames of access entries.
 */
export class Logins extends Authenticator {
  static async start(): Promise<Logins> {
    return new Logins(await programFile(), ["logins"]);
  }

  /**
   * The result of each login, in order.
   *
   * @param question aws-auth, the access entries, and the number of logins of each identity; default 1.
   */
  ask(question: {
    readonly data: MapData;
    readonly entries: DynamicFile;
    readonly visitors: readonly LoginIdentity[];
    readonly tries?: number;
  }): Promise<readonly LoginAnswer[]> {
    return this.send(question);
  }
}
