import type { ReadResult } from "../identity/clusterAccess";
import { type Fields, fieldsOf, isFields, jsonFields } from "../text/fields";
import { cutShort, escapeRegExp, quoted } from "../text/text";

/** A principal of a trust policy. */
export interface TrustedPrincipal {
  /** As in the policy: `*`, an ARN, an account, a service, or a provider of web identities. */
  readonly principal: string;
  /** Why it may be almost anyone, as a clause; absent if it is not. */
  readonly open?: string;
  /** The conditions that restrict it to known callers, such as `aws:PrincipalOrgID o-a1b2c3d4e5`; of a denied one all, without values. */
  readonly conditions?: readonly string[];
  /** Whether the statement denies it. What that takes from other statements is not evaluated. */
  readonly isDenied?: true;
  /** Whether it is the ID that is left of a deleted role or user. */
  readonly isDeleted?: true;
}

/** A principal with its verdict and conditions: `* (anyone)`. */
export function describeTrusted({ principal, open, conditions = [], isDenied, isDeleted }: TrustedPrincipal): string {
  const verdict = isDenied ? "denied" : isDeleted ? "deleted" : open;
  const shown = verdict === undefined ? principal : `${principal} (${verdict})`;
  return conditions.length === 0 ? shown : `${shown} with ${conditions.join(" and ")}`;
}

/**
 * Who may assume a role, open principals first. Each statement is judged alone, since IAM allows what any of them allows.
 *
 * @param trustPolicy JSON, which IAM encodes like a URL.
 * @param account the account of the role.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
export function trustedPrincipals(trustPolicy: string, account: string): ReadResult<readonly TrustedPrincipal[]> {
  const statements = itemsOf(jsonFields(decoded(trustPolicy))?.["Statement"]);
  if (statements.some((statement) => fieldsOf(statement)["NotPrincipal"] !== undefined)) {
    return { unread: "it has NotPrincipal" };
  }
  if (statements.length === 0 || !statements.every(isStatement)) {
    return { unread: "it is not a valid trust policy" };
  }
  const found = statements.filter(coversLogin).flatMap(({ Effect, Principal, Condition }) => {
    const conditions = conditionsIn(Condition);
    return principalsIn(Principal).map(({ kind, principal }): TrustedPrincipal => {
      if (Effect === "Deny") {
        return {
          principal,
          isDenied: true,
          ...restrictedBy(conditions.map(({ operator, key }) => `${operator} ${key}`)),
        };
      }
      return { principal, ...verdictOn(kind, principal, conditions, account) };
    });
  });
  const distinct = new Map(found.map((one) => [JSON.stringify(one), one])).values();
  return { value: [...distinct].sort((a, b) => Number(b.open !== undefined) - Number(a.open !== undefined)) };
}

function decoded(text: string): string {
  try {
    return /^\s*\{/.test(text) ? text : decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** The items of a value that IAM takes alone or in a list. */
function itemsOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value].flat();
}

function isStatement(statement: unknown): statement is Fields {
  const { Effect, Principal, Condition = {}, Action, NotAction } = fieldsOf(statement);
  const hasPrincipals = isFields(Principal) || Principal === "*";
  const hasConditions = isFields(Condition) && Object.values(Condition).every(isFields);
  return (Effect === "Allow" || Effect === "Deny") && hasPrincipals && hasConditions && !!(Action ?? NotAction);
}

const logins = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/** Whether a statement is about an action that returns credentials of the role. */
function coversLogin({ Action, NotAction }: Fields): boolean {
  const patterns = itemsOf(Action).map((action) => {
    return new RegExp(`^${escapeRegExp(String(action)).replaceAll("\\*", ".*").replaceAll("\\?", ".")}$`, "i");
  });
  return NotAction !== undefined || patterns.some((pattern) => logins.some((action) => pattern.test(action)));
}

function principalsIn(principal: unknown) {
  const kinds = isFields(principal) ? Object.entries(principal) : [["AWS", principal] as const];
  return kinds.flatMap(([kind, values]) => itemsOf(values).map((value) => ({ kind, principal: String(value) })));
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  /** The key in lower case, without the issuer of web identities. */
  readonly name: string;
  readonly values: readonly string[];
}

function conditionsIn(condition: unknown): readonly Condition[] {
  return Object.entries(fieldsOf(condition)).flatMap(([operator, keys]) =>
    Object.entries(fieldsOf(keys)).map(([key, value]) => {
      return { operator, key, name: key.toLowerCase(), values: itemsOf(value).map(String) };
    }),
  );
}

type Verdict = Omit<TrustedPrincipal, "principal">;

function restrictedBy(conditions: readonly string[]): Verdict {
  return conditions.length === 0 ? {} : { conditions };
}

