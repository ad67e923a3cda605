import { describePlaceholder, placeholderIn, placeholderInArn } from "../text/text";
import { arnMismatches, formatArn, type IamArn, parseIamArn, withoutPath } from "./arn";
import { contentProblems, describeOuterWhitespace, knownTemplates, unknownTemplates } from "./content";
import { type MappingFields, type ParsedMapping, parseMapping } from "./mapping";

/** The problem of a mapping without a principal. */
export const noPrincipal = "neither arn nor account is set; give the ARN of an IAM role or user, or an account";

/** A problem of one field, in the form of a Pulumi check failure. */
export interface FieldProblem {
  /** The field with the error. */
  readonly property: keyof MappingFields;
  /** One sentence: subject, quoted value, rule, remedy. */
  readonly reason: string;
}

/** The result of {@link validateMapping}: problems, and the parsed mapping if there are none. */
export interface ValidatedMapping extends ParsedMapping {
  /** All problems, each on its own field. */
  readonly problems: readonly FieldProblem[];
  /** Sentences about accepted input that is probably a mistake. */
  readonly warnings: readonly string[];
  /** What becomes of a role's path in aws-auth, for a mapping that is kept only there. Undefined if the ARN has none. */
  readonly pathWarning: string | undefined;
  /** The normalized fields: without a role's path, repeated groups and absent fields. Unknown and invalid ones are as given. */
  readonly fields: MappingFields;
}

/**
 * Validates the fields of one mapping without access to a cluster.
 *
 * @param isUnknown whether a value is not known yet. Such a value counts as given, and is checked later.
 */
export function validateMapping(given: MappingFields, isUnknown: (value: unknown) => boolean): ValidatedMapping {
  const check = new FieldCheck(isUnknown);
  const arn = check.arn(given.arn);
  check.account(given.account);
  check.username(given.username);
  const groups = check.groups(given.groups);
  check.combination(given);
  check.content(given);

  const fields = Object.fromEntries(
    Object.entries({
      arn: arn === undefined ? given.arn : formatArn(arn),
      account: given.account,
      username: given.username === "" ? undefined : given.username,
      groups: groups ?? given.groups,
    }).filter(([, value]) => isSet(value)),
  );
  const isSound = check.problems.length === 0;
  const said = isSound ? parseMapping(fields, isUnknown) : { mapping: undefined, principal: undefined };
  const { problems, warnings, pathWarning } = check;
  return { ...said, problems, warnings, pathWarning, fields };
}

/** Collects the problems of one mapping's fields. Each method returns the field's value if it is valid. */
class FieldCheck {
  readonly problems: FieldProblem[] = [];
  readonly warnings: string[] = [];
  pathWarning: string | undefined;
  private readonly isUnknown: (value: unknown) => boolean;

  constructor(isUnknown: (value: unknown) => boolean) {
    this.isUnknown = isUnknown;
  }

  arn(value: unknown): IamArn | undefined {
    if (!this.isKnown(value)) {
      return undefined;
    }
    if (typeof value !== "string") {
      return this.problem("arn", `arn ${show(value)} is not a string; give the ARN of an IAM role or user`);
    }
    const arn = parseIamArn(value);
    // A role's path is removed below, so it is no error.
    const mismatches = arnMismatches(value).filter(({ code }) => code !== "rolePath");
    if (arn.kind === "invalid" || mismatches.some(({ code }) => code !== "account")) {
      for (const { reason } of mismatches) {
        this.problem("arn", reason);
      }
      return undefined;
    }
    this.warnings.push(...mismatches.map(({ reason }) => reason));
    if (arn.kind === "user" || arn.path === "") {
      return arn;
    }
    const stripped = withoutPath(arn);
    this.pathWarning = `arn ${show(value)} has the path "${arn.path}", which the authenticator never matches; ${show(formatArn(stripped))} is mapped instead, as is every role of that name in another path`;
    return stripped;
  }

  account(value: unknown): void {
    if (!this.isKnown(value)) {
      return;
    }
    if (typeof value === "number" || typeof value === "bigint") {
      const rule = "is a number, which loses leading zeros; write it in quotes, as a string of 12 digits";
      this.problem("account", `account ${value} ${rule}`);
    } else if (typeof value !== "string" || !/^\d{12}$/.test(value)) {
      const subject = `account ${show(value)}`;
      const placeholder = typeof value === "string" ? placeholderInArn(value) : undefined;
      const wrong = `${subject} is not an AWS account ID; give a string of 12 digits, without spaces or dashes`;
      this.problem("account", placeholder === undefined ? wrong : describePlaceholder(subject, placeholder));
    }
  }

  username(value: unknown): void {
    if (!this.isKnown(value) || value === "") {
      return;
    }
    if (typeof value !== "string") {
      this.problem("username", `username ${show(value)} is not a string; write it in quotes`);
    } else {
      this.isSoundText("username", `username ${show(value)}`, value);
    }
  }

