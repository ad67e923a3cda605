import type { ClusterRef, ReadMap } from "../provider/cluster";
import { AwsAuthError } from "../provider/errors";
import { layOut } from "../provider/layout";
import { printable } from "../provider/text";
import { CommandFailure, exitCode } from "./commandLine";
import { type NamedCluster, namedCluster, settingsFor } from "./namedCluster";
import type { ClusterOptions } from "./options";
import type { Terminal } from "./terminal";

/** The live map and its source. */
export interface LiveMap extends ReadMap {
  /** The cluster as given in the options. */
  readonly named: NamedCluster;
  /** The resolved cluster. */
  readonly ref: ClusterRef;
}

/**
 * Reads the map of the cluster given in the options.
 *
 * @throws CommandFailure or AwsAuthError.
 */
export async function readLiveMap(options: ClusterOptions, terminal: Terminal): Promise<LiveMap> {
  const named = namedCluster(options, process.env);
  const settings = settingsFor(options, process.env, process.cwd());
  const { missingManifest, openMap, resolveClusterRef } = await import("../provider/cluster/index.js");
  const ref = await resolveClusterRef(named, settings).catch((error: unknown) => {
    throw isRegionMissing(error) ? new CommandFailure(exitCode.failed, regionRemedy(named)) : error;
  });
  const map = await (await openMap(ref, settings)).read();
  for (const warning of map.warnings) {
    terminal.err(`${layOut(`warning: ${printable(warning)}`)}\n`);
  }
  const missing = missingManifest(ref);
  if (missing !== undefined) {
    throw new CommandFailure(exitCode.failed, missing);
  }
  return { ...map, named, ref };
}

/** If the cluster has a name, only the region can be missing. The remedies in the error itself are for programs. */
export function isRegionMissing(error: unknown): boolean {
  return error instanceof AwsAuthError && error.code === "clusterNotNamed";
}

/** The remedies of the command line. */
export function regionRemedy(named: NamedCluster): string {
  const name = "name" in named ? `EKS cluster ${JSON.stringify(named.name)}` : "the cluster";
  return `${name} has no region: give --region, or set AWS_REGION or a region in the AWS profile`;
}
