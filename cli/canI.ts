import { unreadOf } from "../provider/identity/clusterAccess";
import { identityOf } from "../provider/identity/identity";
import { type ClusterRights, canI, describeGrant, type LoginVerdict } from "../provider/rights/verdicts";
import { printable } from "../provider/text/text";
import { grantData, loginData, loginLines, requestData } from "./accessData";
import { answerCodes, bullet, type ExitCode, renderJson, styled, type Terminal } from "./output";
import { type QuestionOptions, readQuestion } from "./question";

const colours = { yes: "green", no: "red", unknown: "yellow" } as const;
const may = { yes: "may", no: "may not", unknown: "may or may not" } as const;

/**
 * `can-i`: whether an identity may do something, and which bindings allow it.
 *
 * @throws CommandFailure or AwsAuthError if there is no answer.
 */
export async function runCanI(
  terminal: Terminal,
  arn: string,
  verb: string,
  target: string,
  options: QuestionOptions,
): Promise<ExitCode> {
  const identity = identityOf(arn);
  const { access, asked, request, rights } = await readQuestion({ verb, target, options }, terminal, {
    accessEntries: (entries) => entries.find(identity.arn),
    rights: true,
  });
  const { answer, outcomes } = canI(access, identity, request, rights);
  if (options.output === "table") {
    const lines = [
      styled(colours[answer], answer),
      "",
      printable(`${arn.trim()} ${may[answer]} ${asked}`),
      ...(outcomes.length > 1 ? ["It cannot be determined which entry applies:"] : []),
      ...outcomes.flatMap((outcome) => ["", ...loginLines(outcome, access), ...reasonsOf(outcome, rights).map(bullet)]),
    ];
    terminal.out(`${lines.join("\n")}\n`);
  } else {
    const logins = outcomes.map((outcome) => ({
      ...loginData(access.document, outcome),
      answer: outcome.answer,
      reasons: reasonsOf(outcome, rights),
      grants: outcome.grants.map(grantData),
    }));
    const unread = unreadOf(access);
    terminal.out(renderJson({ arn, request: requestData(request), answer, unread, logins }));
  }
  return answerCodes[answer];
}

/** The reasons for an answer, one clause each. */
function reasonsOf(outcome: LoginVerdict, { authorizer }: ClusterRights): readonly string[] {
  const { user, answer, doubt, grants } = outcome;
  if (user === undefined || answer === "yes" || doubt !== undefined) {
    return [...(doubt === undefined ? [] : [doubt]), ...grants.map(describeGrant)];
  }
  return authorizer.bindingsOf(outcome).length === 0
    ? ["no binding names the username or one of the groups"]
    : ['none of its bindings and access policies allows it; "explain" lists them'];
}
