import { describePlaceholder, placeholderIn, placeholderInArn } from "../placeholder";
import { closestOf } from "../text";
import { formatArn, hasAccountId, type IamArn, parseIamArn, withoutPath } from "./arn";
import { type MappingFields, type ParsedMapping, parseMapping } from "./mapping";

/** The templates that the authenticator fills in, in usernames and groups; spelt exactly so, without spaces. */
export const knownTemplates = [
  "{{EC2PrivateDNSName}}",
  "{{AccountID}}",
  "{{SessionName}}",
  "{{SessionNameRaw}}",
  "{{AccessKeyID}}",
] as const;

/** A `{{...}}` that the authenticator would leave as it stands. */
export interface UnknownTemplate {
  /** As written, braces included. */
  readonly text: string;
  /** The known template that was probably meant. */
  readonly suggestion: string | undefined;
}

/** Finds every `{{...}}` in a username or group that is no known template, unclosed ones included. */
export function unknownTemplates(text: string): UnknownTemplate[] {
  const found = text.match(/\{\{(?!\{)[^{}]*\}{0,2}/g) ?? [];
  return found
    .filter((template) => !knownTemplates.some((known) => known === template))
    .map((template) => ({ text: template, suggestion: nearestTemplate(template) }));
}

/** Case, spaces and braces are what is most often wrong, and say nothing about which template is meant. */
function nearestTemplate(template: string): string | undefined {
  const nearest = closestOf(letters(template), knownTemplates.map(letters));
  return knownTemplates.find((known) => letters(known) === nearest);
}

function letters(template: string): string {
  return template.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** A problem of one field, in the form of a Pulumi check failure. */
export interface FieldProblem {
  /** The field with the error. */
  readonly property: keyof MappingFields;
  /** One sentence: subject, quoted value, rule, remedy. */
  readonly reason: string;
}

/** What {@link validateMapping} finds, and what the fields say where it finds no problem. */
export interface ValidatedMapping extends ParsedMapping {
  /** Every problem, each on its own field. */
  readonly problems: readonly FieldProblem[];
  /** Sentences about what is accepted but probably not meant. */
  readonly warnings: readonly string[];
  /** The fields to keep: a role's path stripped, repeated groups and absent fields dropped; unknown and invalid ones as given. */
  readonly fields: MappingFields;
}

/**
 * Checks the fields of one mapping without looking at a cluster.
 *
 * @param isUnknown tells a value that is only known once something else is created; it counts as given, and is checked later.
 */
export function validateMapping(given: MappingFields, isUnknown: (value: unknown) => boolean): ValidatedMapping {
  const check = new FieldCheck(isUnknown);
  const arn = check.arn(given.arn);
  check.account(given.account);
  check.username(given.username);
  const groups = check.groups(given.groups);
  check.combination(given);

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
  return { ...said, problems: check.problems, warnings: check.warnings, fields };
}

/** Collects the problems of one mapping's fields; each method returns the field's value when it is sound. */
class FieldCheck {
  readonly problems: FieldProblem[] = [];
  readonly warnings: string[] = [];
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
    const placeholder = placeholderInArn(value);
    if (placeholder !== undefined) {
      return this.problem("arn", describePlaceholder(`arn ${show(value)}`, placeholder));
    }
    const arn = parseIamArn(value);
    if (arn.kind === "invalid") {
      return this.problem("arn", arn.reason);
    }
    if (!hasAccountId(arn)) {
      this.warnings.push(
        `arn ${show(value)} has the account "${arn.account}", which is not 12 digits, so nobody can match it; use the account's ID`,
      );
    }
    if (arn.kind === "user" || arn.path === "") {
      return arn;
    }
    const stripped = withoutPath(arn);
    this.warnings.push(
      `arn ${show(value)} has the path "${arn.path}", which the authenticator never matches; ${show(formatArn(stripped))} is mapped instead, as is every role of that name in another path`,
    );
    return stripped;
  }

  account(value: unknown): void {
    if (!this.isKnown(value)) {
      return;
    }
    if (typeof value === "number" || typeof value === "bigint") {
      this.problem(
        "account",
        `account ${value} is a number, which loses leading zeros; write it in quotes, as a string of 12 digits`,
      );
    } else if (typeof value !== "string" || !/^\d{12}$/.test(value)) {
      const subject = `account ${show(value)}`;
      const placeholder = typeof value === "string" ? placeholderInArn(value) : undefined;
      this.problem(
        "account",
        placeholder === undefined
          ? `${subject} is not an AWS account ID; give a string of 12 digits, without spaces or dashes`
          : describePlaceholder(subject, placeholder),
      );
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
      return this.problem(
        "groups",
        `groups ${show(value)} is not a list; write groups: [${typeof value === "string" ? show(value) : "..."}]`,
      );
    }
    const sound = value.filter((group: unknown, index) => this.isKnown(group, true) && this.isSoundGroup(group, index));
    if (sound.length < value.length) {
      return undefined;
    }
    // A set: the authenticator would hand a repeated group on twice.
    return [...new Set<string>(sound)];
  }

  /** Which fields go together. What is invalid or unknown counts as given, so that no problem is a mere echo of another. */
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
      this.problem("arn", "neither arn nor account is set; give the ARN of an IAM role or user, or an account");
      return;
    }
    if (!hasUsername && !hasGroups) {
      const subject = this.isUnknown(given.arn) ? "this mapping" : `arn ${show(given.arn)}`;
      this.problem("username", `neither username nor groups are set for ${subject}; set username, groups or both`);
    }
  }

  private isSoundGroup(group: unknown, index: number): group is string {
    // A program's undefined gets here as null.
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
      this.problem(property, `${subject} has whitespace around it, which Kubernetes would compare; remove it`);
    }
    for (const template of unknownTemplates(text)) {
      this.problem(property, describeTemplate(subject, template));
    }
    // Braces are the authenticator's, and those that it does not know have been told.
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

function describeTemplate(subject: string, { text, suggestion }: UnknownTemplate): string {
  // Neither a dot nor a space is in the name of a template of the authenticator.
  if (suggestion === undefined && /[\s.$]/.test(text)) {
    return describePlaceholder(subject, text);
  }
  const remedy = suggestion === undefined ? `it knows ${knownTemplates.join(", ")}` : `did you mean ${suggestion}?`;
  return `${subject} has ${text}, which the authenticator does not fill in; ${remedy}`;
}

/** Whether an input is given; null is as good as undefined. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function show(value: unknown): string {
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
}
