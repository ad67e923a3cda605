import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A program of a part: built from a Go package, copied from a Go module, or written as text. */
export type Program = { readonly file: string } & (GoBuild | GoCopy | { readonly text: string });

interface GoBuild {
  /** Directory under `go/` with the pinned go.mod and go.sum. */
  readonly module: string;
  /** Go package to build; default: one of this repository. */
  readonly package?: string;
  /** Values for string variables of the program, `import/path.Name` to value. */
  readonly variables?: Readonly<Record<string, string>>;
}

interface GoCopy {
  readonly module: string;
  readonly goModule: string;
  /** The file's path in the Go module. */
  readonly path: string;
}

/** How to find or build a part: the cache directory `<name>-<version>` is complete or absent. */
export interface Recipe {
  /** Version without the leading v, as in go.mod; with a digest of our own sources, if there are any. */
  readonly version: string;
  /** The time of a full build on two cores, for the progress line. */
  readonly cost: string;
  /** The first one is the part's main program; the engine finds the others beside it or on PATH. */
  readonly programs: readonly [Program, ...Program[]];
  /** The environment variable with the directory of a user's installation; without one, the pinned version is required. */
  readonly setting?: "PULUMI_BIN" | "KUBEBUILDER_ASSETS";
  /** Whether the directory of the variable may lack it. */
  readonly isOptional?: true;
  /** Whether it is a release of Pulumi, which can be downloaded. */
  readonly isRelease?: true;
}

const sdk = "github.com/pulumi/pulumi/sdk/v3";
const cli = "github.com/pulumi/pulumi/pkg/v3";
const kubernetesVersion = pinned("kube-apiserver", "k8s.io/kubernetes");
const [kubernetesMajor = "", kubernetesMinor = ""] = kubernetesVersion.split(".");
const etcd = "go.etcd.io/etcd/server/v3";
const eksctl = "github.com/weaveworks/eksctl";
const yamlHost = "github.com/pulumi/pulumi-yaml";
const kubernetesPlugin = "pulumi-resource-kubernetes";
// The release of the commit by which the module proxy identifies it.
const kubernetesPluginVersion = "4.24.1";

/** Every part. The go.mod files pin the versions. */
export const recipes = {
  /** The newest Pulumi. */
  pulumi: { ...pulumi("pulumi", "about 5 minutes"), setting: "PULUMI_BIN" },
  /** The lowest Pulumi that the package supports. */
  "pulumi-lowest": pulumi("pulumi-lowest", "about 4 minutes"),
  /** The version variables set `/version`, which clients check. */
  "kube-apiserver": {
    version: kubernetesVersion,
    cost: "about 4 minutes",
    setting: "KUBEBUILDER_ASSETS",
    programs: [
      {
        file: "kube-apiserver",
        module: "kube-apiserver",
        package: "k8s.io/kubernetes/cmd/kube-apiserver",
        variables: {
          "k8s.io/component-base/version.gitVersion": `v${kubernetesVersion}`,
          "k8s.io/component-base/version.gitMajor": kubernetesMajor,
          "k8s.io/component-base/version.gitMinor": kubernetesMinor,
          "k8s.io/component-base/version.gitTreeState": "clean",
        },
      },
    ],
  },
  etcd: {
    version: pinned("etcd", etcd),
    cost: "about 1 minute",
    setting: "KUBEBUILDER_ASSETS",
    programs: [{ file: "etcd", module: "etcd", package: etcd }],
  },
  /** The real authenticator in our own program: an oracle, or an API server's token webhook. */
  authenticator: {
    version: `${pinned("authenticator", "sigs.k8s.io/aws-iam-authenticator")}-${digestOf("authenticator")}`,
    cost: "about 3 minutes",
    programs: [{ file: "authenticator", module: "authenticator" }],
  },
  /** The benchmark's comparison, built like its releases: otherwise its version is a snapshot. */
  eksctl: {
    version: pinned("eksctl", eksctl),
    cost: "about 7 minutes",
    programs: [
      {
        file: "eksctl",
        module: "eksctl",
        package: `${eksctl}/cmd/eksctl`,
        variables: { [`${eksctl}/pkg/version.PreReleaseID`]: "" },
      },
    ],
  },
  /** The real plugin of @pulumi/kubernetes, in our own main program: the original embeds a schema that only its repository can generate. */
  [kubernetesPlugin]: {
    version: `${kubernetesPluginVersion}-${digestOf(kubernetesPlugin)}`,
    cost: "about 12 minutes and 4 GB of memory",
    programs: [
      {
        file: kubernetesPlugin,
        module: kubernetesPlugin,
        variables: {
          "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": kubernetesPluginVersion,
        },
      },
    ],
  },
  "pulumi-language-yaml": {
    version: pinned("language-yaml", yamlHost),
    cost: "about 1 minute",
    setting: "PULUMI_BIN",
    isOptional: true,
    programs: [
      { file: "pulumi-language-yaml", module: "language-yaml", package: `${yamlHost}/cmd/pulumi-language-yaml` },
    ],
  },
  "pulumi-language-python": languageHost("python", "python/cmd/pulumi-language-python", {
    file: "pulumi-language-python-exec",
    module: "language-host",
    goModule: sdk,
    path: "python/cmd/pulumi-language-python-exec",
  }),
  "pulumi-language-go": languageHost("go", "go/pulumi-language-go"),
} as const satisfies Readonly<Record<string, Recipe>>;

