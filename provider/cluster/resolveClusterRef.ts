import { AwsAuthError } from "../errors";
import { type Fields, fieldsOf } from "../text/fields";
import { describePlaceholder, placeholderIn, quoted } from "../text/text";
import { type ClusterInput, isRegion, parseClusterInput } from "./clusterInput";
import {
  type ClusterRef,
  comparablePath,
  identityOf,
  isOfUrlAlone,
  isSameCluster,
  type ManifestRef,
  stateOf,
  withNothingBesides,
} from "./clusterRef";
import { configuredCluster, configuredRegion, namedRegion } from "./configuredCluster";
import { profileRegion } from "./eks/awsIdentity";
import { realPathOf } from "./manifest/files";
import { absolutePath, type Found, lookUp, type Settings } from "./settings";

/**
 * The ref of a manifest, given its path in a program or a state. Links are resolved once per run, since many resources use few
 * files.
 */
function manifestRef(manifest: string, settings: Settings): ManifestRef {
  const ofRun = known.get(settings) ?? new Map<string, ManifestRef>();
  known.set(settings, ofRun);
  const path = absolutePath(manifest, settings);
  const relativePath = comparablePath(manifest, path, settings.cwd);
  const ref: ManifestRef = ofRun.get(manifest) ?? {
    kind: "manifest",
    manifest,
    path,
    relativePath,
    realPath: realPathOf(path),
  };
  ofRun.set(manifest, ref);
  return ref;
}

const known = new WeakMap<Settings, Map<string, ManifestRef>>();

/** The cluster of a state, without any lookup, since `stateOf` stores its full identity. Undefined for anything else. */
export function storedRef(state: unknown, settings: Settings): ClusterRef | undefined {
  if (state === undefined || state === null) {
    return undefined;
  }
  const stored = parseClusterInput(state);
  switch (stored.kind) {
    case "eks":
      return stored.region === undefined ? undefined : { ...stored, region: stored.region };
    case "kubeconfig":
      return stored.server === undefined ? undefined : { ...stored, server: stored.server };
    case "manifest":
      return manifestRef(stored.manifest, settings);
  }
}

/**
 * The cluster of a state as this version would store it. An earlier one stored nothing of a kubeconfig's API server but the URL, which
 * says too little to be compared.
 *
 * @throws AwsAuthError `clusterChanged` if it cannot be known which one it was.
 */
export async function knownCluster(state: unknown, settings: Settings): Promise<unknown> {
  const url = urlAloneOf(state);
  if (url === undefined) {
    return state;
  }
  const known = stateOf(await resolveClusterRef(state, settings));
  return fieldsOf(known)["server"] === url ? state : known;
}

/**
 * The cluster of an ID as a state stores it. IDs have no dash: the API server is the one to which nothing but the URL leads, unless the
 * kubeconfig has none. Then the ID is that of an earlier version.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function clusterOfId(cluster: unknown, settings: Settings): Promise<unknown> {
  const url = urlAloneOf(cluster);
  if (url === undefined) {
    return cluster;
  }
  const { isWithinReach } = await import("./kubeconfig/locate.js");
  const server = withNothingBesides(url);
  return (await isWithinReach(server, settings)) ? { server } : cluster;
}

function urlAloneOf(state: unknown): string | undefined {
  const { server } = fieldsOf(state);
  return typeof server === "string" && isOfUrlAlone(server) ? server : undefined;
}

/**
 * Refuses to read a mapping with a context of the stack's configuration that leads to another cluster.
 *
 * @throws AwsAuthError `clusterChanged` or `invalidKubeconfig`.
 */
export async function assertContext(state: unknown, settings: Settings): Promise<void> {
  const ref = storedRef(state, settings);
  if (ref?.kind === "kubeconfig") {
    const { assertStackContext } = await import("./kubeconfig/locate.js");
    await assertStackContext(ref.server, ref, settings);
  }
}

/** The identity of the cluster of a state; undefined if the state does not identify one fully. */
export function stateIdentity(state: unknown, settings: Settings): string | undefined {
  const ref = storedRef(state, settings);
  return ref === undefined ? undefined : identityOf(ref);
}

