import { unescape as decode } from "node:querystring";
import type { ReadResult } from "../identity/clusterAccess";
import { type Fields, fieldsOf, isFields, jsonFields } from "../text/fields";
import { matchesGlob } from "../text/glob";
import { cutShort, quoted } from "../text/text";

export interface TrustedPrincipal {
  /** As in the policy: `*`, an ARN, an account, a service, or a provider of web identities. */
  readonly principal: string;
  /** Why it may be almost anyone, as a clause; absent if it is not. */
  readonly open?: string;
  /** The conditions that restrict it to known callers: `aws:PrincipalOrgID o-a1b2c3d4e5`. If it is denied: all, without their values. */
  readonly conditions: readonly string[];
  /** Whether the statement denies it, which is not evaluated. */
  readonly isDenied?: true;
  /** Whether it is the unique ID of a deleted role or user. */
  readonly isDeleted?: true;
}

/** A principal with its verdict and conditions: `* (anyone)`. At most three values of each condition are shown. */
export const describeTrusted = (one: TrustedPrincipal) => trustedText(one, (text) => cutShort(text.split(", "), 3));

/** A principal with its verdict and all values of its conditions. */
export function trustedText(trusted: TrustedPrincipal, shortened = (text: string) => text): string {
  const { principal, open, conditions, isDenied, isDeleted } = trusted;
  const verdict = isDenied ? "denied" : isDeleted ? "deleted" : open;
  const shown = verdict === undefined ? principal : `${principal} (${shortened(verdict)})`;
  return conditions.length === 0 ? shown : `${shown} with ${conditions.map(shortened).join(" and ")}`;
}

/** Who may assume a role, open principals first. Each statement is judged alone, since IAM allows what any of them allows. */
export function trustedPrincipals(trustPolicy: string, account: string): ReadResult<readonly TrustedPrincipal[]> {
  const text = /^\s*\{/.test(trustPolicy) ? trustPolicy : decode(trustPolicy);
  const statements = itemsOf(jsonFields(text)?.["Statement"]).map(fieldsOf);
  if (statements.length === 0 || !statements.every(isValid)) {
    const isNegated = statements.some(({ NotPrincipal }) => NotPrincipal !== undefined);
    return { unread: `its trust policy ${isNegated ? "has NotPrincipal" : "is not valid"}` };
  }
  const found = statements.filter(coversLogin).flatMap(({ Effect, Principal, Condition }) => {
    const conditions = conditionsIn(Condition);
    const denial = { conditions: conditions.map(({ operator, key }) => `${operator} ${key}`), isDenied: true } as const;
    return Object.entries(isFields(Principal) ? Principal : { AWS: Principal }).flatMap(([kind, values]) =>
      textsIn(values).map((principal): TrustedPrincipal => {
        return { principal, ...(Effect === "Deny" ? denial : verdictOn(kind, principal, conditions, account)) };
      }),
    );
  });
  const distinct = new Map(found.map((one) => [JSON.stringify(one), one])).values();
  return { value: [...distinct].sort((a, b) => Number(b.open !== undefined) - Number(a.open !== undefined)) };
}

/** The items of a value that a policy has alone or in a list. */
function itemsOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value].flat();
}

const textsIn = (value: unknown) => itemsOf(value).map(String);

function isValid({ Effect, Principal, Condition = {}, Action, NotAction }: Fields): boolean {
  const hasPrincipals = isFields(Principal) || Principal === "*";
  const hasConditions = isFields(Condition) && Object.values(Condition).every(isFields);
  return (Effect === "Allow" || Effect === "Deny") && hasPrincipals && hasConditions && !!(Action ?? NotAction);
}

const logins = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];

/** Whether a statement is about an action that returns credentials of the role. */
function coversLogin({ Action, NotAction }: Fields): boolean {
  const isLogin = (pattern: string) => logins.some((login) => matchesGlob(pattern.toLowerCase(), login, "?"));
  return NotAction !== undefined || textsIn(Action).some(isLogin);
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
      return { operator, key, name: key.toLowerCase(), values: textsIn(value) };
    }),
  );
}

/** The keys whose values callers cannot choose. */
const callerKeys = [
  ...["aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceip"],
  ...["aws:sourcevpc", "aws:sourcevpce", "aws:sourceorgid", "aws:sourceaccount"],
];

const externalId = "sts:externalid";

const gitHubClaims = [["sub"], ["repository"], ["repository_id"], ["repository_owner"], ["repository_owner_id"]];

/** Anyone can customize a subject to start with other claims, which contain no owner. */
const gitHubSubject = /^repo(?:sitory(?:_owner)?(?:_id)?)?:[^:/|@]+[:/|@]/;

/** One and two complete segments of a name. */
const [segment, segments] = [/[^:/|@][:/|@]/, /[^:/|@][:/|@]+[^:/|@]+[:/|@]/];

