import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsCaller } from "./caller.ts";

/** A shared credentials file, and the environment in which the AWS SDK finds nothing else. */
export interface AwsProfiles {
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** Writes a profile for each caller, by name. */
export function writeProfiles(callers: Readonly<Record<string, AwsCaller>>): AwsProfiles {
  const directory = mkdtempSync(join(tmpdir(), "profiles-"));
  const file = join(directory, "credentials");
  const sections = Object.entries(callers).map(
    ([name, { accessKeyId, secretAccessKey }]) =>
      `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  writeFileSync(file, sections.join(""), { mode: 0o600 });
  const env = {
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_CONFIG_FILE: join(directory, "none"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return { env, remove: () => rmSync(directory, { recursive: true }) };
}
