import { dirname, join } from "node:path";
import { withBuildLock } from "./buildLock.ts";
import { buildParts, findInCache } from "./buildParts.ts";
import { findOnPath, isExecutable } from "./executables.ts";
import { findInKubebuilderAssets } from "./findProgram.ts";
import { findPulumiInEnvironment, findPulumiOnPath, type PulumiFiles, pulumiIn } from "./findPulumi.ts";
import { PartError } from "./partError.ts";
import { installPulumi } from "./pulumiInstaller.ts";
import {
  authenticatorRecipe,
  dotnetGeneratorRecipe,
  eksctlRecipe,
  etcdRecipe,
  goHostRecipe,
  kubeApiserverRecipe,
  kubernetesPluginRecipe,
  lowestPulumiRecipe,
  neededGo,
  pulumiRecipe,
  pythonHostRecipe,
  type Recipe,
  yamlHostRecipe,
} from "./recipes.ts";

/** Where a part was found or how it came: `PULUMI_BIN`/`KUBEBUILDER_ASSETS`, PATH, our cache, Go, or Pulumi's own installer. */
export type PartSource = "environment" | "path" | "cache" | "built" | "installed";

/** Pulumi's CLI, Node language host and dynamic plugin. */
export interface PulumiPart extends PulumiFiles {
  readonly from: PartSource;
}

/** A part that is one program. */
export interface ProgramPart {
  /** The program. */
  readonly file: string;
  /** Its directory. */
  readonly directory: string;
  readonly from: PartSource;
}

/** Every part by name. */
export interface Parts {
  readonly pulumi: PulumiPart;
  readonly "kube-apiserver": ProgramPart;
  readonly etcd: ProgramPart;
  /** Our program on the real authenticator: an oracle, or an API server's token webhook. */
  readonly authenticator: ProgramPart;
  readonly eksctl: ProgramPart;
  /** Runs YAML programs. */
  readonly "pulumi-language-yaml": ProgramPart;
  /** Runs Python programs, and generates them and their SDKs. */
  readonly "pulumi-language-python": ProgramPart;
  /** The same for Go. */
  readonly "pulumi-language-go": ProgramPart;
  /** Generates the C# SDK. */
  readonly "generate-dotnet": ProgramPart;
  /** The lowest Pulumi that the package promises to work with; from our cache alone. */
  readonly "pulumi-lowest": PulumiPart;
  /** The real plugin of @pulumi/kubernetes. */
  readonly "pulumi-resource-kubernetes": ProgramPart;
}

/** Name of a part, in code and as an argument of the script. */
export type PartName = keyof Parts;

/** A part that is a Pulumi installation. */
export type PulumiName = "pulumi" | "pulumi-lowest";

/**
 * The parts that each use needs. A build takes minutes, so no use waits for the parts of another.
 */
export const partsFor = {
  test: ["pulumi", "kube-apiserver", "etcd", "authenticator", "pulumi-language-yaml"],
  languages: ["pulumi-language-python", "pulumi-language-go", "generate-dotnet"],
  peers: ["pulumi-lowest", "pulumi-resource-kubernetes"],
  bench: ["pulumi", "kube-apiserver", "etcd", "eksctl"],
} as const satisfies Readonly<Record<string, readonly PartName[]>>;

/** All names. */
export const partNames: readonly PartName[] = [...new Set<PartName>(Object.values(partsFor).flat())];

/**
 * Finds each named part, or brings it into the cache. The order is: environment variable, PATH, cache, Pulumi's installer, Go.
 *
 * @throws PartError with the remedies in one line when a part cannot be had.
 */
export async function ensureParts<Name extends PartName>(names: readonly Name[]): Promise<Pick<Parts, Name>> {
  const found = look(names, new Map());
  if (hasAll(found, names)) {
    return found;
  }
  const made = await withBuildLock(() => makeMissing(names));
  const complete = look(names, made);
  if (hasAll(complete, names)) {
    return complete;
  }
  throw new PartError("a part was removed while it was looked for; run the script again");
}

type Found = Partial<Parts>;

const recipes: Readonly<Record<PartName, Recipe>> = {
  pulumi: pulumiRecipe,
  "kube-apiserver": kubeApiserverRecipe,
  etcd: etcdRecipe,
  authenticator: authenticatorRecipe,
  eksctl: eksctlRecipe,
  "pulumi-language-yaml": yamlHostRecipe,
  "pulumi-language-python": pythonHostRecipe,
  "pulumi-language-go": goHostRecipe,
  "generate-dotnet": dotnetGeneratorRecipe,
  "pulumi-lowest": lowestPulumiRecipe,
  "pulumi-resource-kubernetes": kubernetesPluginRecipe,
};

function hasAll<Name extends PartName>(found: Found, names: readonly Name[]): found is Found & Pick<Parts, Name> {
  return names.every((name) => found[name] !== undefined);
}

