import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, normalize, relative } from "node:path";
import { AwsAuthError, asAwsAuthError, ignoreUserErrors } from "../errors";
import { type Fields, fieldsOf } from "../text/fields";
import { quoted } from "../text/text";
import { type ClusterInput, isRegion, parseClusterInput } from "./clusterInput";
import { type ClusterRef, isSameCluster, isSameServer, type KubeconfigRef, type ManifestRef } from "./clusterRef";
import type { KubeTarget } from "./kubeconfig/kubeconfig";
import { absolutePath, fromConfig, fromEnv, lookUp, type Setting, type Settings } from "./settings";

function manifestRef(manifest: string, settings: Settings): ManifestRef {
  const path = absolutePath(manifest, settings);
  const inside = relative(settings.cwd, path);
  const normal = inside === "" || inside.startsWith(".") ? normalize(manifest) : inside;
  const relativePath = normal.replaceAll("\\", "/");
  return { kind: "manifest", manifest, relativePath, realPath: realPathOf(path) };
}

/** Paths to the same file are the same manifest, and a write must replace the file, not a symbolic link. */
function realPathOf(path: string): string {
  if (existsSync(path)) {
    return realpathSync.native(path);
  }
  // Keep a directory that does not exist as given; reading or writing the file reports the error.
  const directory = dirname(path);
  return join(existsSync(directory) ? realpathSync.native(directory) : directory, basename(path));
}

/** The cluster of a state, without any lookup, since `stateOf` stores its complete identity. Undefined for anything else. */
export function storedRef(state: unknown, settings: Settings): ClusterRef | undefined {
  if (state === undefined || state === null) {
    return undefined;
  }
  const stored = parseClusterInput(state);
  switch (stored.kind) {
    case "eks":
      return stored.region === undefined ? undefined : { ...stored, region: stored.region };
    case "kubeconfig":
      return stored.server === undefined ? undefined : stored;
    case "manifest":
      return manifestRef(stored.manifest, settings);
  }
}

/**
 * Each connection is compared with what the state knows of the cluster before anything is written. What differs is
 * refused as `clusterChanged`. "Moves": a replacement, in which the entry in the old cluster is removed through the state's own connection.
 *
 * | this run connects by | name only | server | authority | account |
 * | --- | --- | --- | --- | --- |
 * | EKS name | refused | moves | that of DescribeCluster | that of DescribeCluster |
 * | kubeconfig made for EKS | refused | its server | its authority, and that of DescribeCluster | that of DescribeCluster; without it, refused unless the state has the authority too |
 * | other kubeconfig | refused | its server | its authority | moves, unless the state has the authority too |
 * | manifest | refused | moves | moves | moves |
 */
export function assertKnown(stored: ClusterRef | undefined): void {
  if (stored?.kind === "eks" && stored.account === undefined) {
    throw new AwsAuthError(
      "clusterChanged",
      `the state does not contain the account of EKS cluster ${quoted(stored.name)} (${stored.region}), so it may be any cluster of this name; run "pulumi state delete URN", then "pulumi up" with cluster set to the ARN`,
    );
  }
}

export function isSameClusterState(a: unknown, b: unknown, settings: Settings): boolean {
  const [left, right] = [storedRef(a, settings), storedRef(b, settings)];
  return left === undefined || right === undefined ? left === right : isSameCluster(left, right);
}

/** Resolves a `cluster` input or its stored form, or otherwise the cluster of the stack. The environment must not change the one in the state. */
export async function resolveClusterRef(input: unknown, settings: Settings, before?: unknown): Promise<ClusterRef> {
  const given = input === undefined || input === null ? defaultCluster(settings) : parseClusterInput(input);
  switch (given.kind) {
    case "eks":
      return { ...given, region: given.region ?? (await findRegion(given, settings, fieldsOf(before))) };
    case "kubeconfig":
      return given.server === undefined ? findServer(given, settings, before) : given;
    case "manifest":
      return manifestRef(given.manifest, settings);
  }
}

function defaultCluster(settings: Settings): ClusterInput {
  const configured = configuredCluster(settings);
  if (configured === undefined) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `no cluster is configured; run "pulumi config set aws-auth:cluster NAME", or set cluster on the resource; docs/configuration.md of the package pulumi-aws-auth describes other ways`,
    );
  }
  return configured.input;
}

/** Adds the context of a kubeconfig, and the identity of its cluster. */
async function findServer(given: KubeconfigRef, settings: Settings, before: unknown): Promise<KubeconfigRef> {
  const { contextBySource, locateNamed, locateStored } = await import("./kubeconfig/locate.js");
  const stored = storedRef(before, settings);
  const isByEnv = fromEnv(settings, "AWS_AUTH_KUBECONFIG", "AWS_AUTH_CONTEXT") !== undefined;
  const { own, stack } = contextBySource(given, settings);
  const named = (own ?? stack)?.value;
  // The environment specifies how to reach the cluster of an existing mapping, unless the program specifies another context.
  if (isByEnv && stored?.kind === "kubeconfig" && stored.context && (named ?? stored.context) === stored.context) {
    const kept = { ...stored, kubeconfig: given.kubeconfig };
    await assertNotMoved(kept, settings);
    locateStored(kept, settings);
    return kept;
  }
  const { target, ...identity } = locateNamed(given, settings);
  return { ...given, ...identity, context: target.context, eks: await findEks(target, settings, fieldsOf(before)) };
}

