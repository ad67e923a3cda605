import type { HttpResponse } from "../aws/responses.ts";
import { authorizeIam, type Permissions } from "./authorization.ts";
import { AwsError } from "./awsError.ts";
import { type Principal, type Principals, parsePrincipalArn } from "./principals.ts";

/**
 * GetRole, GetUser, ListRoles and ListUsers of IAM in its query protocol: botocore, data/iam/2010-05-08/service-2.json. Each account
 * has its own names, and a name is without the path.
 */
export function answerIamCall(
  parameters: Readonly<Record<string, string>>,
  caller: string,
  principals: Principals,
  permissions: Permissions,
): HttpResponse {
  const { Action = "", Version = "" } = parameters;
  const [, verb, noun] = /^(Get|List)(Role|User)s?$/.exec(Action) ?? [];
  if (Version !== "2010-05-08" || Action !== `${verb}${noun}${verb === "List" ? "s" : ""}`) {
    throw new AwsError("InvalidAction", 400, `Could not find operation ${Action} for version ${Version}`);
  }
  const account = caller.split(":")[4] ?? "";
  const kind = noun === "Role" ? "role" : "user";
  const ask = { account, kind, caller, permissions, principals } as const;
  const result = verb === "Get" ? get(parameters, ask) : list(parameters, ask);
  return xml(200, `${Action}Response`, `<${Action}Result>${result}</${Action}Result>${metadata}`);
}

/** Who asks for what. */
interface Ask {
  readonly account: string;
  readonly kind: Principal["kind"];
  readonly caller: string;
  readonly permissions: Permissions;
  readonly principals: Principals;
}

function get({ Action = "", RoleName, UserName }: Readonly<Record<string, string>>, ask: Ask): string {
  const { account, kind, caller, permissions, principals } = ask;
  // GetUser without a name is about the caller.
  const name = kind === "role" ? RoleName : (UserName ?? parsePrincipalArn(caller)?.name);
  const field = kind === "role" ? "roleName" : "userName";
  if (name === undefined || name === "") {
    throw invalid(`Value null at '${field}' failed to satisfy constraint: Member must not be null`);
  }
  // A path in the place of a name is a usual mistake.
  if (!/^[\w+=,.@-]+$/.test(name)) {
    const message = `The specified value for ${field} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
    throw new AwsError("ValidationError", 400, message);
  }
  authorizeIam(Action, `${kind} ${name}`, caller, permissions);
  return describe(principals.get(account, kind, name));
}

/** The most that a page has, which is also what AWS has by default. */
const pageSizes = { most: 1000, usual: 100 };

/**
 * A page of the list, without what only GetRole tells, such as tags. "IAM might return fewer than the MaxItems number of results", so
 * that IsTruncated alone says whether it goes on; `mostOnPage` makes it do so.
 */
function list({ Action = "", MaxItems, Marker, PathPrefix = "/" }: Readonly<Record<string, string>>, ask: Ask): string {
  const { account, kind, caller, permissions, principals } = ask;
  const asked = MaxItems ?? String(pageSizes.usual);
  const most = Number(asked);
  if (!/^\d+$/.test(asked) || most < 1 || most > pageSizes.most) {
    const rule = most < 1 ? "greater than or equal to 1" : `less than or equal to ${pageSizes.most}`;
    throw invalid(`Value '${asked}' at 'maxItems' failed to satisfy constraint: Member must have value ${rule}`);
  }
  // Seen of ListUsers: "...is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::ACCOUNT:user/".
  authorizeIam(Action, `arn:aws:iam::${account}:${kind}${PathPrefix}`, caller, permissions);
  const { after } = Marker === undefined ? { after: "" } : afterMarker(Marker, Action);
  const rest = principals
    .of(account, kind)
    .filter(({ path, name }) => path.startsWith(PathPrefix) && name > after)
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const page = rest.slice(0, Math.min(most, principals.mostOnPage));
  const last = page.at(-1);
  const isTruncated = last !== undefined && rest.length > page.length;
  const marker = isTruncated ? `<Marker>${markerOf(Action, last.name)}</Marker>` : "";
  const members = page.map((principal) => `<member>${fieldsOf(principal)}</member>`).join("");
  const label = kind === "role" ? "Roles" : "Users";
  return `<IsTruncated>${isTruncated}</IsTruncated><${label}>${members}</${label}>${marker}`;
}

function markerOf(action: string, after: string): string {
  return Buffer.from(JSON.stringify({ action, after })).toString("base64");
}

/** A marker is for the list that gave it alone. */
function afterMarker(marker: string, action: string): { readonly after: string } {
  try {
    const parsed: { action?: unknown; after?: unknown } = JSON.parse(Buffer.from(marker, "base64").toString());
    if (parsed.action === action && typeof parsed.after === "string") {
      return { after: parsed.after };
    }
  } catch {
    // Not a marker of ours.
  }
  throw new AwsError("ValidationError", 400, "Invalid Marker."); // [inferred]
}

function invalid(found: string): AwsError {
  return new AwsError("ValidationError", 400, `1 validation error detected: ${found}`);
}

/** An error of IAM. */
export function iamFailure({ code, status, message }: AwsError): HttpResponse {
  const type = status < 500 ? "Sender" : "Receiver";
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
  return xml(status, "ErrorResponse", `${error}<RequestId>${requestId}</RequestId>`);
}

function describe(principal: Principal): string {
  const label = principal.kind === "role" ? "Role" : "User";
  return `<${label}>${fieldsOf(principal)}</${label}>`;
}

function fieldsOf({ kind, path, name, uniqueId, arn, createDate }: Principal): string {
  const label = kind === "role" ? "Role" : "User";
  const date = new Date(createDate).toISOString().replace(/\.\d+Z$/, "Z");
  const common = `<Path>${path}</Path><${label}Name>${name}</${label}Name><${label}Id>${uniqueId}</${label}Id><Arn>${arn}</Arn><CreateDate>${date}</CreateDate>`;
  const policy = encodeURIComponent('{"Version":"2012-10-17","Statement":[]}');
  const role = `<AssumeRolePolicyDocument>${policy}</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration>`;
  return `${common}${kind === "role" ? role : ""}`;
}

const requestId = "00000000-0000-4000-8000-000000000000";
const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;

function xml(status: number, element: string, content: string): HttpResponse {
  const body = `<${element} xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${content}</${element}>`;
  return { status, headers: { "content-type": "text/xml", "x-amzn-requestid": requestId }, body };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
