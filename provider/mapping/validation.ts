import { describeProblem, type Problem } from "../errors";
import { placeholderIn, placeholderInArn } from "../text/text";
import { arnProblems, formatArn, isAccountId, parseIamArn } from "./arn";
import { contentProblems, knownTemplates, outerWhitespace, unknownTemplates } from "./content";
import { type MappingFields, type ParsedMapping, parseMapping } from "./mapping";

export const duplicatesRefused =
  "noDuplicateARNs: false is not supported, because only the last entry for an ARN takes effect; remove noDuplicateARNs";

export const noPrincipal = {
  code: "combination",
  place: "arn",
  text: "neither arn nor account is set",
  remedy: "set arn to the ARN of an IAM role or user, or set account",
} as const;

type MappingProperty = keyof MappingFields;

/** The result of {@link validateMapping}: problems, and the parsed mapping if there are none. */
export interface ValidatedMapping extends ParsedMapping {
  /** All problems, each on its own property. */
  readonly problems: readonly Problem<string, MappingProperty>[];
  /** Sentences about valid input that is probably a mistake. */
  readonly warnings: readonly string[];
  /** A sentence about a role's path, for a mapping that is stored only in aws-auth. Undefined if the ARN has none. */
  readonly pathWarning: string | undefined;
  /** The normalized fields, without a role's path, repeated groups and absent fields. Unknown and invalid ones are unchanged. */
  readonly fields: MappingFields;
}

/** @param isUnknown whether a value is unknown. Such a value is treated as set, and validated later. */
export function validateMapping(given: MappingFields, isUnknown: (value: unknown) => boolean): ValidatedMapping {
  const { account, username, groups } = given;
  const check = new MappingCheck(isUnknown);
  if (check.isKnown(given.arn)) {
    check.arn(given.arn);
  }
  if (check.isKnown(account)) {
    check.account(account);
  }
  if (check.isKnown(username) && username !== "") {
    check.name("username", "username", username);
  }
  if (check.isKnown(groups)) {
    check.groups(groups);
  }
  check.combination(given);
  check.content(given);
  const { problems, warnings } = check;

  const isValid = (property: MappingProperty) => !problems.some(({ place }) => place === property);
  const path = isValid("arn") && typeof given.arn === "string" ? parseIamArn(given.arn) : undefined;
  const stripped = path && formatArn(path.kind === "role" ? { ...path, path: "" } : path);
  const isWhole = Array.isArray(groups) && !groups.some(isUnknown) && isValid("groups");
  const fields = Object.fromEntries(
    Object.entries({
      arn: stripped ?? given.arn,
      account,
      username: username === "" ? undefined : username,
      // The authenticator does not remove duplicate groups.
      groups: isWhole ? [...new Set(groups)] : groups,
    }).filter(([, value]) => isSet(value)),
  );
  const pathWarning =
    path?.kind === "role" && path.path !== ""
      ? `arn ${show(given.arn)} has the path "${path.path}", which the authenticator never matches; ${show(stripped)} is mapped instead, which also matches roles of that name with other paths`
      : undefined;
  const parsed = problems.length === 0 ? parseMapping(fields, isUnknown) : { mapping: undefined, principal: undefined };
  return { ...parsed, problems, warnings, pathWarning, fields };
}

class MappingCheck {
  readonly problems: Problem<string, MappingProperty>[] = [];
  readonly warnings: string[] = [];
  readonly #isUnknown: (value: unknown) => boolean;

  constructor(isUnknown: (value: unknown) => boolean) {
    this.#isUnknown = isUnknown;
  }

  isKnown(value: unknown): boolean {
    return isSet(value) && !this.#isUnknown(value);
  }

  arn(value: unknown): void {
    if (typeof value === "string") {
      // A role's path is removed, so it is not an error.
      this.problems.push(...arnProblems(value).filter(({ code }) => code !== "rolePath"));
    } else {
      this.#add("type", "arn", `arn ${show(value)} is not a string`, "specify the ARN of an IAM role or user");
    }
  }

  account(value: unknown): void {
    const subject = `account ${show(value)}`;
    const placeholder = typeof value === "string" ? placeholderInArn(value) : undefined;
    if (typeof value === "number" || typeof value === "bigint") {
      const remedy = "put the 12 digits in quotes";
      this.#add("type", "account", `${subject} must be a string, because a number loses leading zeros`, remedy);
    } else if (placeholder !== undefined) {
      this.#add("placeholder", "account", `${subject} has the placeholder ${placeholder}`, "expand it first");
    } else if (typeof value !== "string" || !isAccountId(value)) {
      const remedy = "use 12 digits, without spaces or dashes";
      this.#add("account", "account", `${subject} is not an AWS account ID`, remedy);
    }
  }