/** The EKS cluster for which a kubeconfig was made, if its region is known. */
async function findEks({ cluster, user }: KubeTarget, settings: Settings, before: Fields) {
  const { eksClusterOf } = await import("./kubeconfig/eksPlugin.js");
  // Without an authority, EKS cannot confirm that it is this cluster.
  const named = user?.exec && cluster.ca && eksClusterOf(user.exec, new URL(cluster.server).hostname);
  if (named === undefined) {
    return undefined;
  }
  const region = named.region ?? (await ignoreUserErrors(() => findRegion(named, settings, before)));
  return region === undefined ? undefined : { ...named, region };
}

/** The environment must not keep a mapping on its cluster if the kubeconfig of the program or the stack now resolves to a different one. */
async function assertNotMoved(stored: KubeconfigRef, settings: Settings) {
  const { kubeconfig: own, context } = stored;
  const { locateNamed } = await import("./kubeconfig/locate.js");
  const { AWS_AUTH_KUBECONFIG: _file, AWS_AUTH_CONTEXT: _context, ...env } = settings.env;
  const isNamed = own !== undefined || fromConfig(settings, "aws-auth:kubeconfig") !== undefined;
  const found =
    isNamed && (await ignoreUserErrors(async () => locateNamed({ kubeconfig: own, context }, { ...settings, env })));
  if (found && !isSameServer(found, stored)) {
    throw new AwsAuthError(
      "clusterChanged",
      `context ${quoted(context)} of ${found.target.kubeconfig} does not connect to the cluster of this mapping; to move the mapping, first run "pulumi destroy --target URN" with AWS_AUTH_KUBECONFIG set for its old cluster`,
    );
  }
}

async function findRegion(
  { name, profile }: Extract<ClusterInput, { readonly kind: "eks" }>,
  settings: Settings,
  before: Fields,
): Promise<string> {
  const used = lookUp("profile", profile, settings);
  // The environment specifies how to reach a cluster, not which one it is.
  const named = lookUp("profile", profile, { ...settings, env: {} });
  const found =
    configuredRegion(settings) ?? (named && (await regionOfProfile(named))) ?? (await regionOfProfile(used));
  if (found === undefined) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `no region for EKS cluster ${quoted(name)}: set cluster to { name, region }, or set aws-auth:region in the stack configuration, AWS_REGION, or a region in the AWS profile`,
    );
  }
  if (!isRegion(found.value)) {
    throw new AwsAuthError(
      "invalidInput",
      `region ${quoted(found.value)} from ${found.source} is not the name of an AWS region, such as "eu-central-1"; correct it`,
    );
  }
  // A region that differs from the state often means a wrong profile, possibly of another account.
  if (namedRegion(settings) === undefined && before["name"] === name && before["region"] !== found.value) {
    throw new AwsAuthError(
      "clusterChanged",
      `${found.source} sets region ${quoted(found.value)} for EKS cluster ${quoted(name)}, but this mapping was created in ${quoted(before["region"])}; set aws-auth:region in the stack configuration, or region in cluster, to the correct region`,
    );
  }
  return found.value;
}

async function regionOfProfile(profile: Setting | undefined): Promise<Setting | undefined> {
  const { profileRegion } = await import("./eks/awsClients.js");
  const value = await profileRegion(profile?.value);
  const source = profile === undefined ? "the AWS profile" : `profile ${quoted(profile.value)}`;
  return value === undefined ? undefined : { value, source };
}

interface ConfiguredCluster {
  readonly input: ClusterInput;
  readonly label: string;
}

/** The cluster in the stack configuration, if any. Never falls back to the current kubeconfig context. */
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
      `the stack configuration specifies more than one cluster: ${[named, ...others].map(describeSetting).join(", ")}; keep one, or set cluster on the resource`,
    );
  }
  const label = describeSetting(named);
  if (named === kubeconfig) {
    return { label, input: { kind: "kubeconfig", kubeconfig: undefined, context: undefined } };
  }
  const input = named === eks ? { name: named.value } : { manifest: named.value };
  try {
    return { label, input: parseClusterInput(input) };
  } catch (error) {
    // Includes the setting, so that the user knows where to correct it.
    const { code, message } = asAwsAuthError(error);
    throw new AwsAuthError(code, `stack configuration ${named.source}: ${message}`, { cause: error });
  }
}

/** The region of clusters that are specified without one, except for the region of the profile. */
function configuredRegion(settings: Settings): Setting | undefined {
  return namedRegion(settings) ?? fromEnv(settings, "AWS_REGION", "AWS_DEFAULT_REGION");
}

/** The region in the stack configuration. Ignores the environment. */
function namedRegion(settings: Settings): Setting | undefined {
  return fromConfig(settings, "aws-auth:region", "aws:region");
}

/** The configured cluster, if it differs from an EKS cluster in a name or a region that both have. */
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

/** Never quotes `aws-auth:kubeconfig`, which may contain the secret content of a kubeconfig. */
function describeSetting({ source, value }: Setting): string {
  return source === "aws-auth:kubeconfig" ? source : `${source} ${quoted(value)}`;
}
