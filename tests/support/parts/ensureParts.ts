import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { buildParts, findInCache, findOnPath, isExecutable, neededGo } from "./buildParts.ts";
import { PartError, progress, withBuildLock } from "./cacheDirectory.ts";
import { type PartName, type Recipe, recipes } from "./recipes.ts";

/** A program of a part, whose other programs are in its directory or on PATH. */
export interface Part {
  readonly file: string;
  /** The same, for Pulumi. */
  readonly cli: string;
  readonly directory: string;
  /** Where it was found: `PULUMI_BIN` or `KUBEBUILDER_ASSETS`, PATH, or our cache. */
  readonly from: "environment" | "path" | "cache";
}

type Parts = Readonly<Record<PartName, Part>>;

/** The parts of each use. A build takes minutes, so each use builds only its own parts. */
export const partsFor = {
  real: ["pulumi", "kube-apiserver", "etcd", "authenticator", "pulumi-language-yaml"],
  languages: ["pulumi-language-python", "pulumi-language-go"],
  peers: ["pulumi-lowest", "pulumi-resource-kubernetes"],
  bench: ["pulumi", "kube-apiserver", "etcd", "eksctl"],
} as const satisfies Readonly<Record<string, readonly PartName[]>>;

/**
 * Finds each part, or adds it to the cache. The order is: environment variable, PATH, cache, release of Pulumi, Go.
 *
 * @throws PartError with the remedies in one line if a part is not available.
 */
export async function ensureParts<Name extends PartName>(names: readonly Name[]): Promise<Pick<Parts, Name>> {
  const isMissing = (name: PartName): boolean => findPart(name) === undefined;
  if (names.some(isMissing)) {
    // Another process may have built some of them meanwhile.
    await withBuildLock(() => buildMissing(names.filter(isMissing)));
  }
  const found: Partial<Parts> = Object.fromEntries(names.map((name) => [name, findPart(name)]));
  if (!hasAll(found, names)) {
    throw new PartError("a part was removed while it was looked for; run the script again");
  }
  return found;
}

function hasAll<Name extends PartName>(found: Partial<Parts>, names: readonly Name[]): found is Pick<Parts, Name> {
  return names.every((name) => found[name] !== undefined);
}

async function buildMissing(names: readonly PartName[]): Promise<void> {
  try {
    await buildParts(names);
  } catch (error) {
    if (!(error instanceof PartError)) {
      throw error;
    }
    const settings = names.map((name): Recipe => recipes[name]).map(({ setting }) => setting);
    const ways = new Set([...settings, "none" as const].map((setting = "none") => remedies[setting]));
    throw new PartError([error.message, ...ways].join("; "), { cause: error });
  }
}

function findPart(name: PartName): Part | undefined {
  const { setting, programs }: Recipe = recipes[name];
  const installed = setting === undefined ? undefined : findInstalled(name, setting);
  if (installed !== undefined) {
    return installed;
  }
  const directory = findInCache(name);
  return directory === undefined ? undefined : partOf(join(directory, programs[0].file), "cache");
}

function partOf(file: string, from: Part["from"]): Part {
  return { file, cli: file, directory: dirname(file), from };
}

/**
 * The part in the directory of a setting, or on PATH. An installation on PATH that lacks a program is reported and ignored.
 *
 * @throws PartError if the directory of the setting lacks a required program: a wrong setting must not be ignored.
 */
function findInstalled(name: PartName, setting: string): Part | undefined {
  const { programs, isOptional }: Recipe = recipes[name];
  const { [setting]: value = "" } = process.env;
  const directory = resolve(basename(value) === "pulumi" && isExecutable(value) ? dirname(value) : value);
  const named = value === "" ? undefined : join(directory, name);
  if (named !== undefined && isOptional !== true && !isExecutable(named)) {
    throw new PartError(`${setting} is "${value}", but there is no program ${named}`);
  }
  const file = named !== undefined && isExecutable(named) ? named : findOnPath(name);
  if (file === undefined) {
    return undefined;
  }
  // The language host of a release needs none of our programs.
  const others = isOptional ? [] : programs.slice(1).map((program) => program.file);
  const lacked = others.find((program) => !isBeside(file, program) && findOnPath(program) === undefined);
  if (lacked === undefined) {
    return partOf(file, file === named ? "environment" : "path");
  }
  if (file === named) {
    throw new PartError(`${setting} is "${value}", but ${lacked} is neither beside the CLI nor on PATH`);
  }
  progress(`not using ${file}: ${lacked} is neither beside it nor on PATH`);
  return undefined;
}

/** Whether a program is next to the file, or next to the target of a link. */
function isBeside(file: string, program: string): boolean {
  return [file, realpathSync(file)].some((other) => isExecutable(join(dirname(other), program)));
}

const remedies = {
  PULUMI_BIN: "for Pulumi: install the CLI and have it on PATH, or set PULUMI_BIN to its directory",
  KUBEBUILDER_ASSETS:
    "for kube-apiserver and etcd: set KUBEBUILDER_ASSETS to the directory that `setup-envtest use -p path` prints, or have the programs on PATH",
  none: `or have Go ${neededGo} or newer on PATH and a module proxy within reach to build from source`,
} as const;
