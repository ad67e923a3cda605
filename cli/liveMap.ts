import { existsSync } from "node:fs";
import type { ClusterRef } from "../provider/cluster";
import type { ApiConnection } from "../provider/cluster/kubernetes/request";
import type { AwsAuthDocument } from "../provider/document";
import { AwsAuthError } from "../provider/errors";
import { layOut } from "../provider/layout";
import { printable } from "../provider/text";
import { CommandFailure, exitCode } from "./commandLine";
import { type NamedCluster, namedCluster, settingsFor } from "./namedCluster";
import type { ClusterOptions } from "./options";
import type { Terminal } from "./terminal";

/** The live map and its source. */
export interface LiveMap {
  /** The cluster as given in the options. */
  readonly named: NamedCluster;
  /** The resolved cluster. */
  readonly ref: ClusterRef;
  /** The connection to its API server; undefined for a manifest. */
  readonly connection: ApiConnection | undefined;
  /** The cluster's name in messages. */
  readonly label: string;
  /** All data keys of the ConfigMap. */
  readonly data: Readonly<Record<string, string>>;
  /** The parsed document. */
  readonly document: AwsAuthDocument;
}

/**
 * Reads the map of the cluster given in the options.
 *
 * @throws CommandFailure or AwsAuthError.
 */
export async function readLiveMap(options: ClusterOptions, terminal: Terminal): Promise<LiveMap> {
  const named = namedCluster(options, process.env);
  const settings = settingsFor(options, process.env, process.cwd());
  const [{ openCluster, resolveClusterRef }, { parseDocument }] = await Promise.all([
    import("../provider/cluster/index.js"),
    import("../provider/document/index.js"),
  ]);
  const ref = await resolveClusterRef(named, settings).catch((error: unknown) => {
    throw isRegionMissing(error) ? regionFailure(named) : error;
  });
  const { store, connection } = await openCluster(ref, settings);
  for (const warning of store.warnings) {
    terminal.err(`${layOut(`warning: ${printable(warning)}`)}\n`);
  }
  const { data, claims, places } = await store.read();
  if (ref.kind === "manifest" && !existsSync(ref.path)) {
    throw new CommandFailure(
      exitCode.failed,
      `there is no file ${JSON.stringify(ref.manifest)}; give the path of a ConfigMap manifest`,
    );
  }
  const { label } = store;
  return { named, ref, connection, label, data, document: parseDocument(data, undefined, claims, { label, places }) };
}

/** If the cluster has a name, only the region can be missing. The remedies in the error itself are for programs. */
function isRegionMissing(error: unknown): boolean {
  return error instanceof AwsAuthError && error.code === "clusterNotNamed";
}

function regionFailure(named: NamedCluster): CommandFailure {
  const name = "name" in named ? `EKS cluster ${JSON.stringify(named.name)}` : "the cluster";
  const remedy = "give --region, or set AWS_REGION or a region in the AWS profile";
  return new CommandFailure(exitCode.failed, `${name} has no region: ${remedy}`);
}
