/** An option and its help. */
export interface Option {
  /** The letter of its short form. */
  readonly short?: string;
  /** The name of its value in the help; an option without one is a flag. */
  readonly value?: string;
  /** What it is for. */
  readonly help: string;
  /** The allowed values, of which the first is the default. */
  readonly choices?: readonly string[];
  /** Whether the help leaves it out: an option of other commands that this one refuses in its own words. */
  readonly isHidden?: true;
  /** Whether it may be given several times, each with a value of its own. */
  readonly isRepeated?: true;
}

/** Options by their long names, in the order of the help. */
export type Options = Readonly<Record<string, Option>>;

/** The values of options on a command line. */
export type Values<Declared extends Options> = {
  readonly [Name in keyof Declared]: Declared[Name] extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : Declared[Name] extends { readonly isRepeated: true }
      ? readonly string[]
      : Declared[Name] extends { readonly value: string }
        ? string | undefined
        : boolean;
};

/** The options of the program, with or without a command. */
export const programOptions = {
  version: { help: "print the version" },
  help: { short: "h", help: "print this help" },
} as const satisfies Options;

/** The options that select a cluster, the same for every command. */
export const clusterOptions = {
  cluster: { value: "name", help: "EKS cluster, by its name or ARN" },
  region: { value: "region", help: "  its region; else AWS_REGION or the profile's" },
  profile: { value: "profile", help: "  AWS profile; else AWS_AUTH_PROFILE" },
  "role-arn": { value: "arn", help: "  role to assume; else AWS_AUTH_ROLE_ARN" },
  kubeconfig: { value: "path", help: "kubeconfig; else AWS_AUTH_KUBECONFIG" },
  context: { value: "name", help: "  context in it; else AWS_AUTH_CONTEXT" },
  manifest: { value: "file", help: "ConfigMap manifest on disk" },
} as const satisfies Options;

/** Values of {@link clusterOptions}. */
export type ClusterOptions = Values<typeof clusterOptions>;

/** The options for the output format. */
export const outputOptions = {
  output: { short: "o", value: "format", help: "how to print", choices: ["table", "json", "yaml"] },
} as const satisfies Options;

/** The options of a command that prints data. */
export type OutputOptions = ClusterOptions & Values<typeof outputOptions>;

/** The options of `can-i` and `who-can`: what is asked, and how the answer is printed. */
export const questionOptions = {
  ...outputOptions,
  namespace: { short: "n", value: "name", help: 'namespace; else that of the kubeconfig\'s context, or "default"' },
  "all-namespaces": { short: "A", help: "in all namespaces" },
  subresource: { value: "name", help: 'such as "log", "exec" or "scale"' },
} as const satisfies Options;

/** All options of `can-i` and `who-can`. */
export type QuestionOptions = ClusterOptions & Values<typeof questionOptions>;

/** The options of `get` alone. */
export const getOptions = {
  ...outputOptions,
  arn: { value: "arn", help: "only those of this role or user, in any letter case, with or without a path" },
  sort: { value: "order", help: "order of the table: by ARN, or as in the map", choices: ["arn", "position"] },
  wide: { help: "also print who claims each entry, and the EKS access entries" },
} as const satisfies Options;

/** All options of `get`. */
export type GetOptions = ClusterOptions & Values<typeof getOptions>;

/** The options of `lint` alone. */
export const lintOptions = {
  ...outputOptions,
  strict: { help: "exit with 1 for warnings as well" },
} as const satisfies Options;

/** All options of `lint`. */
export type LintOptions = ClusterOptions & Values<typeof lintOptions>;

/** The options of `import` alone. */
export const importOptions = {
  format: {
    value: "format",
    help: "a program, a ClusterConfig, a file for `pulumi import --file`, or a program with access entries of @pulumi/aws",
    choices: ["program", "eksctl", "pulumi-import", "access-entries"],
  },
} as const satisfies Options;

/** All options of `import`. */
export type ImportOptions = ClusterOptions & Values<typeof importOptions>;

/** The options that name the clusters of `review`. */
export const reviewedClusters = {
  ...clusterOptions,
  cluster: { value: "name", isRepeated: true, help: "EKS cluster, by its name or ARN; may be repeated" },
  context: { value: "name", isRepeated: true, help: "  context in it, else AWS_AUTH_CONTEXT; may be repeated" },
  manifest: { value: "file", isRepeated: true, help: "ConfigMap manifest on disk; may be repeated" },
  clusters: { value: "file", help: "YAML or JSON list of clusters, each as a program names it" },
} as const satisfies Options;

/** The options of `review` alone. */
export const reviewOptions = {
  output: { ...outputOptions.output, choices: ["table", "json", "csv", "markdown", "html"] },
  since: { value: "file", help: 'compare with an earlier review, which "-o json" printed' },
  "fail-on": {
    value: "what",
    help: "exit with 1 for an administrator that --since does not have, or for any change since then",
    choices: ["nothing", "new-administrator", "change"],
  },
} as const satisfies Options;

/** All options of `review`. */
export type ReviewCommandOptions = Values<typeof reviewedClusters> & Values<typeof reviewOptions>;

/** The options that name the clusters of `migrate`: EKS clusters alone. */
export const migratedClusters = {
  cluster: reviewedClusters.cluster,
  region: clusterOptions.region,
  profile: clusterOptions.profile,
  "role-arn": clusterOptions["role-arn"],
  clusters: reviewedClusters.clusters,
  kubeconfig: { ...clusterOptions.kubeconfig, isHidden: true },
  context: { ...clusterOptions.context, isHidden: true },
  manifest: { ...clusterOptions.manifest, isHidden: true },
} as const satisfies Options;

/** The options of `migrate` alone. */
export const migrateOptions = {
  output: { ...outputOptions.output, choices: ["table", "json", "markdown"] },
  trust: {
    value: "arn",
    isRepeated: true,
    help: "role or user that was not made again since its access entry, where IAM does not tell; may be repeated",
  },
} as const satisfies Options;

/** All options of `migrate`. */
export type MigrateOptions = Values<typeof migratedClusters> & Values<typeof migrateOptions>;