function verdictOn(kind: string, principal: string, conditions: readonly Condition[], account: string): Verdict {
  if (/^A(?:ROA|IDA)[A-Z0-9]+$/.test(principal)) {
    return { isDeleted: true };
  }
  const isAnyone = /[*?]/.test(principal);
  if (kind === "Federated" && !isAnyone && !principal.includes(":saml-provider/")) {
    return verdictOnIssuer(principal.replace(/^arn:.*:oidc-provider\//, "").toLowerCase(), conditions);
  }
  const [, whole] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal) ?? [];
  const open = isAnyone ? "anyone" : whole === undefined || whole === account ? undefined : "a whole other account";
  const rules = whole === undefined ? callerRules : accountRules;
  const found = conditions.filter((one) => binds(one, rules[one.name])).map(textOf);
  return found.length > 0 || open === undefined ? restrictedBy(found) : { open };
}

/** A web identity is known if its claims bind it to a tenant of the issuer. */
function verdictOnIssuer(issuer: string, conditions: readonly Condition[]): Verdict {
  const own = conditions.map((one) => {
    return one.name.startsWith(`${issuer}:`) ? { ...one, name: one.name.slice(issuer.length + 1) } : one;
  });
  const on = (claim: string) => own.filter(({ name }) => name === claim.toLowerCase());
  const bound = (claim: string) => on(claim).filter((one) => binds(one, claimRules[claim] ?? isLiteral));
  const [, ...ways] = tenancyClaims.find(([pattern]) => pattern.test(issuer)) ?? [undefined, ["sub"]];
  const claims = ways.find((way) => way.every((claim) => bound(claim).length > 0)) ?? [];
  const found = [...claims.flatMap(bound), ...own.filter((one) => binds(one, callerRules[one.name]))];
  if (found.length > 0) {
    return restrictedBy(found.map(textOf));
  }
  const [claim = ""] = ways.flatMap((way) => way.find((one) => bound(one).length === 0) ?? []);
  const values = on(claim).flatMap((one) => (positive.test(one.operator) ? one.values.map(quoted) : []));
  return {
    open: values.length === 0 ? `no condition binds its ${claim}` : `its ${claim} may be ${cutShort(values, 3)}`,
  };
}

function textOf({ key, name, values }: Condition): string {
  return name === externalId ? key : `${key} ${values.join(" or ")}`;
}

/** The operators that allow only the values of the policy. */
const positive =
  /^(?:ForAnyValue:|(ForAllValues:))?(?:StringEquals(?:IgnoreCase)?|StringLike|ArnEquals|ArnLike|IpAddress)(IfExists)?$/i;

/** Whether a condition admits only values that outsiders do not have. */
function binds({ operator, name, values }: Condition, rule: Rule | undefined): boolean {
  const [isPositive, forAll, ifExists] = positive.exec(operator) ?? [];
  // These admit callers without the key, but all web identities have these claims.
  const isPresent = (forAll ?? ifExists) === undefined || name === "sub" || name === "aud";
  return (
    isPositive !== undefined &&
    isPresent &&
    rule !== undefined &&
    values.every((value) => rule(valueIn(operator, value)))
  );
}

/** A value of a condition. */
interface Value {
  readonly text: string;
  /** The text before the first wildcard or variable. */
  readonly start: string;
  /** Whether each part of the ARN is compared on its own, so that a wildcard matches no colon. */
  readonly isArn: boolean;
}

type Rule = (value: Value) => boolean;

function valueIn(operator: string, value: string): Value {
  // These are the account and the organization of the role itself.
  const text = value.replace(/\$\{aws:Resource(?:Account|OrgID)\}/gi, "0".repeat(12));
  const end = text.search(/like|arn/i.test(operator) ? /[*?]|\$\{/ : /\$\{/);
  return { text, start: end < 0 ? text : text.slice(0, end), isArn: /arn/i.test(operator) };
}

const isLiteral: Rule = ({ text, start }) => text !== "" && start === text;

/** A pattern that begins with so many complete segments that they name the tenant. */
function namesTenant(segments: number): Rule {
  return (value) => {
    const [, ...complete] = value.start
      .replace("system:serviceaccount:", "serviceaccount:")
      .split(/[:/|]/)
      .toReversed();
    return isLiteral(value) || complete.filter((segment) => segment !== "").length >= segments;
  };
}

const externalId = "sts:externalid";

/** The keys whose values callers cannot choose. */
const callerRules: Readonly<Record<string, Rule>> = {
  "aws:principalorgid": isLiteral,
  "aws:principalorgpaths": namesTenant(1),
  "aws:principalaccount": isLiteral,
  "aws:principalarn": ({ text, start, isArn }) => /^\d{12}$/.test((isArn ? text : start).split(":")[4] ?? ""),
  "aws:sourceip": (value) => isLiteral(value) && !value.text.endsWith("/0"),
  "aws:sourcevpc": isLiteral,
  "aws:sourcevpce": isLiteral,
  "aws:sourceorgid": isLiteral,
  "aws:sourceaccount": isLiteral,
};

/** The same for a whole account, which its own number does not narrow. An external ID shows that the account was asked to assume the role. */
const accountRules: typeof callerRules = {
  ...callerRules,
  "aws:principalaccount": () => false,
  "aws:principalarn": ({ text }) => /^(?:[^:]*:){5}[\w-]+\/[^*?$]/.test(text),
  [externalId]: isLiteral,
};

/** The claims that have other values than literal ones, or some that do not bind. */
const claimRules: Readonly<Record<string, Rule>> = {
  sub: namesTenant(2),
  repository: namesTenant(1),
  job_workflow_ref: namesTenant(1),
  amr: (value) => isLiteral(value) && value.text !== "unauthenticated",
};

const gitHubClaims = [
  "sub",
  "repository_owner_id",
  "repository_owner",
  "repository_id",
  "repository",
  "job_workflow_ref",
];

/** The claims that name the tenant of an issuer, where it is not `sub`: those of any of these lists. */
const tenancyClaims: readonly (readonly [issuer: RegExp, ...ways: (readonly string[])[]])[] = [
  [/^(?:api\.pulumi\.com\/oidc|oidc\.vercel\.com\b.*|sandboxes\.cloud)$/, ["aud"], ["sub"]],
  [/^sts\.windows\.net\/33e01921-4d64-4f8c-a055-5bdaffd5e33d\/?$/, ["sts:RoleSessionName"]],
  [/^cognito-identity\.amazonaws\.com$/, ["aud", "amr"], ["sub"]],
  [/^www\.amazon\.com$/, ["user_id"]],
  [/^graph\.facebook\.com$/, ["id"]],
  [/^(?:token|vstoken)\.actions\.githubusercontent\.com\b/, ...gitHubClaims.map((claim) => [claim])],
];