/** Name of a part, in code and as an argument of the script. */
export type PartName = keyof typeof recipes;

/** A part that is a Pulumi installation. */
export type PulumiName = "pulumi" | "pulumi-lowest";

/** Directory with the pinned go.mod and go.sum of a program. */
export function moduleDirectory(module: string): string {
  return join(import.meta.dirname, "go", module);
}

/** A Pulumi CLI, its Node language host, which is older, and the other programs of the CLI's releases. */
function pulumi(module: PulumiName, cost: string) {
  const version = pinned(module, cli);
  const variable = `${sdk}/go/common/version.Version`;
  return {
    version,
    cost,
    isRelease: true,
    programs: [
      // Without a version the Automation API refuses the CLI: "Failed to get Pulumi version".
      { file: "pulumi", module, package: `${cli}/cmd/pulumi`, variables: { [variable]: `v${version}` } },
      {
        file: "pulumi-language-nodejs",
        module: "language-nodejs",
        package: `${sdk}/nodejs/cmd/pulumi-language-nodejs`,
        variables: { [variable]: `v${pinned("language-nodejs", sdk)}` },
      },
      // The engine starts it in the program's directory, so Node resolves the program's own @pulumi/pulumi, like the released one.
      {
        file: "pulumi-resource-pulumi-nodejs",
        text: `#!/bin/sh
set -e
provider=$(node -p 'require.resolve("@pulumi/pulumi/cmd/dynamic-provider")')
exec node "$provider" "$@"
`,
      },
    ],
  } as const satisfies Recipe;
}

/** Our host, which generates code like the newest one, and the older one beside it, which runs programs. */
function languageHost(language: "python" | "go", path: string, ...others: readonly Program[]) {
  const name = `pulumi-language-${language}` as const;
  return {
    version: `${pinned(`language-${language}`, sdk)}-${digestOf("language-host")}`,
    cost: "about 2 minutes",
    setting: "PULUMI_BIN",
    isOptional: true,
    programs: [
      { file: name, module: "language-host", variables: { "main.language": language } },
      { file: `older-host-${language}`, module: `language-${language}`, package: `${sdk}/${path}` },
      ...others,
    ],
  } as const satisfies Recipe;
}

/** The version, without its v, at which a go.mod requires a Go module. */
function pinned(module: string, goModule: string): string {
  const file = join(moduleDirectory(module), "go.mod");
  const lines = readFileSync(file, "utf8").split("\n");
  const [, version] = lines.map((line) => line.trim().split(/\s+/)).find(([name]) => name === goModule) ?? [];
  if (version === undefined) {
    throw new Error(`${file} does not require ${goModule}`);
  }
  return version.replace(/^v/, "");
}

/** A digest of our module's sources, so that changed sources get a new cache entry. */
function digestOf(module: string): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(moduleDirectory(module)).sort()) {
    const content = readFileSync(join(moduleDirectory(module), file));
    hash.update(`${file}\0`).update(content).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
