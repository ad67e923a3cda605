import { parseClusterConfig, yamlSource } from "../../../../sdk/configFile.ts";
import { settingsOf } from "../../../support/cluster/kubeconfigs.ts";

/** The first lines of every file; the items begin on line 7. */
export const head = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: demo
  region: us-west-2
iamIdentityMappings:
`;

/** The source of the cluster next to the file: the settings of the stack, or the program without them. */
type ClusterSource = Readonly<{ settings?: ReturnType<typeof settingsOf> }>;

const plainStack: ClusterSource = { settings: settingsOf({}) };

/** Parses a file called cluster.yaml, by default for a stack that names no cluster. */
export function parse(text: string, { settings } = plainStack): ReturnType<typeof parseClusterConfig> {
  return parseClusterConfig(yamlSource(text, "cluster.yaml"), settings);
}

/** The mappings of a file with these items, in YAML. */
export function itemsOf(items: string): ReturnType<typeof parse>["mappings"] {
  return parse(head + items).mappings;
}

/** The lines of the error for a file, the summary first. */
export function problemsOf(text: string, source = plainStack): readonly string[] {
  try {
    parse(text, source);
  } catch (error) {
    return error instanceof Error ? error.message.split("\n").map((line) => line.trim()) : [];
  }
  throw new Error("the file was accepted");
}
