import type { AwsAuthMap } from "../provider/awsAuthMap";
import { unreadOf } from "../provider/identity/clusterAccess";
import type { Grant } from "../provider/rights/authorizer";
import { type LoginVerdict, whoCan } from "../provider/rights/verdicts";
import { printable } from "../provider/text/text";
import { givenByText, grantData, loginData, requestData } from "./accessData";
import { CommandFailure, type ExitCode, exitCode, renderJson, renderTable, section, type Terminal } from "./output";
import { type QuestionOptions, readQuestion } from "./question";

/**
 * `who-can`: the identities that may do something, with every binding that allows it.
 *
 * @throws CommandFailure if the bindings cannot be read; AwsAuthError if the map cannot.
 */
export async function runWhoCan(
  terminal: Terminal,
  verb: string,
  target: string,
  options: QuestionOptions,
): Promise<ExitCode> {
  const { access, label, request, asked, rights } = await readQuestion({ verb, target, options }, terminal, {
    accessEntries: (entries) => entries.all(),
    rights: true,
  });
  const { document } = access;
  if (rights.unread !== undefined) {
    throw new CommandFailure(`unknown: who can ${asked} in ${label}: ${rights.unread}`);
  }
  const candidates = whoCan(access, request, rights);
  const certain = candidates.filter(({ verdict }) => verdict.answer === "yes");
  const doubtful = candidates.filter(({ verdict }) => verdict.answer === "unknown");
  const unread = unreadOf(access);
  const isAll = doubtful.length === 0 && unread === undefined;
  if (options.output === "table") {
    const none = `No identity in ${label} can ${asked}${isAll ? "" : " for certain"}.`;
    const doubts = section(
      "Unknown:",
      doubtful.map((candidate) => doubtText(document, candidate)),
    );
    terminal.out(certain.length === 0 ? `${printable(none)}\n` : grantTable(document, certain));
    terminal.out(doubts.map((text) => `\n${text}\n`).join(""));
  } else {
    const identities = [...certain, ...doubtful].map(({ identity, verdict: { answer, outcomes } }) => ({
      identity,
      answer,
      logins: outcomes.map((outcome) => ({
        ...loginData(document, outcome),
        answer: outcome.answer,
        grants: outcome.grants.map(grantData),
      })),
    }));
    terminal.out(renderJson({ request: requestData(request), unread, identities }));
  }
  return certain.length > 0 ? exitCode.done : isAll ? exitCode.found : exitCode.failed;
}

type Candidate = ReturnType<typeof whoCan>[number];

/** One row for each grant, since all of them must be removed to revoke a right. */
function grantTable(document: AwsAuthMap, candidates: readonly Candidate[]): string {
  const rows = candidates.flatMap(({ identity, verdict }) =>
    verdict.outcomes.flatMap((outcome) =>
      outcome.grants.map((grant) => [identity, givenByText(document, outcome), ...cellsOf(grant)]),
    ),
  );
  return renderTable(["IDENTITY", "ENTRY", "THROUGH", "BINDING", "ROLE"], rows);
}

function cellsOf({ subject, binding }: Grant): readonly string[] {
  const through = subject.kind === "AccessEntry" ? "access entry" : `${subject.kind}/${subject.name}`;
  if (binding === undefined) {
    return [through, "none is needed", "everything"];
  }
  const { kind, name, namespace, role } = binding;
  return [through, `${kind}/${namespace === "" ? "" : `${namespace}/`}${name}`, `${role.kind}/${role.name}`];
}

function doubtText(document: AwsAuthMap, { identity, verdict }: Candidate): string {
  const reason = (outcome: LoginVerdict) => `${givenByText(document, outcome)}: ${outcome.doubt ?? outcome.answer}`;
  return `${identity}: ${verdict.outcomes.map(reason).join("; ")}`;
}
