import { hash } from "node:crypto";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { MapChanges } from "../../awsAuthMap";
import { AwsAuthError, UnknownOutcomeError } from "../../errors";
import { errorCode, quoted } from "../../text/text";
import { describeFileRefusal, readSmallFile } from "../../textFile";
import type { ManifestRef } from "../clusterRef";
import type { ConfigMapStore, StoredConfigMap } from "../store";
import { editManifest, parseManifest } from "./editManifest";
import { realPathOf, removeLeftovers, replaceFile, withFileLock } from "./files";

/** Errors that a network file system may report although the operation succeeded. */
const mayHaveActed: ReadonlySet<string> = new Set(["EIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN", "EREMOTEIO"]);

interface ManifestFile {
  /** The content without a byte order mark. */
  readonly text: string;
  readonly byteOrderMark: string;
  /** A digest of the content; undefined if there is no file. */
  readonly digest: string | undefined;
}

/** A ConfigMap manifest on disk, for GitOps and for experiments without a cluster. */
export class ManifestStore implements ConfigMapStore {
  readonly label: string;
  readonly warnings: readonly string[] = [];
  readonly #path: string;

  constructor(ref: ManifestRef) {
    this.label = `manifest ${quoted(ref.manifest)}`;
    this.#path = ref.path;
  }

  async read(): Promise<StoredConfigMap> {
    return this.#reportProblems("read", async () => this.#stored(await this.#load(realPathOf(this.#path))));
  }

  async write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    return this.#reportProblems("written", async () => {
      const path = realPathOf(this.#path);
      return withFileLock(path, async (assertHeld) => {
        const file = await this.#load(path);
        const assertUnchanged = (isSame: boolean) => {
          if (!isSame) {
            throw new AwsAuthError(
              "conflict",
              `${this.label} was changed by somebody else between the read and the write; run again`,
            );
          }
        };
        assertUnchanged((await this.#stored(file)).version === base.version);
        const text = await editManifest(file.text, changes, this.label);
        const content = Buffer.from(file.byteOrderMark + text);
        assertHeld();
        await removeLeftovers(path);
        // This process may have stood still for so long that others took the lock over.
        await replaceFile(path, content, async () => {
          assertUnchanged((await this.#load(path)).digest === file.digest);
          assertHeld();
        });
        return this.#stored({ ...file, text, digest: digestOf(content) });
      });
    });
  }

  async caller(): Promise<undefined> {}

  async account(): Promise<undefined> {}

  async #load(path: string): Promise<ManifestFile> {
    let content: Buffer;
    try {
      content = await readSmallFile(path);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") {
        throw error;
      }
      // The first write creates the file but not its directory, so that a misspelt path does not create directories.
      await access(dirname(path));
      return { text: "", byteOrderMark: "", digest: undefined };
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
      const byteOrderMark = text.startsWith("\ufeff") ? "\ufeff" : "";
      return { text: text.slice(byteOrderMark.length), byteOrderMark, digest: digestOf(content) };
    } catch (error) {
      throw new AwsAuthError("notConfigMap", `${this.label} is not UTF-8 text; save it as UTF-8`, { cause: error });
    }
  }

  async #stored(file: ManifestFile): Promise<StoredConfigMap> {
    const manifest = await parseManifest(file.text, this.label);
    if (manifest === undefined) {
      return { data: {}, version: undefined, places: {} };
    }
    const { data, claims, places } = manifest;
    return { data, version: file.digest, places, ...(claims !== undefined && { claims }) };
  }

  async #reportProblems<T>(what: "read" | "written", run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const code = errorCode(error);
      if (error instanceof AwsAuthError || code === undefined) {
        throw error;
      }
      throw this.#failure(what, code, error);
    }
  }

  #failure(what: "read" | "written", code: string, cause: unknown): AwsAuthError {
    switch (code) {
      case "ENOENT":
      case "ENOTDIR":
        return new AwsAuthError(
          "clusterUnreachable",
          `${this.label} cannot be ${what}: there is no directory ${quoted(dirname(this.#path))}; create it, or correct the path`,
          { cause },
        );
      case "EISDIR":
        return new AwsAuthError(
          "notConfigMap",
          `${this.label} is a directory; name a file in it, such as ${quoted(`${this.#path}/aws-auth.yaml`)}`,
          { cause },
        );
      case "ENOSPC":
      case "EDQUOT":
        return new AwsAuthError(
          "clusterUnreachable",
          `${this.label} cannot be ${what}: its disk is full (${code}); free some space and try again; the file is as it was`,
          { cause },
        );
      case "ENOTFILE":
      case "EFBIG":
        return new AwsAuthError(
          "notConfigMap",
          `${this.label} cannot be read: ${describeFileRefusal(code)}; name a file that holds the ConfigMap`,
          { cause },
        );
      case "EACCES":
      case "EPERM":
      case "EROFS":
        return new AwsAuthError(
          "accessDenied",
          `${this.label} cannot be ${what} (${code}); you need write access to ${quoted(this.#path)} and its directory`,
          { cause },
        );
      default: {
        const failure = new AwsAuthError("clusterUnreachable", `${this.label} cannot be ${what} (${code})`, { cause });
        return what === "written" && mayHaveActed.has(code) ? new UnknownOutcomeError(failure) : failure;
      }
    }
  }
}

function digestOf(content: Uint8Array): string {
  return hash("sha256", content);
}
