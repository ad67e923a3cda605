import type { ConfigItem } from "../../../../sdk/clusterConfig/config.ts";
import { type ParsedClusterConfig, parseClusterConfig } from "../../../../sdk/clusterConfig/parseClusterConfig.ts";
import { yamlSource } from "../../../../sdk/clusterConfig/readConfigFile.ts";

/** The first lines of every file; the items begin on line 7. */
export const head = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: demo
  region: us-west-2
iamIdentityMappings:
`;

/** Parses a file called cluster.yaml. */
export function parse(text: string, needsCluster = true): ParsedClusterConfig {
  return parseClusterConfig(yamlSource(text, "cluster.yaml"), needsCluster);
}

/** The items of a file with these items, in YAML. */
export function itemsOf(items: string): readonly ConfigItem[] {
  return parse(head + items).items;
}

/** The lines of the error that a file gives, the summary first. */
export function problemsOf(text: string, needsCluster = true): readonly string[] {
  try {
    parse(text, needsCluster);
  } catch (error) {
    return error instanceof Error ? error.message.split("\n").map((line) => line.trim()) : [];
  }
  throw new Error("the file was accepted");
}