  groups(value: unknown): void {
    if (!Array.isArray(value)) {
      const list = typeof value === "string" ? show(value) : "...";
      this.#add("type", "groups", `groups ${show(value)} is not a list`, `write groups: [${list}]`);
      return;
    }
    for (const [index, group] of value.entries()) {
      // An undefined value in the program arrives as null.
      if (!isSet(group)) {
        this.#add("empty", "groups", `groups[${index}] is empty`, "remove it or set a value");
      } else if (group === "") {
        this.#add("empty", "groups", 'group "" is empty', "remove it");
      } else if (!this.#isUnknown(group)) {
        this.name("groups", "group", group);
      }
    }
  }

  name(place: MappingProperty, word: string, value: unknown): void {
    const subject = `${word} ${show(value)}`;
    if (typeof value !== "string") {
      this.#add("type", place, `${subject} is not a string`, "write it in quotes");
      return;
    }
    if (/[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/u.test(value)) {
      this.#add("whitespace", place, `${subject} contains a control character or line break`, "remove it");
    } else if (value.trim() !== value) {
      this.#add("whitespace", place, `${subject} ${outerWhitespace.text}`, outerWhitespace.remedy);
    }
    // The names of the authenticator's templates contain neither dots nor spaces.
    const isPlaceholder = (template: string) => /[\s.$]/.test(template);
    const templates = unknownTemplates(value);
    for (const template of templates.filter((found) => !isPlaceholder(found))) {
      const remedy = `use one of ${knownTemplates.join(", ")}`;
      this.#add("template", place, `${subject} has ${template}, which the authenticator does not expand`, remedy);
    }
    // Double braces are the authenticator's syntax.
    const placeholder = templates.find(isPlaceholder) ?? placeholderIn(value.replace(/\{\{[^{}]*\}\}/g, ""));
    if (placeholder !== undefined) {
      this.#add("placeholder", place, `${subject} has the placeholder ${placeholder}`, "expand it first");
    }
  }

  /** Checks the combination of fields. Invalid and unknown fields are treated as set, so that no problem is reported twice. */
  combination({ arn, account, username, groups }: MappingFields): void {
    const hasUsername = isSet(username) && username !== "";
    const hasGroups = isSet(groups) && !(Array.isArray(groups) && groups.length === 0);
    if (!isSet(account)) {
      if (!isSet(arn)) {
        this.problems.push(noPrincipal);
      } else if (!hasUsername && !hasGroups) {
        const subject = this.#isUnknown(arn) ? "this mapping" : `arn ${show(arn)}`;
        const remedy = "set username, groups or both";
        this.#add("combination", "username", `neither username nor groups is set for ${subject}`, remedy);
      }
      return;
    }
    const subject = `account ${this.#isUnknown(account) ? "" : `${show(account)} `}cannot be combined with`;
    if (isSet(arn)) {
      this.#add("combination", "account", `${subject} arn`, "set either arn or account");
      return;
    }
    const rule = "in an account mapping, each identity has its ARN as username and no groups";
    const given = { username: hasUsername, groups: hasGroups };
    for (const property of (["username", "groups"] as const).filter((name) => given[name])) {
      this.#add("combination", property, `${subject} ${property}: ${rule}`, `remove ${property}`);
    }
  }

  /** Reports likely mistakes. A mapping whose logins the authenticator always refuses is an error, others are warnings. */
  content({ arn, account, username, groups }: MappingFields): void {
    if (isSet(account)) {
      return;
    }
    const textOf = (value: unknown) => (typeof value === "string" && !this.#isUnknown(value) ? value : undefined);
    const found = contentProblems({
      arn: textOf(arn),
      username: isSet(username) ? textOf(username) : "",
      groups: (Array.isArray(groups) ? groups : []).flatMap((group) => textOf(group) ?? []),
    });
    this.problems.push(...found.filter(({ code }) => code === "node-template"));
    const isNew = ({ text }: Problem) => !this.problems.some((problem) => problem.text === text);
    this.warnings.push(...found.filter(isNew).map(describeProblem));
  }

  #add(code: string, place: MappingProperty, text: string, remedy: string): void {
    this.problems.push({ code, place, text, remedy });
  }
}

/** Whether an input is set; null is treated as undefined. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function show(value: unknown): string {
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
}
