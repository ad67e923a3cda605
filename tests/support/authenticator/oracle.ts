import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ensureParts } from "../parts/ensureParts.ts";
import type { DynamicFile } from "./dynamicFile.ts";
import type { MapData } from "./maps.ts";

/** The file of the authenticator's program; AUTHENTICATOR_ORACLE names another build of it. */
export async function programFile(): Promise<string> {
  return process.env["AUTHENTICATOR_ORACLE"] || (await ensureParts(["authenticator"])).authenticator.file;
}

/** A process of the real authenticator, which answers each line with one line. */
export class Authenticator {
  /** The lines of its log. */
  protected readonly log: string[] = [];
  protected readonly process: ChildProcess;
  readonly #waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { PATH, TMPDIR } = process.env;
    // Nothing of the machine's AWS settings.
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

  /** Ends it. */
  async stop(): Promise<void> {
    this.process.stdin?.end();
  }
}

/** Whom the authenticator takes an identity for. */
export interface Outcome {
  readonly username: string;
  readonly groups: readonly string[];
}

/** What the authenticator says about one ARN. */
export interface IdentityAnswer {
  /** The ARN as it compares it. */
  readonly canonical: string;
  /** Every outcome seen in several tries; none when the identity is not mapped. */
  readonly outcomes: readonly Outcome[];
}

/** Says who an identity becomes, without filling in templates. */
export class Oracle extends Authenticator {
  static async start(): Promise<Oracle> {
    return new Oracle(await programFile(), []);
  }

  /** Asks who each ARN becomes with a ConfigMap's data, in their order. */
  ask(data: MapData, arns: readonly string[]): Promise<{ readonly identities: readonly IdentityAnswer[] }> {
    return this.send({ data, arns });
  }
}

/** A user or a session that logs in, as STS describes it. */
export interface LoginVisitor {
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

/**
 * The authenticator's server, with an STS and an EC2 in its own process: it verifies a token, maps the identity by its DynamicFile
 * backend and then by its EKSConfigMap backend, fills in templates, and refuses reserved usernames of access entries.
 */
export class Logins extends Authenticator {
  static async start(): Promise<Logins> {
    return new Logins(await programFile(), ["logins"]);
  }

  /**
   * What each visitor is taken for, in their order.
   *
   * @param question aws-auth, the access entries, and how often each visitor logs in; default once.
   */
  ask(question: {
    readonly data: MapData;
    readonly entries: DynamicFile;
    readonly visitors: readonly LoginVisitor[];
    readonly tries?: number;
  }): Promise<readonly LoginAnswer[]> {
    return this.send(question);
  }
}
