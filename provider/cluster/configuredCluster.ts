import { AwsAuthError, asAwsAuthError } from "../errors";
import { quoted } from "../text/text";
import { type ClusterInput, parseClusterInput } from "./clusterInput";
import { connectionSources, fromConfig, fromEnv, type Setting, type Settings } from "./settings";

interface ConfiguredCluster {
  readonly input: ClusterInput;
  readonly label: string;
}

/**
 * Finds the cluster in the stack's configuration. Never falls back to the current kubeconfig context.
 *
 * @returns undefined if none is configured.
 * @throws AwsAuthError `clusterNotNamed` if several are configured, or `invalidInput`.
 */
export function configuredCluster(settings: Settings): ConfiguredCluster | undefined {
  const eks = fromConfig(settings, "aws-auth:cluster");
  const kubeconfig = fromConfig(settings, "aws-auth:kubeconfig") ?? fromConfig(settings, "aws-auth:context");
  const manifest = fromConfig(settings, "aws-auth:manifest");
  const [named, ...others] = [eks, kubeconfig, manifest].filter((found) => found !== undefined);
  if (named === undefined) {
    return undefined;
  }
  if (others.length > 0) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `stack configuration names more than one cluster: ${[named, ...others].map(describeSetting).join(", ")}; keep one, or set cluster on the resource`,
    );
  }
  const label = describeSetting(named);
  if (named === kubeconfig) {
    return { label, input: { kind: "kubeconfig", kubeconfig: undefined, context: undefined, server: undefined } };
  }
  const input = named === eks ? { name: named.value } : { manifest: named.value };
  return { label, input: checkedInput(named, input) };
}

/** The region of clusters that are named without one, except for the region of the profile. */
export function configuredRegion(settings: Settings): Setting | undefined {
  return namedRegion(settings) ?? fromEnv(settings, "AWS_REGION", "AWS_DEFAULT_REGION");
}

/** The region in the stack's configuration. Ignores the environment. */
export function namedRegion(settings: Settings): Setting | undefined {
  return fromConfig(settings, "aws-auth:region", "aws:region");
}

/**
 * Describes the configured cluster if it differs from an EKS cluster of which the name, the region or both are known. A
 * part that one of the two lacks is not compared.
 */
export function otherCluster(
  { input, label }: ConfiguredCluster,
  { name, region }: { readonly name: string | undefined; readonly region: string | undefined },
  settings: Settings,
): string | undefined {
  if (input.kind !== "eks") {
    return name === undefined ? undefined : label;
  }
  const configured = input.region ?? configuredRegion(settings)?.value;
  const isOther = (own: string | undefined, other: string | undefined) =>
    own !== undefined && other !== undefined && own !== other;
  const place = configured === undefined ? "" : ` in ${configured}`;
  return isOther(name, input.name) || isOther(region, configured) ? `${label}${place}` : undefined;
}

/** Names the setting in the error, so that the user knows where to correct it. */
function checkedInput(found: Setting, input: unknown): ClusterInput {
  try {
    return parseClusterInput(input);
  } catch (error) {
    const { code, message } = asAwsAuthError(error);
    throw new AwsAuthError(code, `stack configuration ${found.source}: ${message}`, { cause: error });
  }
}

/** Never quotes `aws-auth:kubeconfig`, which may contain the secret content of a kubeconfig. */
function describeSetting({ source, value }: Setting): string {
  return source === connectionSources.kubeconfig.config[0] ? source : `${source} ${quoted(value)}`;
}