export function isSameClusterState(a: unknown, b: unknown, settings: Settings): boolean {
  const [left, right] = [storedRef(a, settings), storedRef(b, settings)];
  return left === undefined || right === undefined ? left === right : isSameCluster(left, right);
}

/**
 * Resolves a `cluster` input: to the cluster that it names, or else to the one in the stack's configuration. Also accepts what
 * {@link stateOf} stored.
 *
 * @param before the cluster in the state of the resource, which the environment must not change.
 * @throws AwsAuthError `invalidInput`, `clusterNotNamed`, `invalidKubeconfig`, `clusterChanged` or `credentials`.
 */
export async function resolveClusterRef(input: unknown, settings: Settings, before?: unknown): Promise<ClusterRef> {
  const given = input === undefined || input === null ? defaultCluster(settings) : parseClusterInput(input);
  switch (given.kind) {
    case "eks":
      return { ...given, region: given.region ?? (await findRegion(given, settings, fieldsOf(before))) };
    case "kubeconfig":
      return { ...given, server: await findServer(given, settings, fieldsOf(before)["server"]) };
    case "manifest":
      return manifestRef(given.manifest, settings);
  }
}

function defaultCluster(settings: Settings): ClusterInput {
  const configured = configuredCluster(settings);
  if (configured === undefined) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `no cluster is named; run "pulumi config set aws-auth:cluster NAME", or set cluster on the resource; docs/configuration.md of the package pulumi-aws-auth has the other ways`,
    );
  }
  return configured.input;
}

/** The API server of a kubeconfig, or of a state, of which an earlier version has stored the URL alone. */
async function findServer(
  given: Extract<ClusterInput, { readonly kind: "kubeconfig" }>,
  settings: Settings,
  before: unknown,
): Promise<string> {
  const { server } = given;
  if (server !== undefined && !isOfUrlAlone(server)) {
    return server;
  }
  const { locateNamed, knownServer } = await import("./kubeconfig/locate.js");
  if (server === undefined) {
    return (await locateNamed(given, settings, typeof before === "string" ? before : undefined)).cluster.fingerprint;
  }
  try {
    return await knownServer(server, given, settings);
  } catch (error) {
    // Whoever needs the cluster reports it.
    if (error instanceof AwsAuthError && error.code === "invalidKubeconfig") {
      return server;
    }
    throw error;
  }
}

async function findRegion(
  { name, profile }: Extract<ClusterInput, { readonly kind: "eks" }>,
  settings: Settings,
  before: Fields,
): Promise<string> {
  const used = lookUp("profile", profile, settings);
  // The environment says how to reach a cluster, and not which one it is.
  const named = lookUp("profile", profile, { ...settings, env: {} });
  const found =
    configuredRegion(settings) ?? (named && (await regionOfProfile(named))) ?? (await regionOfProfile(used));
  if (found === undefined) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `EKS cluster ${quoted(name)} has no region: give cluster as { name, region }, or set aws-auth:region in the stack configuration, AWS_REGION, or a region in the AWS profile`,
    );
  }
  if (!isRegion(found.value)) {
    const subject = `region ${quoted(found.value)} from ${found.source}`;
    const placeholder = placeholderIn(found.value);
    throw new AwsAuthError(
      "invalidInput",
      placeholder === undefined
        ? `${subject} is not the name of an AWS region, such as "eu-central-1"; correct it`
        : describePlaceholder(subject, placeholder),
    );
  }
  // Who has taken up another profile by mistake may be in another account, too.
  if (namedRegion(settings) === undefined && before["name"] === name && before["region"] !== found.value) {
    throw new AwsAuthError(
      "clusterChanged",
      `EKS cluster ${quoted(name)} is in ${quoted(found.value)} by ${found.source}, and not in ${quoted(before["region"])}, where this mapping was made; set aws-auth:region in the stack configuration, or region in cluster, to the one that you mean`,
    );
  }
  return found.value;
}

async function regionOfProfile(profile: Found | undefined): Promise<Found | undefined> {
  const value = await profileRegion(profile?.value);
  const source = profile === undefined ? "the AWS profile" : `profile ${quoted(profile.value)}`;
  return value === undefined ? undefined : { value, source };
}
