import { AwsAuthError } from "../errors";
import { describePlaceholder, placeholderIn, quoted } from "../text/text";
import { type ClusterInput, isRegion, parseClusterInput } from "./clusterInput";
import { type ClusterRef, comparablePath, identityOf, isSameCluster, type ManifestRef } from "./clusterRef";
import { configuredCluster, configuredRegion } from "./configuredCluster";
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
  const ref = ofRun.get(manifest) ?? locate(manifest, settings);
  ofRun.set(manifest, ref);
  return ref;
}

const known = new WeakMap<Settings, Map<string, ManifestRef>>();

function locate(manifest: string, settings: Settings): ManifestRef {
  const path = absolutePath(manifest, settings);
  return {
    kind: "manifest",
    manifest,
    path,
    relativePath: comparablePath(manifest, path, settings.cwd),
    realPath: realPathOf(path),
  };
}

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

/** The identity of the cluster of a state; undefined if the state does not identify one fully. */
export function stateIdentity(state: unknown, settings: Settings): string | undefined {
  const ref = storedRef(state, settings);
  return ref === undefined ? undefined : identityOf(ref);
}

/** Whether two states are on the same cluster. */
export function isSameClusterState(a: unknown, b: unknown, settings: Settings): boolean {
  const [left, right] = [storedRef(a, settings), storedRef(b, settings)];
  return left === undefined || right === undefined ? left === right : isSameCluster(left, right);
}

/**
 * Resolves a `cluster` input: to the cluster that it names, or else to the one in the stack's configuration. Also accepts what
 * {@link stateOf} stored.
 *
 * @throws AwsAuthError `invalidInput`, `clusterNotNamed`, `invalidKubeconfig` or `credentials`.
 */
export async function resolveClusterRef(input: unknown, settings: Settings): Promise<ClusterRef> {
  const given = input === undefined || input === null ? defaultCluster(settings) : parseClusterInput(input);
  switch (given.kind) {
    case "eks":
      return { ...given, region: given.region ?? (await findRegion(given.name, given.profile, settings)) };
    case "kubeconfig":
      return { ...given, server: given.server ?? (await findServer(given, settings)) };
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

async function findServer(
  given: { readonly kubeconfig: string | undefined; readonly context: string | undefined },
  settings: Settings,
): Promise<string> {
  const { locateNamed } = await import("./kubeconfig/locate.js");
  return (await locateNamed(given, settings)).cluster.fingerprint;
}

async function findRegion(name: string, ownProfile: string | undefined, settings: Settings): Promise<string> {
  const profile = lookUp("profile", ownProfile, settings);
  const found = configuredRegion(settings) ?? (await regionOfProfile(profile));
  if (found === undefined) {
    throw new AwsAuthError(
      "clusterNotNamed",
      `EKS cluster ${quoted(name)} has no region: give cluster as { name, region }, or set aws-auth:region or aws:region in the stack configuration, AWS_REGION, or a region in the AWS profile`,
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
  return found.value;
}

async function regionOfProfile(profile: Found | undefined): Promise<Found | undefined> {
  const value = await profileRegion(profile?.value);
  const source = profile === undefined ? "the AWS profile" : `profile ${quoted(profile.value)}`;
  return value === undefined ? undefined : { value, source };
}
