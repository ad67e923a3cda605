import type { settingNames } from "../../cluster/settings";
import type { PropertySpec } from "./spec";
import { authenticationMode } from "./types";

/** The settings of a provider, all of those in `provider/cluster/settings.ts`. */
export const settings: Readonly<Record<(typeof settingNames)[number], PropertySpec>> = {
  cluster: { type: "string", description: "EKS cluster, by name or ARN." },
  region: {
    type: "string",
    description:
      "Region of the cluster. Default: AWS_REGION, AWS_DEFAULT_REGION, the profile's. A resource plugin does not see `aws:region`.",
  },
  profile: {
    type: "string",
    description: "AWS profile. Default: the AWS SDK's default chain. A resource plugin does not see `aws:profile`.",
  },
  roleArn: { type: "string", description: "ARN of a role to assume with these credentials. Default: none." },
  kubeconfig: {
    type: "string",
    secret: true,
    description: "Path of a kubeconfig, or its content. Default, with a context: KUBECONFIG, then `~/.kube/config`.",
  },
  context: { type: "string", description: "Context in the kubeconfig. Default: its current context." },
  manifest: { type: "string", description: "Path of a ConfigMap manifest on disk instead of a live cluster." },
  noDuplicateARNs: { type: "boolean", description: "The default of `noDuplicateARNs` of resources. Default: true." },
  lockoutProtection: {
    type: "string",
    description:
      "`warn` about, or refuse (`error`), a run that changes or removes the last mapping to system:masters or to system:nodes, or the mapping that the run logs in with. Default: `warn`.",
  },
  accessSummary: {
    type: "string",
    description:
      "`on` or `off`: whether a preview shows who gains and loses which rights. Only previews of Node programs with the npm package show that. Default: `on`.",
  },
  authenticationMode: {
    ...authenticationMode,
    description: "The default of `authenticationMode` of resources. Default: `CONFIG_MAP`.",
  },
  unreachable: {
    type: "string",
    description:
      "Whether a preview fails (`error`) or warns (`warn`) if the cluster does not respond within 15 seconds. Default: `error`.",
  },
  deleteUnreachable: {
    type: "boolean",
    description:
      "Whether a destroy drops the mappings of a cluster that cannot be reached from the state; the entries stay in the cluster. Default: false.",
  },
  ownership: {
    type: "string",
    description:
      "Which mappings claim their entries in the map: `on`, `all` to include those of earlier versions, or `off`. Default: `on`.",
  },
  owner: {
    type: "string",
    description: "The owner in new claims of the stack. Default: project and stack.",
  },
};
