import { describeDoubt } from "../provider/access/describe";
import type { Outcome } from "../provider/access/verdict";
import { type Candidate, whoCan } from "../provider/access/whoCan";
import type { AwsAuthDocument } from "../provider/document";
import { layOut } from "../provider/layout";
import type { Grant } from "../provider/rbac";
import { printable } from "../provider/text";
import { entryData, entryPlace, grantData, requestData, userData } from "./accessData";
import { CommandFailure, type ExitCode, exitCode } from "./commandLine";
import type { QuestionOptions } from "./options";
import { askCluster, parseQuestion } from "./question";
import { emphasise, renderJson, renderTable, renderYaml, type Terminal } from "./terminal";

/**
 * `who-can`: the identities of the map that may do something, each with every way to it.
 *
 * @throws CommandFailure where the bindings cannot be read; AwsAuthError where the map cannot.
 */
export async function runWhoCan(
  [verb = "", target = ""]: readonly string[],
  options: QuestionOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const question = parseQuestion(verb, target, options);
  const { document, label, request, question: asked, rights } = await askCluster(question, options, terminal);
  if (rights.unread !== undefined) {
    throw new CommandFailure(exitCode.failed, `cannot tell who can ${asked} in ${label}: ${rights.unread}`);
  }
  const candidates = whoCan(document, request, rights);
  const certain = candidates.filter(({ verdict }) => verdict.answer === "yes");
  const doubtful = candidates.filter(({ verdict }) => verdict.answer === "unknown");
  if (options.output === "table") {
    const nobody = `Nobody in ${label} can ${asked}${doubtful.length === 0 ? "" : " for certain"}.`;
    terminal.out(certain.length === 0 ? `${layOut(printable(nobody), terminal.width)}\n` : table(document, certain));
    terminal.out(renderDoubts(document, doubtful, terminal));
  } else {
    const data = {
      request: requestData(request),
      identities: [...certain, ...doubtful].map((candidate) => dataOf(document, candidate)),
    };
    terminal.out(options.output === "json" ? renderJson(data) : await renderYaml(data));
  }
  if (certain.length > 0) {
    return exitCode.done;
  }
  return doubtful.length === 0 ? exitCode.found : exitCode.failed;
}

/** One row for each way: who wants to take a right away has to know all of them. */
function table(document: AwsAuthDocument, candidates: readonly Candidate[]): string {
  const rows = candidates.flatMap(({ identity, verdict }) =>
    verdict.outcomes.flatMap(({ entry, grants }) =>
      grants.map((grant) => [identity, entry === undefined ? "" : entryPlace(document, entry), ...cellsOf(grant)]),
    ),
  );
  return renderTable(["IDENTITY", "ENTRY", "THROUGH", "BINDING", "ROLE"], rows, false);
}

/** Of members of `system:masters` no binding and no role is looked at. */
function cellsOf({ subject, by }: Grant): readonly string[] {
  const through = `${subject.kind}/${subject.name}`;
  if (by === undefined) {
    return [through, "none is needed", "everything"];
  }
  const { kind, name, namespace, role } = by.binding;
  return [through, `${kind}/${namespace === "" ? "" : `${namespace}/`}${name}`, `${role.kind}/${role.name}`];
}

function renderDoubts(document: AwsAuthDocument, candidates: readonly Candidate[], terminal: Terminal): string {
  if (candidates.length === 0) {
    return "";
  }
  const items = candidates.map(({ identity, verdict }) => {
    const reasons = verdict.outcomes.map((outcome) => reasonOf(document, outcome));
    return layOut(`  - ${printable(`${identity}: ${reasons.join("; ")}`)}`, terminal.width);
  });
  return ["", emphasise(terminal, "bold", "Cannot tell:"), ...items, ""].join("\n");
}

/** Why nobody can tell of a login, or, where it is one of several, what it may. */
function reasonOf(document: AwsAuthDocument, { entry, answer, doubt, grants }: Outcome): string {
  const place = entry === undefined ? "if no entry applies" : `by ${entryPlace(document, entry)}`;
  return `${place}: ${doubt === undefined ? answer : describeDoubt(doubt, grants, undefined)}`;
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf(document: AwsAuthDocument, { identity, verdict }: Candidate): object {
  return {
    identity,
    answer: verdict.answer,
    logins: verdict.outcomes.map((outcome) => ({
      ...userData(outcome),
      ...(outcome.entry !== undefined && { givenBy: entryData(document, outcome.entry) }),
      answer: outcome.answer,
      grants: outcome.grants.map(grantData),
    })),
  };
}
