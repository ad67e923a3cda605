import { hash } from "node:crypto";
import { access, type FileHandle, open, readlink, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type PollLimits, waitFor } from "../../async";
import type { MapChanges } from "../../awsAuthMap";
import { AwsAuthError } from "../../errors";
import { errorCode, quoted } from "../../text/text";
import { describeFileRefusal, readSmallFile } from "../../textFile";
import type { ManifestRef } from "../clusterRef";
import { type ConfigMapStore, changedMeanwhile, type StoredConfigMap } from "../store";
import { editManifest, parseManifest } from "./editManifest";

/** How long to wait for another run's write, in milliseconds. */
const otherWrite: PollLimits = { total: 5_000, first: 10, most: 200 };

/** A ConfigMap manifest on disk, for GitOps and for tests without a cluster. */
export class ManifestStore implements ConfigMapStore {
  readonly label: string;
  readonly #path: string;

  constructor(ref: ManifestRef) {
    this.label = `manifest ${quoted(ref.manifest)}`;
    this.#path = ref.realPath;
  }

  read(): Promise<StoredConfigMap> {
    return this.#reportProblems("read", async () => this.#stored(await this.#load()));
  }

  write(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    return this.#reportProblems("written", () => this.#replace(changes, base));
  }

  async caller(): Promise<undefined> {}

  async account(): Promise<undefined> {}

  /**
   * Writes a temporary file next to the manifest and renames it, so that an interrupted run leaves either the old or the new file. The
   * temporary file is also the lock between runs; without it, two runs could both write based on the same version.
   */
  async #replace(changes: MapChanges, base: StoredConfigMap): Promise<StoredConfigMap> {
    const path = this.#path;
    const temporary = `${path}.tmp`;
    const created = await waitFor(() => openNew(temporary), otherWrite);
    if (created === undefined) {
      throw new AwsAuthError(
        "clusterUnreachable",
        `${this.label} is being written by another run, or an interrupted run left ${quoted(temporary)}; remove that file if no other run is active`,
      );
    }
    try {
      const before = await this.#load();
      if (this.#stored(before).version !== base.version) {
        throw changedMeanwhile(this.label);
      }
      const edited = editManifest(before ?? "", changes, this.label);
      await created.writeFile(edited);
      if (before !== undefined) {
        await created.chmod((await stat(path)).mode);
      }
      await created.close();
      await rename(temporary, path);
      return this.#stored(edited);
    } catch (error) {
      await created.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** The content of the file; undefined if the file does not exist. */
  async #load(): Promise<string | undefined> {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readSmallFile(this.#path));
    } catch (error) {
      if (error instanceof TypeError) {
        throw new AwsAuthError("notConfigMap", `${this.label} is not UTF-8 text; save it as UTF-8`);
      }
      if (errorCode(error) !== "ENOENT") {
        throw error;
      }
      // The first write creates the file but not its directory, so that a misspelt path does not create directories.
      await access(dirname(this.#path));
      if ((await readlink(this.#path).catch(() => undefined)) !== undefined) {
        throw new AwsAuthError("notConfigMap", `${this.label} is a symbolic link to a missing file; create that file`);
      }
      return undefined;
    }
  }

  #stored(text: string | undefined): StoredConfigMap {
    const manifest = text === undefined ? undefined : parseManifest(text, this.label);
    const { data = {}, claims, places = {} } = manifest ?? {};
    const version = text === undefined || manifest === undefined ? undefined : hash("sha256", text);
    return { data, version, places, claims };
  }

  async #reportProblems<T>(what: "read" | "written", run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      const code = errorCode(error);
      if (error instanceof AwsAuthError || code === undefined) {
        throw error;
      }
      const refusal = describeFileRefusal(code);
      if (refusal !== undefined) {
        const fault = `${this.label} cannot be ${what}: ${refusal}`;
        throw new AwsAuthError("notConfigMap", `${fault}; specify the path to a file with the ConfigMap`);
      }
      const isMissing = code === "ENOENT" || code === "ENOTDIR";
      const reason = isMissing ? `there is no directory ${quoted(dirname(this.#path))}` : code;
      throw new AwsAuthError(
        ["EACCES", "EPERM", "EROFS"].includes(code) ? "accessDenied" : "clusterUnreachable",
        `${this.label} cannot be ${what}: ${reason}; check the path, the permissions and the disk; the file is unchanged`,
        { cause: error },
      );
    }
  }
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      return undefined;
    }
    throw error;
  }
}
