import { type ClusterAccess, clusterAccess } from "../access/clusterAccess";
import { isAdministrator, isServiceLinkedRole } from "../accessEntries";
import { type ClusterRef, identityOf, openMap, type Settings, withAccount } from "../cluster";
import type { EksRef } from "../cluster/clusterRef";
import { AccessEntryApi } from "../cluster/eks/accessEntryApi";
import type { EksCluster } from "../cluster/eks/eksConnection";
import { EksConnection } from "../cluster/eks/eksConnection";
import type { EksRole } from "../cluster/eks/eksRoles";
import { readResult } from "../cluster/readResult";
import { withoutConfigHint } from "../cluster/settings";
import { entriesOf, parseDocument } from "../document";
import { AwsAuthError } from "../errors";
import { parseIamArn, principalKey } from "../mapping";
import type { ReadResult } from "../readResult";
import { KnownEntries } from "../session/knownEntries";
import { quoted } from "../text/text";
import type { PrincipalFact } from "./moves";

/** What is to be known of a cluster to tell what moves. */
export interface MigrationFacts {
  readonly id: string;
  readonly label: string;
  readonly cluster: EksCluster;
  /** Without a map in mode `API`, in which nobody reads it, and without access entries in `CONFIG_MAP`, in which there are none. */
  readonly access: ClusterAccess;
  readonly warnings: readonly string[];
  readonly eksRoles: ReadResult<readonly EksRole[]>;
  /** By {@link principalKey}: everybody in the map, and whoever else has to be known. */
  readonly principals: ReadonlyMap<string, PrincipalFact>;
  /** ARN of the AWS credentials. */
  readonly caller: ReadResult<string>;
}

/** How long STS may take, in milliseconds. */
const callerTime = 20_000;

/**
 * Refuses what is no EKS cluster.
 *
 * @throws AwsAuthError `invalidInput`.
 */
export function assertEks(ref: ClusterRef): asserts ref is EksRef {
  if (ref.kind !== "eks") {
    const subject = ref.kind === "manifest" ? `manifest ${quoted(ref.manifest)}` : "a kubeconfig";
    const problem = `${subject} has no access entries, which are in the EKS API; name the EKS cluster by its name or ARN`;
    throw new AwsAuthError("invalidInput", problem);
  }
}

/**
 * Reads all that it takes to tell what moves. Only the map and the cluster itself have to be readable: what else is not is told among
 * the facts.
 *
 * @throws AwsAuthError with one of the cluster codes.
 */
export async function readFacts(ref: EksRef, settings: Settings): Promise<MigrationFacts> {
  const connection = new EksConnection(ref, settings);
  const api = new AccessEntryApi(ref, settings, connection);
  const known = new KnownEntries(api);
  const cluster = await known.cluster();
  const mode = cluster.authenticationMode;
  const [map, entries, eksRoles, caller] = await Promise.all([
    mode === "API" ? undefined : openMap(ref, settings, connection).then((open) => open.read()),
    mode === "CONFIG_MAP" ? { value: [] } : readResult(() => known.all()),
    readResult(() => api.eksRoles()),
    readCaller(connection),
  ]);
  const access = clusterAccess(map?.document ?? parseDocument({}), mode, entries);
  const asked = principalsToAsk(access, eksRoles);
  return {
    id: identityOf(withAccount(ref, cluster.account)),
    label: api.label,
    cluster,
    access,
    warnings: map?.warnings ?? [],
    eksRoles,
    principals: new Map(
      await Promise.all(asked.map(async (arn) => [principalKey(arn), await ask(api, arn, cluster.account)] as const)),
    ),
    caller,
  };
}

/** Everybody in the map, and who else is to be told about: administrators, and the roles of EKS. */
function principalsToAsk(
  { document, entries }: ClusterAccess,
  eksRoles: ReadResult<readonly EksRole[]>,
): readonly string[] {
  const mapped = entriesOf(document).flatMap(({ arn }) => arn ?? []);
  const keys = new Set(mapped.map(principalKey));
  const living = entries.filter((entry) => isAdministrator(entry) || keys.has(principalKey(entry.principalArn)));
  const own = "value" in eksRoles ? eksRoles.value.map(({ roleArn }) => roleArn) : [];
  // EKS has names in the letter case that IAM knows them in, which the map need not.
  const arns = [...mapped, ...own, ...living.map(({ principalArn }) => principalArn)].filter((arn) => {
    const parsed = parseIamArn(arn);
    return parsed.kind !== "invalid" && !isServiceLinkedRole(parsed);
  });
  return [...new Map(arns.map((arn) => [principalKey(arn), arn])).values()];
}

async function ask(api: AccessEntryApi, arn: string, account: string): Promise<PrincipalFact> {
  const parsed = parseIamArn(arn);
  if (parsed.kind !== "invalid" && parsed.account !== account) {
    return { kind: "unknown", reason: `it is of account ${parsed.account}, and IAM tells of account ${account} alone` };
  }
  try {
    const principal = await api.principal(arn);
    return principal === undefined ? { kind: "missing" } : { kind: "found", ...principal };
  } catch (error) {
    if (!(error instanceof AwsAuthError)) {
      throw error;
    }
    const action = parsed.kind === "user" ? "iam:GetUser" : "iam:GetRole";
    return error.code === "accessDenied"
      ? { kind: "unknown", reason: `${action} is not allowed`, denial: withoutConfigHint(error.message) }
      : { kind: "unknown", reason: withoutConfigHint(error.message) };
  }
}

async function readCaller(connection: EksConnection): Promise<ReadResult<string>> {
  try {
    return { value: (await connection.caller(AbortSignal.timeout(callerTime))).arn };
  } catch (error) {
    return { unread: error instanceof Error ? error.message : String(error) };
  }
}
