import { unescape as decode } from "node:querystring";
import type { ReadResult } from "../identity/clusterAccess";
import { type Fields, fieldsOf, isFields, jsonFields } from "../text/fields";
import { cutShort, escapeRegExp, quoted } from "../text/text";

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

/** A principal with its verdict and conditions: `* (anyone)`. */
export function describeTrusted({ principal, open, conditions, isDenied, isDeleted }: TrustedPrincipal): string {
  const verdict = isDenied ? "denied" : isDeleted ? "deleted" : open;
  const shown = verdict === undefined ? principal : `${principal} (${verdict})`;
  return conditions.length === 0 ? shown : `${shown} with ${conditions.join(" and ")}`;
}

/**
 * Who may assume a role, open principals first. Each statement is judged alone, since IAM allows what any of them allows.
 *
 * @param trustPolicy JSON, which IAM encodes like a URL.
 * @param account the account of the role.
 */
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

const logins = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"];

/** Whether a statement is about an action that returns credentials of the role. */
function coversLogin({ Action, NotAction }: Fields): boolean {
  const patterns = textsIn(Action).map((action) => {
    return new RegExp(`^${escapeRegExp(action).replaceAll("\\*", ".*").replaceAll("\\?", ".")}$`, "i");
  });
  return NotAction !== undefined || patterns.some((pattern) => logins.some((action) => pattern.test(action)));
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

const gitHubClaims = ["repository", "repository_id", "repository_owner", "repository_owner_id", "job_workflow_ref"];

/**
 * The claims that name a tenant of an issuer: all of one of the lists in the first row that matches.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
 */
const tenancyClaims: readonly (readonly [issuer: RegExp, ...claims: (readonly string[])[]])[] = [
  [/^(?:api\.pulumi\.com\/oidc|oidc\.vercel\.com\b.*|sandboxes\.cloud)$/, ["aud"], ["sub"]],
  [/^sts\.windows\.net\/33e01921-4d64-4f8c-a055-5bdaffd5e33d\/?$/, ["sts:rolesessionname"]],
  [/^cognito-identity\.amazonaws\.com$/, ["aud", "amr"], ["sub"]],
  [/^www\.amazon\.com$/, ["user_id"]],
  [/^graph\.facebook\.com$/, ["id"]],
  [/^(?:vs)?token\.actions\.githubusercontent\.com\b/, ["sub"], ...gitHubClaims.map((claim) => [claim])],
  [/./, ["sub"]],
];

function verdictOn(kind: string, principal: string, given: readonly Condition[], account: string) {
  const isAnyone = /[*?]/.test(principal);
  const [, whole] = /^(?:arn:[^:]+:iam::)?(\d{12})(?::root)?$/.exec(principal) ?? [];
  const isWeb = kind === "Federated" && !isAnyone && !principal.includes(":saml-provider/");
  const issuer = principal.replace(/^arn:.*:oidc-provider\//, "").toLowerCase();
  const [, ...claims] = (isWeb && tenancyClaims.find(([pattern]) => pattern.test(issuer))) || [];
  const conditions = given.map((one) => ({ ...one, name: one.name.replace(`${issuer}:`, "") }));
  const bound = conditions.filter(binds);
  const isBound = (key: string) => bound.some(({ name }) => name === key);
  const ways = [...callerKeys, ...(whole === undefined ? [] : [externalId])].map((key) => [key]);
  const binding = [...ways, ...claims].filter((keys) => keys.every(isBound)).flat();
  const found = bound.filter(({ name }) => binding.includes(name)).map(textOf);
  const isOther = whole !== undefined && whole !== account;
  const claim = claims.flat().find((one) => !isBound(one));
  const open = isAnyone ? "anyone" : isOther ? "a whole other account" : claim && describeUnbound(claim, conditions);
  return {
    ...(open !== undefined && found.length === 0 && { open }),
    conditions: found,
    ...(/^A(?:ROA|IDA)[A-Z0-9]+$/.test(principal) && { isDeleted: true as const }),
  };
}

function describeUnbound(claim: string, conditions: readonly Condition[]): string {
  const tried = conditions.filter(({ name, operator }) => name === claim && positive.test(operator));
  const values = tried.flatMap((one) => one.values.map(quoted));
  return values.length > 0 ? `its ${claim} may be ${cutShort(values, 3)}` : `no condition binds its ${claim}`;
}

function textOf({ key, name, values }: Condition): string {
  const shown = name.includes(":") ? key : name;
  return name === externalId ? key : `${shown} ${values.join(" or ")}`;
}

/** The operators that admit only the values of the policy. */
const positive =
  /^(?:ForAnyValue:|(ForAllValues:))?(?:StringEquals(?:IgnoreCase)?|StringLike|ArnEquals|ArnLike|IpAddress)(IfExists)?$/i;

/** Whether a condition admits only values of known tenants. */
function binds({ operator, name, values }: Condition): boolean {
  const [isPositive, forAll, ifExists] = positive.exec(operator) ?? [];
  // The last two admit callers without the key, but all web identities have these claims.
  const isPresent = (forAll ?? ifExists) === undefined || name === "sub" || name === "aud";
  return isPositive !== undefined && isPresent && values.every((value) => namesTenant(name, value, operator));
}

function namesTenant(name: string, value: string, operator: string): boolean {
  const isArn = /arn/i.test(operator);
  // These variables are the account and the organization of the role itself.
  const text = value.replace(/\$\{aws:Resource(?:Account|OrgID)\}/gi, "0".repeat(12));
  const [start = ""] = text.split(isArn || /like/i.test(operator) ? /[*?]|\$\{/ : /\$\{/);
  const isLiteral = text !== "" && start === text;
  const complete = start.replace("system:serviceaccount:", "serviceaccount:").split(/[:/|]/).slice(0, -1);
  const segments = complete.filter((segment) => segment !== "").length;
  switch (name) {
    case "sub":
      return isLiteral || segments >= 2;
    case "repository":
    case "job_workflow_ref":
    case "aws:principalorgpaths":
      return isLiteral || segments >= 1;
    case "aws:principalarn":
      // Each part of an ARN is compared on its own, so that a wildcard matches no colon.
      return /^\d{12}$/.test((isArn ? text : start).split(":")[4] ?? "");
    case "aws:sourceip":
      return isLiteral && !text.endsWith("/0");
    default:
      return isLiteral && text !== "unauthenticated";
  }
}
