import { type LiveAccessEntry, policyName } from "../provider/accessEntries/accessEntry";
import { assertReadable, entriesOf, type MapEntry } from "../provider/awsAuthMap";
import { ownersIn } from "../provider/claims";
import { accessEntriesOf, hasAccessEntries } from "../provider/identity/clusterAccess";
import { userTemplateOf } from "../provider/identity/login";
import { matchesArn, type Ownership, ownershipOf, ownerTexts } from "../provider/identity/placedEntry";
import { parseIamArn } from "../provider/mapping";
import { readCluster } from "../provider/reports/readCluster";
import { plural, quoted } from "../provider/text/text";
import { policiesData } from "./accessData";
import { type ClusterOptions, resolveNamed } from "./cluster";
import {
  CommandFailure,
  type ExitCode,
  exitCode,
  renderJson,
  renderTable,
  renderYaml,
  type Terminal,
  tell,
} from "./output";

interface GetOptions extends ClusterOptions {
  readonly output: "table" | "json" | "yaml";
  readonly arn?: string;
  readonly wide?: true;
}

/** A row: an entry of aws-auth, or the username and groups of an access entry. */
interface MappingRow {
  readonly entry: MapEntry;
  readonly ownership: Ownership;
  readonly accessEntry?: LiveAccessEntry;
  readonly isOverridden: boolean;
}

/** Prints the mappings as `eksctl get iamidentitymapping` does; with `wide` also their owners and the access entries. */
export async function runGet(terminal: Terminal, options: GetOptions): Promise<ExitCode> {
  const { arn, wide = false, output } = options;
  const { ref, settings } = await resolveNamed(options, terminal);
  const { access, label, notes } = await readCluster(ref, settings, { accessEntries: (entries) => entries.all() });
  const { document } = access;
  tell("note", notes, terminal);
  if (access.mode === "API" && !wide) {
    throw new CommandFailure(`${label} has authentication mode API and ignores aws-auth; add --wide`);
  }
  assertReadable(document);
  const isMeant = ({ entry }: MappingRow) => arn === undefined || matchesArn(entry, arn);
  const mapped = entriesOf(document).map((entry): MappingRow => {
    const isOverridden = entry.arn !== undefined && accessEntriesOf(access, entry.arn).length > 0;
    return { entry, ownership: ownershipOf(document, entry), isOverridden };
  });
  const living = access.accessEntries
    .map((accessEntry): MappingRow => {
      const arn = accessEntry.principalArn;
      const key = parseIamArn(arn)?.kind === "user" ? "mapUsers" : "mapRoles";
      const entry = { key, arn, ...userTemplateOf(accessEntry) } as const;
      return { entry, ownership: { owners: ownersIn(accessEntry) }, accessEntry, isOverridden: false };
    })
    .filter(isMeant);
  if (!wide && living.length > 0) {
    const count = plural(living.length, "access entry takes", "access entries take");
    const them = living.length === 1 ? "it" : "them";
    tell("note", [`${count} precedence over aws-auth; use --wide to show ${them}`], terminal);
  }
  const rows = [...mapped.filter(isMeant), ...(wide ? living : [])];
  if (rows.length === 0 && wide && access.unread !== undefined) {
    throw new CommandFailure(`the mappings are unknown: ${access.unread}`);
  }
  if (rows.length === 0 && arn !== undefined) {
    throw new CommandFailure(`no iamidentitymapping with arn ${quoted(arn)} found`, exitCode.found);
  }
  const hasSources = wide && hasAccessEntries(access);
  const data = rows.map((row) => mappingData(row, wide, hasSources));
  const text = output === "json" ? renderJson(data) : renderYaml(data, { sortMapEntries: true });
  terminal.out(output === "table" ? mappingTable(rows, wide, hasSources) : text);
  return exitCode.done;
}

/** Each cell is a single word, since scripts split the table at spaces. */
function mappingTable(rows: readonly MappingRow[], wide: boolean, hasSources: boolean): string {
  if (rows.length === 0) {
    return "No iamidentitymappings found\n";
  }
  const more = [...(wide ? ["OWNERS"] : []), ...(hasSources ? ["SOURCE", "POLICIES"] : [])];
  const cells = rows.map(({ entry, ownership, accessEntry, isOverridden }) => {
    const { arn, sso, username, groups, account = "" } = entry;
    const subject = arn ?? (sso === undefined ? "" : `sso:${sso.accountId}/${sso.permissionSetName}`);
    const source = accessEntry === undefined ? `aws-auth${isOverridden ? ",overridden" : ""}` : "access-entry";
    const policies = accessEntry?.policies.map(({ policyArn, scope }) => {
      return `${policyName(policyArn)}${scope.type === "cluster" ? "" : `(${scope.namespaces.join(",")})`}`;
    });
    const owners = ownerTexts(ownership).join(", ");
    const all = [subject, username, groups.join(","), account, owners, source, policies?.join(",") ?? ""];
    return all.slice(0, 4 + more.length);
  });
  return renderTable(["ARN", "USERNAME", "GROUPS", "ACCOUNT", ...more], cells, true);
}

/** A mapping with eksctl's field names and order, without empty fields, and with the permission set that eksctl omits. */
function mappingData(row: MappingRow, wide: boolean, hasSources: boolean): object {
  const { ownership, accessEntry, isOverridden } = row;
  const { key, arn, sso, username, groups, account } = row.entry;
  const source =
    accessEntry === undefined
      ? { source: "aws-auth", overridden: isOverridden || undefined }
      : { source: "access-entry", type: accessEntry.type, policies: policiesData(accessEntry) };
  return {
    [key === "mapUsers" ? "userarn" : "rolearn"]: arn,
    sso: sso && {
      permissionSetName: sso.permissionSetName,
      accountID: sso.accountId,
      partition: sso.partition || undefined,
    },
    ...(key !== "mapAccounts" && username !== "" && { username }),
    ...(key !== "mapAccounts" && groups.length > 0 && { groups }),
    account,
    ...(wide && ownership),
    ...(hasSources && source),
  };
}
