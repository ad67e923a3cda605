import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** How one program is built from a pinned Go module: the module's go.mod and go.sum are in `go/<module>` next to this file. */
export interface GoRecipe {
  /** File name of the program. */
  readonly program: string;
  /** Directory under `go/` with the pinned go.mod. */
  readonly module: string;
  /** Go package to build. */
  readonly package: string;
  /** Values for string variables of the program, `import/path.Name` to value. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A program that needs no build: a file of a Go module. */
export interface CopyRecipe {
  /** File name of the program. */
  readonly program: string;
  /** Directory under `go/` whose go.mod pins the module. */
  readonly module: string;
  /** The Go module. */
  readonly goModule: string;
  /** The file's path in it. */
  readonly path: string;
}

/** One cache entry: the directory `<name>-<version>`, complete or absent. */
export interface Recipe {
  /** First half of the cache directory's name. */
  readonly name: string;
  /** Version without the leading v, as in go.mod. */
  readonly version: string;
  /** What a build costs on two cores from nothing, for the progress line. */
  readonly cost: string;
  /** Programs built into the directory. */
  readonly builds: readonly GoRecipe[];
  /** Programs copied into it. */
  readonly copies?: readonly CopyRecipe[];
  /** Whether it is a Pulumi installation, which Pulumi's own installer can install, and which includes the dynamic plugin. */
  readonly isPulumi?: true;
}

// The go.mod files are the one place that names versions.
const languageHostVersion = pinned("language-nodejs", "github.com/pulumi/pulumi/sdk/v3");
const kubernetesVersion = pinned("kube-apiserver", "k8s.io/kubernetes");
const etcdVersion = pinned("etcd", "go.etcd.io/etcd/server/v3");

/** The oldest Go that the pinned modules accept, as their go.mod files say. */
export const neededGo = "1.26";

/** The newest Pulumi. */
export const pulumiRecipe = pulumi("pulumi", "about 5 minutes");

/** The lowest Pulumi that the package promises to work with. */
export const lowestPulumiRecipe = pulumi("pulumi-lowest", "about 4 minutes");

/** The Kubernetes API server. Its version variables make `/version` and the client's version checks true. */
export const kubeApiserverRecipe: Recipe = {
  name: "kube-apiserver",
  version: kubernetesVersion,
  cost: "about 4 minutes",
  builds: [
    {
      program: "kube-apiserver",
      module: "kube-apiserver",
      package: "k8s.io/kubernetes/cmd/kube-apiserver",
      variables: {
        "k8s.io/component-base/version.gitVersion": `v${kubernetesVersion}`,
        "k8s.io/component-base/version.gitMajor": kubernetesVersion.split(".")[0] ?? "",
        "k8s.io/component-base/version.gitMinor": kubernetesVersion.split(".")[1] ?? "",
        "k8s.io/component-base/version.gitTreeState": "clean",
      },
    },
  ],
};

/** The API server's store. */
export const etcdRecipe: Recipe = {
  name: "etcd",
  version: etcdVersion,
  cost: "about 1 minute",
  builds: [{ program: "etcd", module: "etcd", package: "go.etcd.io/etcd/server/v3", variables: {} }],
};

/** The real authenticator in a program of ours, as an oracle and as a token webhook; its source is next to its go.mod. */
export const authenticatorRecipe: Recipe = {
  name: "authenticator",
  version: `${pinned("authenticator", "sigs.k8s.io/aws-iam-authenticator")}-${digestOf("authenticator")}`,
  cost: "about 3 minutes",
  builds: [{ program: "authenticator", module: "authenticator", package: ".", variables: {} }],
};

/** The real eksctl, as its releases are built: the peer of the benchmark. */
export const eksctlRecipe: Recipe = {
  name: "eksctl",
  version: pinned("eksctl", "github.com/weaveworks/eksctl"),
  cost: "about 7 minutes",
  builds: [
    {
      program: "eksctl",
      module: "eksctl",
      package: "github.com/weaveworks/eksctl/cmd/eksctl",
      // Otherwise it calls itself a snapshot.
      variables: { "github.com/weaveworks/eksctl/pkg/version.PreReleaseID": "" },
    },
  ],
};

/**
 * The real plugin of @pulumi/kubernetes, in a main program of ours: its own embeds a schema that only its repository can make. The
 * module proxy knows it by its commit; the version is the release of that commit.
 */
export const kubernetesPluginRecipe: Recipe = {
  name: "pulumi-resource-kubernetes",
  version: `4.24.1-${digestOf("pulumi-resource-kubernetes")}`,
  cost: "about 12 minutes and 4 GB of memory",
  builds: [
    {
      program: "pulumi-resource-kubernetes",
      module: "pulumi-resource-kubernetes",
      package: ".",
      variables: { "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": "4.24.1" },
    },
  ],
};

/** The language host of YAML programs. */
export const yamlHostRecipe: Recipe = {
  name: "pulumi-language-yaml",
  version: pinned("language-yaml", "github.com/pulumi/pulumi-yaml"),
  cost: "about 1 minute",
  builds: [
    {
      program: "pulumi-language-yaml",
      module: "language-yaml",
      package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
      variables: {},
    },
  ],
};

/** The language host of Python programs. */
export const pythonHostRecipe = languageHost("python", "python/cmd/pulumi-language-python", [
  {
    program: "pulumi-language-python-exec",
    module: "language-host",
    goModule: "github.com/pulumi/pulumi/sdk/v3",
    path: "python/cmd/pulumi-language-python-exec",
  },
]);

/** The language host of Go programs. */
export const goHostRecipe = languageHost("go", "go/pulumi-language-go", []);

/** Generates the C# SDK. */
export const dotnetGeneratorRecipe: Recipe = {
  name: "generate-dotnet",
  version: `${pinned("generate-dotnet", "github.com/pulumi/pulumi/pkg/v3")}-${digestOf("generate-dotnet")}`,
  cost: "about 2 minutes",
  builds: [{ program: "generate-dotnet", module: "generate-dotnet", package: ".", variables: {} }],
};

/** Directory with the pinned go.mod and go.sum of a recipe. */
export function moduleDirectory(recipe: GoRecipe | CopyRecipe): string {
  return directoryOf(recipe.module);
}

/** A Pulumi CLI and its Node language host. The host is older: later ones are modules of their own that the proxy does not serve. */
function pulumi(name: string, cost: string): Recipe {
  const version = pinned(name, "github.com/pulumi/pulumi/pkg/v3");
  const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
  return {
    name,
    version,
    cost,
    isPulumi: true,
    builds: [
      {
        program: "pulumi",
        module: name,
        package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        // Without a version the Automation API refuses the CLI: "Failed to get Pulumi version".
        variables: { [variable]: `v${version}` },
      },
      {
        program: "pulumi-language-nodejs",
        module: "language-nodejs",
        package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
        variables: { [variable]: `v${languageHostVersion}` },
      },
    ],
  };
}

/** Our host, which generates as the newest does, and the older one beside it, which runs programs. */
function languageHost(language: string, path: string, copies: readonly CopyRecipe[]): Recipe {
  const sdk = "github.com/pulumi/pulumi/sdk/v3";
  return {
    name: `pulumi-language-${language}`,
    version: `${pinned(`language-${language}`, sdk)}-${digestOf("language-host")}`,
    cost: "about 2 minutes",
    builds: [
      {
        program: `pulumi-language-${language}`,
        module: "language-host",
        package: ".",
        variables: { "main.language": language },
      },
      {
        program: `older-host-${language}`,
        module: `language-${language}`,
        package: `${sdk}/${path}`,
        variables: {},
      },
    ],
    copies,
  };
}

function directoryOf(module: string): string {
  return join(import.meta.dirname, "go", module);
}

/** The version, without its v, at which a go.mod requires a Go module. */
function pinned(module: string, goModule: string): string {
  const file = join(directoryOf(module), "go.mod");
  const line = readFileSync(file, "utf8")
    .split("\n")
    .map((text) => text.trim().split(/\s+/))
    .find(([name]) => name === goModule);
  if (line?.[1] === undefined) {
    throw new Error(`${file} does not require ${goModule}`);
  }
  return line[1].replace(/^v/, "");
}

/** Tells the sources of a module of ours apart, so that a changed one is a new entry in the cache. */
function digestOf(module: string): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(directoryOf(module)).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(directoryOf(module), file)))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