/**
 * The claims that identify a tenant of an issuer, and how such a `sub` starts: all of one list in the first row that matches.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
const tenancyClaims: readonly (readonly [issuer: RegExp, sub: RegExp, ...claims: (readonly string[])[]])[] = [
  [/^(?:api\.pulumi\.com\/oidc|oidc\.vercel\.com\b.*|sandboxes\.cloud)$/, segments, ["aud"], ["sub"]],
  // Their issuers have only one tenant.
  [/^(?:api\.bitbucket\.org\/2\.0\/workspaces\/|oidc\.circleci\.com\/org\/)./, /./, ["sub"], ["aud"]],
  [/^sts\.windows\.net\/33e01921-4d64-4f8c-a055-5bdaffd5e33d\/?$/, segments, ["sts:rolesessionname"]],
  [/^cognito-identity\.amazonaws\.com$/, segments, ["aud", "amr"], ["sub"]],
  [/^www\.amazon\.com$/, segments, ["user_id"]],
  [/^graph\.facebook\.com$/, segments, ["id"]],
  [/^(?:vs)?token\.actions\.githubusercontent\.com\b/, gitHubSubject, ...gitHubClaims],
  [/./, segments, ["sub"]],
];

function verdictOn(kind: string, principal: string, given: readonly Condition[], account: string) {
  const isAnyone = /[*?]/.test(principal);
  const [, whole] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal) ?? [];
  const isWeb = kind === "Federated" && !isAnyone && !principal.includes(":saml-provider/");
  const issuer = principal.replace(/^arn:.*:oidc-provider\//, "").toLowerCase();
  const [, sub = segments, ...claims] = (isWeb && tenancyClaims.find(([pattern]) => pattern.test(issuer))) || [];
  const conditions = given.map((one) => ({ ...one, name: one.name.replace(`${issuer}:`, "") }));
  const unbound = (one: Condition) => one.values.filter((value) => !namesTenant(value, one, sub, whole !== undefined));
  const bound = conditions.filter((one) => isRequired(one) && unbound(one).length === 0);
  const isBound = (key: string) => bound.some(({ name }) => name === key);
  const ways = [...callerKeys, ...(whole === undefined ? [] : [externalId])].map((key) => [key]);
  const binding = [...ways, ...claims].filter((keys) => keys.every(isBound)).flat();
  const found = bound.filter(({ name }) => binding.includes(name)).map(textOf);
  const isOther = whole !== undefined && whole !== account;
  const claim = claims.flat().find((one) => !isBound(one));
  const tried = conditions.filter(({ name, operator }) => name === claim && positive.test(operator)).flatMap(unbound);
  const open = isAnyone ? "anyone" : isOther ? "any identity of that account" : claim && describeUnbound(claim, tried);
  return {
    ...(open !== undefined && found.length === 0 && { open }),
    conditions: found,
    ...(/^A(?:ROA|IDA)[A-Z0-9]+$/.test(principal) && { isDeleted: true as const }),
  };
}

function describeUnbound(claim: string, values: readonly string[]): string {
  const shown = values.map(quoted).join(", ");
  return shown === "" ? `no condition restricts its ${claim}` : `its ${claim} can be ${shown}`;
}

function textOf({ key, name, values }: Condition): string {
  const shown = name.includes(":") ? key : name;
  return name === externalId ? key : `${shown} ${values.join(", ")}`;
}

/** The operators that admit only the values of the policy. */
const positive =
  /^(?:ForAnyValue:|(ForAllValues:))?(?:StringEquals(?:IgnoreCase)?|StringLike|ArnEquals|ArnLike|IpAddress)(IfExists)?$/i;

/** Whether a condition admits only callers with one of its values. */
function isRequired({ operator, name }: Condition): boolean {
  const [isPositive, forAll, ifExists] = positive.exec(operator) ?? [];
  // The last two admit callers without the key, but all web identities have these claims.
  return isPositive !== undefined && ((forAll ?? ifExists) === undefined || name === "sub" || name === "aud");
}

/** @param isAccount whether the principal is an account, so that a condition on a role or user need not repeat it. */
function namesTenant(value: string, { name, operator }: Condition, sub: RegExp, isAccount: boolean): boolean {
  const isArn = /arn/i.test(operator);
  // These variables are the account and the organization of the role itself.
  const text = value.replace(/\$\{aws:Resource(?:Account|OrgID)\}/gi, "0".repeat(12));
  const [start = ""] = text.split(isArn || /like/i.test(operator) ? /[*?]|\$\{/ : /\$\{/);
  const isLiteral = text !== "" && start === text;
  // The end of a text completes its segments.
  const beginning = isLiteral ? `${text}/end/` : start.replace("system:serviceaccount:", "serviceaccount:");
  switch (name) {
    case "sub":
      return sub.test(beginning);
    case "repository":
    case "aws:principalorgpaths":
      return segment.test(beginning);
    case "aws:principalarn":
      // Each part of an ARN is compared on its own, so that a wildcard matches no colon.
      return isAccount
        ? isLiteral || /^[a-z-]+\/[^*?$]/.test(text.split(":")[5] ?? "")
        : /^\d{12}$/.test((isArn ? text : start).split(":")[4] ?? "");
    case "aws:sourceip":
      return isLiteral && !text.endsWith("/0");
    default:
      return isLiteral && text !== "unauthenticated";
  }
}
