import type { Problem } from "../errors";
import { placeholderInArn } from "../text/text";

/** The components of the ARN of an IAM role or user. Only the path and the name keep the given letter case. */
export interface IamArn {
  readonly kind: "role" | "user";
  /** `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, ...; lower case. */
  readonly partition: string;
  /** As given. Without 12 digits, no identity can match, see {@link isAccountId}. */
  readonly account: string;
  /** The path between kind and name with its final slash, such as `eng/ops/`; empty if there is none. */
  readonly path: string;
  readonly name: string;
}

/** Parses the ARN of a role or user; undefined for any other text. */
export function parseIamArn(text: string): IamArn | undefined {
  const [, partition = "", account = "", kind = "", path = "", name] = iamArnPattern.exec(text) ?? [];
  const isRole = kind.toLowerCase() === "role";
  const known = { kind: isRole ? "role" : "user", partition: partition.toLowerCase(), account, path } as const;
  return name === undefined ? undefined : { ...known, name };
}

export function formatArn(arn: IamArn): string {
  return `arn:${arn.partition}:iam::${arn.account}:${arn.kind}/${arn.path}${arn.name}`;
}

/** An ARN with any other account, as in eksctl's examples, never matches. */
export function isAccountId(text: string): boolean {
  return /^\d{12}$/.test(text);
}

/** The ARN of a role or user that a text probably means, without surrounding whitespace, a region or a session. */
export function correctedArn(text: string): string | undefined {
  const [, partition, account, resource = ""] = nearlyArnPattern.exec(text) ?? [];
  const role = resource.replace(/^assumed-role\/([^/]+)(?:\/.*)?$/i, "role/$1");
  const arn = parseIamArn(`arn:${partition}:iam::${account}:${role}`);
  return arn && formatArn(arn);
}

export type ArnProblem = Problem<"notArn" | "placeholder" | "account" | "rolePath", "arn">;

/**
 * Every reason why no identity matches an ARN; empty for the ARN of a role or user that can exist. For an invalid ARN,
 * includes the reasons for the corrected one, so that one round of corrections is enough.
 */
export function arnProblems(text: string): readonly ArnProblem[] {
  const subject = `arn ${JSON.stringify(text)}`;
  const placeholder = placeholderInArn(text);
  const arn = parseIamArn(text);
  const rolePath =
    arn?.kind === "role" && arn.path !== ""
      ? [
          arnProblem(
            "rolePath",
            `${subject} has the role's path, which AWS omits from session ARNs`,
            `write ${JSON.stringify(formatArn({ ...arn, path: "" }))}`,
          ),
        ]
      : [];
  if (placeholder !== undefined) {
    return [arnProblem("placeholder", `${subject} has the placeholder ${placeholder}`, "expand it first"), ...rolePath];
  }
  if (arn === undefined) {
    const corrected = correctedArn(text);
    const account = isAccountId(text) ? ", or use account" : "";
    const remedy = corrected === undefined ? `use ${arnForms}${account}` : `use ${JSON.stringify(corrected)}`;
    const own = arnProblem("notArn", `${subject} is not the ARN of an IAM role or user`, remedy);
    return [own, ...(corrected === undefined ? [] : arnProblems(corrected))];
  }
  return [...(isAccountId(arn.account) ? [] : [accountProblem(subject, arn.account)]), ...rolePath];
}

export function accountProblem(subject: string, account: string): ArnProblem {
  const rule = "which does not have 12 digits, so no identity matches it";
  return arnProblem(
    "account",
    `${subject} has the account ${JSON.stringify(account)}, ${rule}`,
    "use the account's ID",
  );
}

function arnProblem(code: ArnProblem["code"], text: string, remedy: string): ArnProblem {
  return { code, place: "arn", text, remedy };
}

// Letter case is ignored, since the authenticator folds it. A wildcard would be matched literally.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
const iamArnPattern =
  /^arn:(aws(?:-[a-z0-9]+)*):iam::([^:\s*?]*):(role|user)\/((?:[\x21-\x29\x2b-\x3e\x40-\x7e]*\/)?)([A-Za-z0-9_+=,.@-]+)$/i;
const nearlyArnPattern = /^\s*arn:([^:]+):(?:iam|sts):[^:]*:([^:]*):(\S+)\s*$/i;
const arnForms = "arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME";
