import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamicFile } from "./dynamicFile.ts";
import { Authenticator, programFile } from "./oracle.ts";

/** What an authenticator is set up with. */
export interface TokenWebhookSettings {
  /** Name of the cluster that tokens must be for. */
  readonly cluster: string;
  /** Where it finds STS, whatever host a token names. */
  readonly sts: string;
  /** Who made the cluster: let in by a file, before aws-auth is looked at, much as EKS does. */
  readonly creator: { readonly arn: string; readonly username: string; readonly groups?: readonly string[] };
}

/**
 * The authenticator's server as the token webhook of an API server, with access entries and that API server's aws-auth. Start it before
 * the API server, which reads {@link configFile} when it starts, and stop it before, or its watch delays the shutdown.
 */
export class TokenWebhook extends Authenticator {
  /** For the API server's `--authentication-token-webhook-config-file`. */
  readonly configFile: string;
  readonly #directory: string;

  private constructor(file: string, directory: string) {
    // No search for the metadata of an EC2 instance.
    super(file, ["webhook"], { HOME: directory, AWS_EC2_METADATA_DISABLED: "true" });
    this.configFile = join(directory, "webhook.yaml");
    this.#directory = directory;
  }

  static async start({ cluster, sts, creator }: TokenWebhookSettings): Promise<TokenWebhook> {
    const folder = mkdtempSync(join(tmpdir(), "token-webhook-"));
    const webhook = new TokenWebhook(await programFile(), folder);
    const { arn: userarn, username, groups = [] } = creator;
    await webhook.send({ cluster, folder, sts, creator: { userarn, username, groups } });
    return webhook;
  }

  /**
   * Begins to serve, and to watch aws-auth.
   *
   * @param kubeconfig a file that says where the API server is, for a user who may watch the ConfigMaps of kube-system.
   */
  async watch(kubeconfig: string): Promise<void> {
    await this.send({ kubeconfig });
  }

  /** Replaces the access entries, which count before aws-auth for their principals. There are none at first. */
  async setEntries(entries: DynamicFile): Promise<void> {
    await this.send(entries);
  }

  /** Why it last denied access; an API server returns 401 whatever the reason. */
  get lastDenial(): string | undefined {
    const lines = this.log.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    // It logs in itself to see whether it has loaded the access entries.
    return lines.findLast(({ msg, arn }) => msg === "access denied" && !String(arn).endsWith(":role/fence"))?.error;
  }

  override async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    if (this.process.exitCode === null && this.process.kill("SIGKILL")) {
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
