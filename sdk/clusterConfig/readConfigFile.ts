import { resolve } from "node:path";
import { AwsAuthError } from "../../provider/errors";
import { describeRefusal, readSmallFileSync } from "../../provider/textFile";
import type { ConfigSource } from "./source";
import { yamlSource } from "./yamlSource";

/**
 * Reads an eksctl file.
 *
 * @param path relative to the working folder, which is the Pulumi program's.
 * @throws AwsAuthError `invalidInput` where there is no such file, or where it is not YAML.
 */
export function readConfigFile(path: string): ConfigSource {
  return yamlSource(readText(path), path);
}

function readText(path: string): string {
  try {
    return readSmallFileSync(resolve(path)).toString("utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const why = code === "ENOENT" ? "there is no such file" : (describeRefusal(String(code)) ?? String(code ?? error));
    throw new AwsAuthError("invalidInput", `${path} cannot be read: ${why} (looked for ${resolve(path)})`, {
      cause: error,
    });
  }
}