  groups(value: unknown): readonly string[] | undefined {
    if (!this.isKnown(value)) {
      return undefined;
    }
    if (!Array.isArray(value)) {
      const list = typeof value === "string" ? show(value) : "...";
      return this.problem("groups", `groups ${show(value)} is not a list; write groups: [${list}]`);
    }
    const sound = value.filter((group: unknown, index) => this.isKnown(group, true) && this.isSoundGroup(group, index));
    if (sound.length < value.length) {
      return undefined;
    }
    // A set, since the authenticator would pass on a repeated group twice.
    return [...new Set<string>(sound)];
  }

  /** Checks the combination of fields. Invalid and unknown fields count as given, so that no problem is reported twice. */
  combination(given: MappingFields): void {
    const hasArn = isSet(given.arn);
    const hasUsername = isSet(given.username) && given.username !== "";
    const hasGroups = isSet(given.groups) && !(Array.isArray(given.groups) && given.groups.length === 0);
    if (isSet(given.account)) {
      const subject = `account ${this.isUnknown(given.account) ? "" : `${show(given.account)} `}cannot be combined with`;
      const rule = "an account mapping gives each identity of the account its own ARN as username, and no groups";
      if (hasArn) {
        this.problem("account", `${subject} arn; give one of arn and account`);
      } else if (hasUsername) {
        this.problem("username", `${subject} username: ${rule}; remove username`);
      }
      if (!hasArn && hasGroups) {
        this.problem("groups", `${subject} groups: ${rule}; remove groups`);
      }
      return;
    }
    if (!hasArn) {
      this.problem("arn", noPrincipal);
      return;
    }
    if (!hasUsername && !hasGroups) {
      const subject = this.isUnknown(given.arn) ? "this mapping" : `arn ${show(given.arn)}`;
      this.problem("username", `neither username nor groups are set for ${subject}; set username, groups or both`);
    }
  }

  /** Likely mistakes. A mapping that can never log anybody in is an error, anything else a warning. */
  content({ arn, account, username, groups }: MappingFields): void {
    if (isSet(account)) {
      return;
    }
    const found = contentProblems({
      arn: this.textOf(arn),
      username: isSet(username) ? this.textOf(username) : "",
      groups: (Array.isArray(groups) ? groups : []).flatMap((group) => this.textOf(group) ?? []),
    });
    for (const { property, isRefused, reason } of found) {
      if (isRefused) {
        this.problem(property, reason);
      } else if (!this.problems.some((problem) => problem.reason === reason)) {
        this.warnings.push(reason);
      }
    }
  }

  private textOf(value: unknown): string | undefined {
    return typeof value === "string" && !this.isUnknown(value) ? value : undefined;
  }

  private isSoundGroup(group: unknown, index: number): group is string {
    // An undefined value in the program arrives here as null.
    if (!isSet(group)) {
      this.problem("groups", `groups[${index}] has no value; remove it or give it a value`);
      return false;
    }
    if (typeof group !== "string") {
      this.problem("groups", `group ${show(group)} is not a string; write it in quotes`);
      return false;
    }
    if (group === "") {
      this.problem("groups", 'group "" is empty; remove it');
      return false;
    }
    return this.isSoundText("groups", `group ${show(group)}`, group);
  }

  private isSoundText(property: keyof MappingFields, subject: string, text: string): boolean {
    const before = this.problems.length;
    if (/[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u.test(text)) {
      this.problem(property, `${subject} has a control character or line break in it; remove it`);
    } else if (text.trim() !== text) {
      this.problem(property, describeOuterWhitespace(subject));
    }
    for (const template of unknownTemplates(text)) {
      this.problem(property, describeTemplate(subject, template));
    }
    // Double braces are the authenticator's syntax, and unknown templates have been reported already.
    const placeholder = placeholderIn(text.replace(/\{\{[^{}]*\}\}/g, ""));
    if (placeholder !== undefined) {
      this.problem(property, describePlaceholder(subject, placeholder));
    }
    return this.problems.length === before;
  }

  private isKnown(value: unknown, isItem = false): boolean {
    return !this.isUnknown(value) && (isItem || isSet(value));
  }

  private problem(property: keyof MappingFields, reason: string): undefined {
    this.problems.push({ property, reason });
  }
}

function describeTemplate(subject: string, text: string): string {
  // The names of the authenticator's templates contain neither dots nor spaces.
  return /[\s.$]/.test(text)
    ? describePlaceholder(subject, text)
    : `${subject} has ${text}, which the authenticator does not expand; it expands ${knownTemplates.join(", ")}`;
}

/** Whether an input is given. null counts as undefined. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function show(value: unknown): string {
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
}