const finders: { readonly [Name in PartName]: (cacheSource: PartSource) => Parts[Name] | undefined } = {
  pulumi: findPulumi,
  "kube-apiserver": (cacheSource) => findProgram("kube-apiserver", cacheSource),
  etcd: (cacheSource) => findProgram("etcd", cacheSource),
  authenticator: (cacheSource) => findCached("authenticator", cacheSource),
  eksctl: (cacheSource) => findCached("eksctl", cacheSource),
  "pulumi-language-yaml": (cacheSource) => findLanguageHost("pulumi-language-yaml", cacheSource),
  "pulumi-language-python": (cacheSource) => findLanguageHost("pulumi-language-python", cacheSource),
  "pulumi-language-go": (cacheSource) => findLanguageHost("pulumi-language-go", cacheSource),
  "generate-dotnet": (cacheSource) => findCached("generate-dotnet", cacheSource),
  "pulumi-lowest": (cacheSource) => findCachedPulumi("pulumi-lowest", cacheSource),
  "pulumi-resource-kubernetes": (cacheSource) => findCached("pulumi-resource-kubernetes", cacheSource),
};

/** Looks without making anything; `made` says how this run filled the cache. */
function look(names: readonly PartName[], made: ReadonlyMap<PartName, PartSource>): Found {
  return Object.fromEntries(names.map((name) => [name, finders[name](made.get(name) ?? "cache")]));
}

function findPulumi(cacheSource: PartSource): PulumiPart | undefined {
  const configured = findPulumiInEnvironment();
  if (configured !== undefined) {
    return { ...configured, from: "environment" };
  }
  const installed = findPulumiOnPath();
  if (installed !== undefined) {
    return { ...installed, from: "path" };
  }
  return findCachedPulumi("pulumi", cacheSource);
}

function findCachedPulumi(name: PulumiName, cacheSource: PartSource): PulumiPart | undefined {
  const cached = findInCache(recipes[name]);
  return cached === undefined ? undefined : { ...pulumiIn(cached), from: cacheSource };
}

function findProgram(name: "kube-apiserver" | "etcd", cacheSource: PartSource): ProgramPart | undefined {
  const part = (file: string, from: PartSource): ProgramPart => ({ directory: dirname(file), file, from });
  const configured = findInKubebuilderAssets(name);
  if (configured !== undefined) {
    return part(configured, "environment");
  }
  const installed = findOnPath(name);
  if (installed !== undefined) {
    return part(installed, "path");
  }
  const cached = findInCache(recipes[name]);
  return cached === undefined ? undefined : part(join(cached, name), cacheSource);
}

/** Pulumi's own installation has it beside the CLI. */
function findLanguageHost(
  name: Extract<PartName, `pulumi-language-${string}`>,
  cacheSource: PartSource,
): ProgramPart | undefined {
  const beside = [findPulumiInEnvironment()?.directory]
    .flatMap((directory) => directory ?? [])
    .map((directory) => join(directory, name));
  const file = beside.find(isExecutable) ?? findOnPath(name);
  return file === undefined
    ? findCached(name, cacheSource)
    : { directory: dirname(file), file, from: beside.includes(file) ? "environment" : "path" };
}

/** A program of ours is nowhere but in our cache, and a figure of eksctl means nothing unless it is the pinned one. */
function findCached(
  name: Exclude<PartName, PulumiName | "kube-apiserver" | "etcd">,
  cacheSource: PartSource,
): ProgramPart | undefined {
  const directory = findInCache(recipes[name]);
  return directory === undefined ? undefined : { directory, file: join(directory, name), from: cacheSource };
}

/** Brings what is still missing now that the lock is ours: another process may have built it meanwhile. */
async function makeMissing(names: readonly PartName[]): Promise<Map<PartName, PartSource>> {
  const made = new Map<PartName, PartSource>();
  const wanted = names.filter(
    (name) => findInCache(recipes[name]) === undefined && look([name], made)[name] === undefined,
  );
  for (const name of wanted) {
    if (recipes[name].isPulumi && (await installPulumi(recipes[name]))) {
      made.set(name, "installed");
    }
  }
  const missing = wanted.filter((name) => !made.has(name));
  if (missing.length === 0) {
    return made;
  }
  try {
    await buildParts(missing.map((name) => recipes[name]));
  } catch (error) {
    if (error instanceof PartError) {
      throw new PartError(`${error.message}; ${remedies(missing)}`, { cause: error });
    }
    throw error;
  }
  for (const name of missing) {
    made.set(name, "built");
  }
  return made;
}

function remedies(missing: readonly PartName[]): string {
  const ways = [];
  if (missing.includes("pulumi")) {
    ways.push("for pulumi: install the Pulumi CLI and have it on PATH, or set PULUMI_BIN to its directory");
  }
  const programs = missing.filter((name) => name === "kube-apiserver" || name === "etcd").join(" and ");
  if (programs !== "") {
    ways.push(
      `for ${programs}: set KUBEBUILDER_ASSETS to the directory that \`setup-envtest use -p path\` prints, or have the programs on PATH`,
    );
  }
  return [...ways, `or have Go ${neededGo} or newer on PATH and a module proxy within reach to build from source`].join(
    "; ",
  );
}
