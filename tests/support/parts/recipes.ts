import { join } from "node:path";

/** How one program is built from a pinned Go module: the module's go.mod and go.sum lie in `go/<module>` beside this file. */
export interface GoRecipe {
  /** File name of the program. */
  readonly program: string;
  /** Folder under `go/` with the pinned go.mod. */
  readonly module: string;
  /** Go package to build. */
  readonly package: string;
  /** Values for string variables of the program, `import/path.Name` to value. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One cache entry: the folder `<name>-<version>`, complete or absent. */
export interface Recipe {
  /** First half of the cache folder's name. */
  readonly name: string;
  /** Version without the leading v, as in go.mod. */
  readonly version: string;
  /** What a build costs on two cores from nothing, for the progress line. */
  readonly cost: string;
  /** Programs built into the folder. */
  readonly builds: readonly GoRecipe[];
}

const pulumiVersion = "3.259.0";
const languageHostVersion = "3.60.0";
const kubernetesVersion = "1.36.3";
const etcdVersion = "3.6.16";

/** The oldest Go that the pinned modules accept, as their go.mod files say. */
export const neededGo = "1.26";

/** The Pulumi CLI and its Node language host. The host is older: later ones are modules of their own that the proxy does not serve. */
export const pulumiRecipe: Recipe = {
  name: "pulumi",
  version: pulumiVersion,
  cost: "about 4 minutes",
  builds: [
    {
      program: "pulumi",
      module: "pulumi",
      package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
      // Without a version the Automation API refuses the CLI: "Failed to get Pulumi version".
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
    },
    {
      program: "pulumi-language-nodejs",
      module: "language-nodejs",
      package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${languageHostVersion}` },
    },
  ],
};

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

/** Folder with the pinned go.mod and go.sum of a recipe. */
export function moduleFolder(recipe: GoRecipe): string {
  return join(import.meta.dirname, "go", recipe.module);
}
