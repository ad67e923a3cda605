import { describePolicy } from "../provider/access/accessPolicies";
import { describeDoubt } from "../provider/access/describe";
import type { Outcome } from "../provider/access/verdict";
import { type Candidate, whoCan } from "../provider/access/whoCan";
import type { Grant } from "../provider/rbac";
import { printable } from "../provider/text/text";
import { givenByText, grantData, loginData, requestData } from "./accessData";
import { CommandFailure, type ExitCode, exitCode } from "./commandLine";
import type { QuestionOptions } from "./options";
import { type AskedCluster, askCluster, parseQuestion } from "./question";
import { renderTable } from "./table";
import { renderData, section, type Terminal } from "./terminal";

/**
 * `who-can`: the identities of the map that may do something, each with every way to it.
 *
 * @throws CommandFailure where the bindings cannot be read; AwsAuthError where the map cannot.
 */
export async function runWhoCan(
  verb: string,
  target: string,
  options: QuestionOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const question = parseQuestion(verb, target, options);
  const cluster = await askCluster(question, options, terminal);
  const { access, label, request, question: asked, rights } = cluster;
  if (rights.unread !== undefined) {
    throw new CommandFailure(exitCode.failed, `cannot tell who can ${asked} in ${label}: ${rights.unread}`);
  }
  const candidates = whoCan(access, request, rights);
  const certain = candidates.filter(({ verdict }) => verdict.answer === "yes");
  const doubtful = candidates.filter(({ verdict }) => verdict.answer === "unknown");
  const isAll = doubtful.length === 0 && access.unread === undefined;
  if (options.output === "table") {
    const nobody = `Nobody in ${label} can ${asked}${isAll ? "" : " for certain"}.`;
    terminal.out(certain.length === 0 ? `${printable(nobody)}\n` : table(cluster, certain));
    terminal.out(renderDoubts(cluster, doubtful, terminal));
  } else {
    const data = {
      request: requestData(request),
      ...(access.unread !== undefined && { accessEntriesUnread: access.unread }),
      identities: [...certain, ...doubtful].map((candidate) => dataOf(cluster, candidate)),
    };
    terminal.out(await renderData(data, options.output));
  }
  if (certain.length > 0) {
    return exitCode.done;
  }
  return isAll ? exitCode.found : exitCode.failed;
}

/** One row for each way: who wants to take a right away has to know all of them. */
function table({ access }: AskedCluster, candidates: readonly Candidate[]): string {
  const rows = candidates.flatMap(({ identity, verdict }) =>
    verdict.outcomes.flatMap((outcome) =>
      outcome.grants.map((grant) => [identity, givenByText(access.document, outcome), ...cellsOf(grant)]),
    ),
  );
  return renderTable(["IDENTITY", "ENTRY", "THROUGH", "BINDING", "ROLE"], rows, false);
}

/** Of members of `system:masters` no binding and no role is looked at. */
function cellsOf({ subject, by }: Grant): readonly string[] {
  const through = subject.kind === "AccessEntry" ? "access entry" : `${subject.kind}/${subject.name}`;
  if (by === undefined) {
    return [through, "none is needed", "everything"];
  }
  const { kind, name, namespace, role } = by.binding;
  const binding = `${kind}/${namespace === "" ? "" : `${namespace}/`}${name}`;
  return [through, binding, kind === "AccessPolicy" ? (describePolicy(name) ?? "") : `${role.kind}/${role.name}`];
}

function renderDoubts(cluster: AskedCluster, candidates: readonly Candidate[], terminal: Terminal): string {
  if (candidates.length === 0) {
    return "";
  }
  const items = candidates.map(({ identity, verdict }) => {
    const reasons = verdict.outcomes.map((outcome) => reasonOf(cluster, outcome));
    return `${identity}: ${reasons.join("; ")}`;
  });
  return ["", ...section("Cannot tell:", items, terminal), ""].join("\n");
}

/** Why nobody can tell of a login, or, where it is one of several, what it may. */
function reasonOf({ access, request }: AskedCluster, outcome: Outcome): string {
  const { entry, answer } = outcome;
  const place = entry === undefined ? "if no entry applies" : `by ${givenByText(access.document, outcome)}`;
  return `${place}: ${describeDoubt(outcome, request, undefined) || answer}`;
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf({ access }: AskedCluster, { identity, verdict }: Candidate): object {
  return {
    identity,
    answer: verdict.answer,
    logins: verdict.outcomes.map((outcome) => {
      return { ...loginData(access.document, outcome), grants: outcome.grants.map(grantData) };
    }),
  };
}
