import { realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { dynamicPlugin } from "./dynamicPlugin.ts";
import { findOnPath, isExecutable } from "./executables.ts";
import { PartError } from "./partError.ts";
import { progress } from "./progress.ts";

/** The three programs of a Pulumi installation. */
export interface PulumiFiles {
  /** Directory of the CLI; on PATH it is enough for the engine to find the other two. */
  readonly directory: string;
  /** The CLI. */
  readonly cli: string;
  /** `pulumi-language-nodejs`, which runs the program. */
  readonly languageHost: string;
  /** `pulumi-resource-pulumi-nodejs`, which runs dynamic providers. */
  readonly dynamicPlugin: string;
}

const languageHost = "pulumi-language-nodejs";

/** The programs in one directory that holds all of them. */
export function pulumiIn(directory: string): PulumiFiles {
  return {
    directory,
    cli: join(directory, "pulumi"),
    languageHost: join(directory, languageHost),
    dynamicPlugin: join(directory, dynamicPlugin),
  };
}

/**
 * What `PULUMI_BIN` names: a directory or the CLI itself.
 *
 * @throws PartError when it is set and does not name a whole installation: a wrong setting must not be passed over.
 */
export function findPulumiInEnvironment(): PulumiFiles | undefined {
  const { PULUMI_BIN: value } = process.env;
  if (value === undefined || value === "") {
    return undefined;
  }
  const named = resolve(value);
  const cli = statSync(named, { throwIfNoEntry: false })?.isDirectory() ? join(named, "pulumi") : named;
  if (!isExecutable(cli)) {
    throw new PartError(`PULUMI_BIN is "${value}", but there is no program ${cli}`);
  }
  const found = complete(cli);
  if (typeof found !== "string") {
    return found;
  }
  throw new PartError(`PULUMI_BIN is "${value}", but ${found} is neither beside the CLI nor on PATH`);
}

/** The installation on PATH; one without its language host or dynamic plugin is mentioned and passed over. */
export function findPulumiOnPath(): PulumiFiles | undefined {
  const cli = findOnPath("pulumi");
  if (cli === undefined) {
    return undefined;
  }
  const found = complete(cli);
  if (typeof found !== "string") {
    return found;
  }
  progress(`not using ${cli}: ${found} is neither beside it nor on PATH`);
  return undefined;
}

/** The programs that belong to `cli`, or the name of the one that is missing. */
function complete(cli: string): PulumiFiles | string {
  const host = companion(cli, languageHost);
  if (host === undefined) {
    return languageHost;
  }
  const plugin = companion(cli, dynamicPlugin);
  if (plugin === undefined) {
    return dynamicPlugin;
  }
  return { directory: dirname(cli), cli, languageHost: host, dynamicPlugin: plugin };
}

/** Where the engine would find it: next to the CLI, next to the target of a link to the CLI, or on PATH. */
function companion(cli: string, program: string): string | undefined {
  const beside = [cli, realpathSync(cli)].map((file) => join(dirname(file), program));
  return beside.find(isExecutable) ?? findOnPath(program);
}
