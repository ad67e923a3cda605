import { describeRequest } from "../provider/access/describe";
import type { ClusterRights } from "../provider/access/verdict";
import { readRights } from "../provider/cluster";
import { layOut } from "../provider/layout";
import type { AccessRequest } from "../provider/rbac";
import { printable } from "../provider/text";
import { CommandFailure, exitCode } from "./commandLine";
import { type LiveMap, readLiveMap } from "./liveMap";
import type { QuestionOptions } from "./options";
import { askedOf, type Question } from "./question";
import type { Terminal } from "./terminal";

/** All that the answer to a question is made from. */
export interface AskedCluster {
  readonly document: LiveMap["document"];
  /** The cluster's name in messages. */
  readonly label: string;
  readonly request: AccessRequest;
  /** The request in a sentence. */
  readonly question: string;
  readonly rights: ClusterRights;
}

/**
 * Reads the map of a cluster, and what a question on rights depends on.
 *
 * @throws CommandFailure for a manifest; AwsAuthError if the map cannot be read.
 */
export async function askCluster(
  question: Question,
  options: QuestionOptions,
  terminal: Terminal,
): Promise<AskedCluster> {
  const { connection, document, label } = await readLiveMap(options, terminal);
  if (connection === undefined) {
    throw new CommandFailure(
      exitCode.failed,
      `${label} has no RoleBindings and no roles, which decide what an identity may do; name its cluster with --cluster or --kubeconfig`,
    );
  }
  const [{ request, scope, warnings }, rights] = await Promise.all([
    askedOf(question, connection),
    readRights(connection),
  ]);
  for (const warning of warnings) {
    terminal.err(`${layOut(`warning: ${printable(warning)}`)}\n`);
  }
  return { document, label, request, question: describeRequest(request) + scope, rights };
}
