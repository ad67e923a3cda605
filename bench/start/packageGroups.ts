/** Modules loaded, and the time that they took, without that of modules of other groups that they loaded. */
export type LoadTimes = Record<string, { readonly modules: number; readonly ms: number }>;

/** The groups of packages to report. Any other package counts for the group that loads it. */
export const packageGroups = {
  pulumi: "Pulumi",
  package: "this package",
  yaml: "yaml",
  aws: "the AWS SDK",
  kubernetes: "the Kubernetes client",
} as const;

/** The group of a module, by its file; undefined: that of whoever loads it. */
export function groupOf(file: string): keyof typeof packageGroups | undefined {
  const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  if (name === undefined) {
    return file.includes("/dist/") ? "package" : undefined;
  }
  if (name.startsWith("@pulumi/")) {
    return "pulumi";
  }
  if (name.startsWith("@aws-sdk/") || name.startsWith("@smithy/")) {
    return "aws";
  }
  return name === "@kubernetes/client-node" ? "kubernetes" : name === "yaml" ? "yaml" : undefined;
}
