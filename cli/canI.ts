import { describeBinding, describeDoubt, describeGrant } from "../provider/access/describe";
import { judge, type Outcome, type Verdict } from "../provider/access/verdict";
import { callerIn, noInstance } from "../provider/authenticator";
import { printable } from "../provider/text/text";
import { givenByText, grantData, loginData, namesOf, notMapped, policyText, requestData } from "./accessData";
import { type ExitCode, exitCode } from "./commandLine";
import type { QuestionOptions } from "./options";
import { type AskedCluster, askCluster, parseQuestion } from "./question";
import { bullet, type Emphasis, emphasise, renderData, type Terminal } from "./terminal";

interface Answered extends AskedCluster {
  readonly arn: string;
  readonly verdict: Verdict;
}

/**
 * `can-i`: whether an identity may do something, and by what.
 *
 * @throws CommandFailure or AwsAuthError where there is no answer.
 */
export async function runCanI(
  arn: string,
  verb: string,
  target: string,
  options: QuestionOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const question = parseQuestion(verb, target, options);
  const identity = callerIn(arn);
  const asked = await askCluster(question, options, terminal, identity.arn);
  const verdict = judge(asked.access, identity, asked.request, asked.rights);
  const answered = { ...asked, arn, verdict };
  const { output } = options;
  terminal.out(output === "table" ? render(answered, terminal) : await renderData(dataOf(answered), output));
  return exitCodes[verdict.answer];
}

const exitCodes = { yes: exitCode.done, no: exitCode.found, unknown: exitCode.failed } as const;

const words = { yes: "yes", no: "no", unknown: "cannot tell" } as const;

const colours = { yes: "green", no: "red", unknown: "yellow" } as const satisfies Record<string, Emphasis>;

const may = { yes: "may", no: "may not", unknown: "may or may not" } as const;

/** The answer as kubectl prints it, and below it why. */
function render(answered: Answered, terminal: Terminal): string {
  const { arn, question, verdict } = answered;
  const { answer, outcomes } = verdict;
  const lines = [
    emphasise(terminal, colours[answer], words[answer]),
    "",
    `${printable(arn.trim())} ${may[answer]} ${printable(question)}`,
    ...(outcomes.length > 1 ? ["", describeChoice(outcomes)] : []),
    ...outcomes.flatMap((outcome) => renderOutcome(outcome, answered)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Nobody sees from outside whether entries with `sso` count, or which access entry is dead; of other entries one counts at random. */
function describeChoice(outcomes: readonly Outcome[]): string {
  if (outcomes.some(({ accessEntry }) => accessEntry !== undefined)) {
    return "It has several access entries, and the one counts that was made for the role or user that exists now:";
  }
  return outcomes.some(({ entry }) => entry?.sso !== undefined)
    ? "Which of these counts depends on the authenticator's feature gate SSORoleMatch, which is off by default:"
    : "Which of these counts is random, from one login to the next:";
}

function renderOutcome(outcome: Outcome, answered: Answered): string[] {
  const { entry, accessEntry } = outcome;
  const { access, label } = answered;
  const names = namesOf(outcome);
  if (names === undefined) {
    const refusal =
      entry === undefined
        ? notMapped(access, label)
        : `${givenByText(access.document, outcome)} refuses this session: ${noInstance}.`;
    const doubts = reasonsOf(outcome, answered).map((reason) => bullet(reason));
    return ["", printable(refusal), ...(doubts.length === 0 ? [] : ["", ...doubts])];
  }
  const reasons = reasonsOf(outcome, answered);
  return [
    "",
    `  username    ${printable(names.username) || '""'}`,
    `  groups      ${printable(names.groups.join(", ")) || "none"}`,
    `  given by    ${accessEntry === undefined ? givenByText(access.document, outcome) : `access entry of ${printable(accessEntry.principalArn)}`}`,
    ...(accessEntry?.policies ?? []).map((policy) => `  policy      ${printable(policyText(policy))}`),
    "",
    ...reasons.map((reason) => bullet(reason)),
  ];
}

/** Why a login may, may not, or nobody can tell: one clause each. */
function reasonsOf(outcome: Outcome, { rights, request }: Answered): readonly string[] {
  const { user, answer, doubt, grants } = outcome;
  const told = grants.map(describeGrant);
  if (doubt !== undefined) {
    return [describeDoubt(outcome, request, rights.unread), ...told];
  }
  if (user === undefined) {
    return [];
  }
  if (answer === "yes") {
    return told;
  }
  const applied = [...new Set(rights.authorizer.bindingsOf(user).map(({ binding }) => binding))];
  const bindings = applied.filter(({ kind }) => kind !== "AccessPolicy");
  const policies = [...new Set(applied.filter(({ kind }) => kind === "AccessPolicy").map(({ name }) => name))];
  const missing = bindings.filter((binding) => rights.authorizer.rulesOf(binding) === undefined);
  const count = bindings.length === 1 ? "one binding" : `${bindings.length} bindings`;
  const [does, policy] = policies.length === 1 ? ["does", "policy"] : ["do", "policies"];
  return [
    bindings.length === 0
      ? "no binding names the username or one of the groups"
      : `of ${count} for the username and the groups, none has a rule that allows it; "explain" lists them`,
    ...(policies.length === 0 ? [] : [`nor ${does} the access ${policy} ${policies.join(", ")} allow it there`]),
    ...missing.map((binding) => {
      const { kind, name } = binding.role;
      return `${describeBinding(binding)} names ${kind} ${JSON.stringify(name)}, which does not exist`;
    }),
  ];
}

/** The output of `-o json` and `-o yaml`. Fields may be added, but are never removed. */
function dataOf(answered: Answered): object {
  const { arn, access, request, verdict } = answered;
  return {
    arn,
    request: requestData(request),
    answer: verdict.answer,
    ...(access.unread !== undefined && { accessEntriesUnread: access.unread }),
    logins: verdict.outcomes.map((outcome) => ({
      mapped: outcome.user !== undefined,
      ...loginData(access.document, outcome),
      reasons: reasonsOf(outcome, answered),
      grants: outcome.grants.map(grantData),
    })),
  };
}
