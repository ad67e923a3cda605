import type { AwsAuthDocument, Entry } from "../document";
import { escapeRegExp } from "../text";
import { type CallerIdentity, entryMismatches } from "./callerIdentity";
import { resolveIdentity } from "./resolve";

/** A name that a login gives; a pattern where a part of it depends on the session. */
export type LoginName = string | RegExp;

/** What one login of an identity may come out as. */
export interface Login {
  /** The entry that counts; undefined: the login is refused, since no entry does. */
  readonly entry: Entry | undefined;
  /** The Kubernetes user; undefined: the login is refused. */
  readonly user: { readonly username: LoginName; readonly groups: readonly LoginName[] } | undefined;
}

/**
 * What the logins of an identity may come out as: several where which entry counts is random, or depends on the authenticator's feature
 * gate SSORoleMatch, which nobody sees from outside.
 */
export function loginsOf(document: AwsAuthDocument, identity: CallerIdentity): readonly Login[] {
  if (entryMismatches(identity.arn).length > 0) {
    // The authenticator compares any ARN, but no caller can have this one.
    return [{ entry: undefined, user: undefined }];
  }
  const entries = [true, false].flatMap((ssoRoleMatch): (Entry | undefined)[] => {
    const { candidates } = resolveIdentity(document, identity, { ssoRoleMatch });
    return candidates.length === 0 ? [undefined] : [...candidates];
  });
  return [...new Set(entries)].map((entry) => ({ entry, user: entry && userOf(entry, identity) }));
}

/** The user that an entry makes of an identity, templates filled in as far as the ARN tells what with. */
function userOf(entry: Entry, identity: CallerIdentity): Login["user"] {
  if (entry.key === "mapAccounts") {
    return { username: identity.arn, groups: [] };
  }
  const { username, groups } = entry;
  const isNode = [username, ...groups].some((text) => text.includes("{{EC2PrivateDNSName}}"));
  const session = sessionOf(identity);
  if (isNode && session !== undefined && !instanceId.test(session)) {
    return undefined;
  }
  const fill = (text: string) => fillIn(text, identity.account, session);
  return { username: fill(username), groups: groups.map(fill) };
}

/** The name of the session; undefined where the ARN is the role's, which may have any. */
function sessionOf({ kind, name, sessionName }: CallerIdentity): string | undefined {
  if (kind === "role") {
    return sessionName;
  }
  return kind === "federatedUser" ? name : "";
}

/** The authenticator fills in one kind of template after another; nothing that it puts in has braces. */
function fillIn(text: string, account: string, session: string | undefined): LoginName {
  const known = [
    ["{{AccountID}}", account],
    ["{{SessionName}}", session?.replaceAll("@", "-")],
    ["{{SessionNameRaw}}", session],
  ] as const;
  const filled = known.reduce((rest, [template, value]) => {
    return value === undefined ? rest : rest.split(template).join(value);
  }, text);
  const pieces = filled.split(/(\{\{(?:EC2PrivateDNSName|SessionName|SessionNameRaw|AccessKeyID)\}\})/);
  if (pieces.length === 1) {
    return filled;
  }
  // Every second piece is a template. It stands for the same string each time; to try a pattern of many that are free takes ages.
  const pattern = pieces.map((piece, index) => {
    if (index % 2 === 0) {
      return escapeRegExp(piece);
    }
    const group = piece.slice(2, -2);
    if (pieces.indexOf(piece) < index) {
      return `\\k<${group}>`;
    }
    return pieces.lastIndexOf(piece) > index ? `(?<${group}>${parts[piece]})` : parts[piece];
  });
  return new RegExp(`^${pattern.join("")}$`, "s");
}

/** What may stand in place of a template, by AWS's rules for the names of sessions, hosts and keys. */
const parts: Readonly<Record<string, string>> = {
  "{{EC2PrivateDNSName}}": "[\\w.-]+",
  "{{SessionName}}": "[\\w+=,.-]{2,64}",
  "{{SessionNameRaw}}": "[\\w+=,.@-]{2,64}",
  "{{AccessKeyID}}": "\\w{16,128}",
};

const instanceId = /^i-(?:\w{8}|\w{17})$/;
