import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DynamicFile } from "./dynamicFile.ts";
import { Authenticator, programFile } from "./oracle.ts";

export interface TokenWebhookSettings {
  /** Name of the cluster for which tokens must be issued. */
  readonly cluster: string;
  /** URL of STS, whatever host the token names. */
  readonly sts: string;
  /** The cluster's creator, who is mapped by a file before aws-auth is read, similar to EKS. */
  readonly creator: { readonly arn: string; readonly username: string; readonly groups?: readonly string[] };
}

/**
 * The authenticator's server as the token webhook of an API server, with access entries and that API server's aws-auth. Start it before the
 * API server, which reads {@link configFile} at start, and stop it before, or its watch delays the shutdown.
 */
export class TokenWebhook extends Authenticator {
  /** For the API server's `--authentication-token-webhook-config-file`. */
  readonly configFile: string;
  readonly #directory: string;

  private constructor(file: string, directory: string) {
    // Skips the lookup of EC2 instance metadata.
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
   * Starts the server and the watch on aws-auth.
   *
   * @param kubeconfig a kubeconfig file of a user who may watch the ConfigMaps of kube-system.
   */
  async watch(kubeconfig: string): Promise<void> {
    await this.send({ kubeconfig });
  }

  /** Replaces the access entries, which take precedence over aws-auth. Initially there are none. */
  async setEntries(entries: DynamicFile): Promise<void> {
    await this.send(entries);
  }

  /** The last reason for which it denied access; the API server returns 401 for all of them. */
  get lastDenial(): string | undefined {
    const lines = this.log.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    // The webhook logs in itself to detect whether it has loaded the access entries.
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
