type ClusterOption = "cluster" | "region" | "profile" | "roleArn" | "kubeconfig" | "context" | "manifest";

/** The options that select a cluster, the same for every command. */
export type ClusterOptions = { readonly [name in ClusterOption]?: string | undefined };

/** The options of a command that prints data. */
export interface OutputOptions extends ClusterOptions {
  readonly output: "table" | "json" | "yaml";
}

/** The options of `can-i` and `who-can`. */
export interface QuestionOptions extends OutputOptions {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly subresource?: string;
}

/** The options of `get`. */
export interface GetOptions extends OutputOptions {
  readonly arn?: string;
  readonly wide?: true;
}

/** The options of `lint`. */
export interface LintOptions extends ClusterOptions {
  readonly output: "table" | "json";
  readonly strict?: true;
}

/** The options of `import`. */
export interface ImportOptions extends ClusterOptions {
  readonly from?: string;
  readonly output: "typescript" | "yaml" | "pulumi-import";
}

/** The options that name several clusters. */
export interface ClustersOptions extends Pick<ClusterOptions, "region" | "profile" | "roleArn"> {
  readonly cluster?: readonly string[];
  readonly clusters?: string;
}

/** The options of `review`. */
export interface ReviewOptions extends ClustersOptions {
  readonly kubeconfig?: string;
  readonly context?: readonly string[];
  readonly manifest?: readonly string[];
  readonly output: "table" | "json" | "html";
  readonly since?: string;
  readonly failOn?: "change";
}

/** The options of `migrate`. */
export interface MigrateOptions extends ClusterOptions {
  readonly output: "table" | "json";
}
