import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { ensureParts } from "../parts/ensureParts.ts";
import type { DynamicFile } from "./dynamicFile.ts";

/** What an authenticator is set up with. */
export interface TokenWebhookSettings {
  /** Name of the cluster that tokens must be for. */
  readonly cluster: string;
  /** Where it finds STS, whatever host a token names. */
  readonly sts: string;
  /** Who made the cluster: let in by a file, before aws-auth is looked at, much as EKS does. */
  readonly creator: { readonly arn: string; readonly username: string; readonly groups?: readonly string[] };
}

/** One line of the authenticator's log. */
export interface LogLine {
  /** `access granted`, `access denied`, ... */
  readonly msg: string;
  /** Why access was denied. */
  readonly error?: string;
  /** Who logs in, as entries name them. */
  readonly arn?: string;
}

/**
 * The real authenticator's server, which tells an API server whose a bearer token is, from access entries and that very API server's aws-auth. It has
 * to be there before the API server, which reads {@link configFile} when it starts, and to be stopped before it, or its watch holds
 * up the end.
 */
export class TokenWebhook {
  /** For the API server's `--authentication-token-webhook-config-file`. */
  readonly configFile: string;
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #log: LogLine[];
  readonly #directory: string;
  #loaded = Promise.resolve();

  private constructor(
    configFile: string,
    process: ChildProcess,
    answers: Interface,
    log: LogLine[],
    directory: string,
  ) {
    this.configFile = configFile;
    this.#process = process;
    this.#answers = answers[Symbol.asyncIterator]();
    this.#log = log;
    this.#directory = directory;
  }

  /** Starts it; AUTHENTICATOR_ORACLE names another build of the program. */
  static async start({ cluster, sts, creator }: TokenWebhookSettings): Promise<TokenWebhook> {
    const { AUTHENTICATOR_ORACLE: named, PATH } = process.env;
    const file = named || (await ensureParts(["authenticator"])).authenticator.file;
    const directory = mkdtempSync(join(tmpdir(), "token-webhook-"));
    // Nothing of the machine's AWS settings, and no search for the metadata of an EC2 instance.
    const env = { PATH, HOME: directory, AWS_EC2_METADATA_DISABLED: "true" };
    const child = spawn(file, ["webhook"], { env, stdio: ["pipe", "pipe", "pipe"] });
    const log: LogLine[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => log.push(parseLine(line)));
    const { arn: userarn, username, groups = [] } = creator;
    child.stdin.write(
      `${JSON.stringify({ cluster, folder: directory, sts, creator: { userarn, username, groups } })}\n`,
    );
    const lines = createInterface({ input: child.stdout });
    const webhook = new TokenWebhook(join(directory, "webhook.yaml"), child, lines, log, directory);
    await webhook.#answer();
    return webhook;
  }

  /**
   * Begins to serve, and to watch aws-auth.
   *
   * @param kubeconfig a file that says where the API server is, for a user who may watch the ConfigMaps of kube-system.
   */
  async watch(kubeconfig: string): Promise<void> {
    this.#process.stdin?.write(`${JSON.stringify({ kubeconfig })}\n`);
    await this.#answer();
  }

  /** Replaces the access entries, which count before aws-auth for their principals. There are none at first. */
  setEntries(entries: DynamicFile): Promise<void> {
    this.#loaded = this.#loaded.then(async () => {
      this.#process.stdin?.write(`${JSON.stringify(entries)}\n`);
      await this.#answer();
    });
    return this.#loaded;
  }

  /** Why it last denied access; an API server returns 401 whatever the reason. */
  get lastDenial(): string | undefined {
    // It logs in itself to see whether it has loaded the access entries.
    return this.#log.findLast(({ msg, arn }) => msg === "access denied" && arn?.endsWith(":role/fence") !== true)
      ?.error;
  }

  /** Ends it. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null && this.#process.kill("SIGKILL")) {
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #answer(): Promise<void> {
    const { done } = await this.#answers.next();
    if (done) {
      throw new Error(`the authenticator ended: ${this.#log.map(({ msg }) => msg).join("; ")}`);
    }
  }
}

function parseLine(line: string): LogLine {
  return line.startsWith("{") ? JSON.parse(line) : { msg: line };
}
