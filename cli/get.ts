import { accessEntriesOf, type ClusterAccess, hasAccessEntries } from "../provider/access/clusterAccess";
import { asEntry } from "../provider/access/loginMap";
import { type AccessPolicy, type LiveAccessEntry, policyName } from "../provider/accessEntries/accessEntry";
import { matchesArn, ownersOf } from "../provider/authenticator/placedEntry";
import { ownersIn } from "../provider/claims";
import { assertReadable, dataKeys, type Entry, entriesOf } from "../provider/document";
import { plural } from "../provider/text/text";
import { policyData } from "./accessData";
import { openLive, readLiveCluster, tellOf } from "./cluster";
import { CommandFailure, type ExitCode, exitCode } from "./commandLine";
import type { GetOptions } from "./options";
import { renderTable } from "./table";
import { renderData, type Terminal, tell } from "./terminal";

/**
 * `get`: the mappings as `eksctl get iamidentitymapping` prints them; if `wide` is set, with their owners, and with the access entries of
 * the cluster.
 *
 * @throws CommandFailure if `arn` has no mapping, or if there may be access entries that cannot be read, and nothing else; AwsAuthError if
 *   the map cannot be read.
 */
export async function runGet(options: GetOptions, terminal: Terminal): Promise<ExitCode> {
  const shown = options.wide ? await readWide(options, terminal) : await readMap(options, terminal);
  const { arn } = options;
  if (shown.entries.length === 0 && shown.isPartial) {
    const problem = "cannot tell what is mapped: aws-auth has nothing of it, and the access entries cannot be read";
    throw new CommandFailure(exitCode.failed, problem);
  }
  if (arn !== undefined && shown.entries.length === 0) {
    throw new CommandFailure(exitCode.found, `no iamidentitymapping with arn ${JSON.stringify(arn)} found`);
  }
  terminal.out(await render(shown, options));
  return exitCode.done;
}

interface Shown {
  readonly entries: readonly ShownEntry[];
  /** Whether access entries are among them, so that each says what it is. */
  readonly hasSources: boolean;
  /** Whether access entries belong to them and cannot be read, which is told. */
  readonly isPartial?: boolean;
}

interface ShownEntry {
  readonly entry: Entry;
  readonly owners: readonly string[];
  /** The access entry that it stands for; undefined for an entry of aws-auth. */
  readonly accessEntry?: LiveAccessEntry;
  /** Whether it is one of aws-auth and has no effect, since an access entry wins. */
  readonly isOverridden: boolean;
}

/** What eksctl prints. That there are access entries is only said on stderr. */
async function readMap(options: GetOptions, terminal: Terminal): Promise<Shown> {
  const { open, ref } = await openLive(options);
  const { notesOn, readEntries } = await import("../provider/access/liveAccess.js");
  const mode = await open.mode();
  if (mode === "API") {
    const problem = `${open.label} has authentication mode API and ignores kube-system/aws-auth, whose entries are not printed; add --wide to print the access entries, which alone count`;
    throw new CommandFailure(exitCode.failed, problem);
  }
  const [map, principals] = await Promise.all([open.read(), readEntries(open, ({ api }) => api.list())]);
  await tellOf(ref, map, terminal);
  const unread = "unread" in principals ? principals.unread : undefined;
  const living = "value" in principals ? principals.value : [];
  const count = living.filter((principal) => isMeant({ arn: principal }, options)).length;
  const some = plural(count, "access entry", "access entries");
  const hint =
    count === 1
      ? `${some} lets people in as well, and wins over aws-auth; --wide prints it`
      : `${some} let people in as well, and win over aws-auth; --wide prints them`;
  tell("note", [...notesOn({ mode, unread }, map.label), ...(count === 0 ? [] : [hint])], terminal);
  const entries = mapEntries(map.document, options).map((entry) => ({ entry, owners: [], isOverridden: false }));
  return { entries, hasSources: false };
}

async function readWide(options: GetOptions, terminal: Terminal): Promise<Shown> {
  const { access, document } = await readLiveCluster(options, terminal);
  const mapped = mapEntries(document, options).map((entry) => ({
    entry,
    owners: ownersOf(document, entry),
    isOverridden: entry.arn !== undefined && accessEntriesOf(access, entry.arn).length > 0,
  }));
  const living = access.entries.map((accessEntry) => ({
    entry: asEntry(accessEntry),
    owners: ownersIn(accessEntry),
    accessEntry,
    isOverridden: false,
  }));
  return {
    entries: [...mapped, ...living.filter(({ entry }) => isMeant(entry, options))],
    hasSources: hasAccessEntries(access),
    isPartial: access.unread !== undefined,
  };
}

function mapEntries(document: ClusterAccess["document"], options: GetOptions): readonly Entry[] {
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  return entriesOf(document).filter((entry) => isMeant(entry, options));
}

function isMeant(entry: Pick<Entry, "arn">, { arn }: GetOptions): boolean {
  return arn === undefined || matchesArn(entry, arn);
}

async function render({ entries, hasSources }: Shown, { output, sort, wide }: GetOptions): Promise<string> {
  if (output !== "table") {
    const data = entries.map((shown) => ({
      ...eksctlMapping(shown.entry),
      // Always a list, so that scripts need not check for it.
      ...(wide && { owners: shown.owners }),
      ...(hasSources && sourceData(shown)),
    }));
    return renderData(data, output);
  }
  if (entries.length === 0) {
    return "No iamidentitymappings found\n";
  }
  return renderTable(
    [
      ...["ARN", "USERNAME", "GROUPS", "ACCOUNT"],
      ...(wide ? ["OWNERS"] : []),
      ...(hasSources ? ["SOURCE", "POLICIES"] : []),
    ],
    entries.map(({ entry, owners, accessEntry, isOverridden }) => [
      arnCell(entry),
      entry.username,
      entry.groups.join(","),
      entry.account ?? "",
      ...(wide ? [owners.join(", ")] : []),
      ...(hasSources ? [sourceOf(accessEntry, isOverridden), policyCells(accessEntry)] : []),
    ]),
    sort === "arn",
  );
}

/** Where an entry is, in single words, since scripts split the table at spaces. */
function sourceOf(accessEntry: LiveAccessEntry | undefined, isOverridden: boolean): string {
  return accessEntry === undefined ? `aws-auth${isOverridden ? ",overridden" : ""}` : "access-entry";
}

function policyCells(accessEntry: LiveAccessEntry | undefined): string {
  const cell = ({ policyArn, scope }: AccessPolicy) =>
    `${policyName(policyArn)}${scope.type === "cluster" ? "" : `(${scope.namespaces.join(",")})`}`;
  return (accessEntry?.policies ?? []).map(cell).join(",");
}

function sourceData({ accessEntry, isOverridden }: ShownEntry): object {
  return accessEntry === undefined
    ? { source: "aws-auth", ...(isOverridden && { overridden: true }) }
    : { source: "access-entry", type: accessEntry.type, policies: accessEntry.policies.map(policyData) };
}

/**
 * A mapping with eksctl's field names and order, without empty fields. Includes the permission set of an entry, which eksctl drops.
 */
function eksctlMapping(entry: Entry): object {
  const { key, arn, sso, username, groups, account } = entry;
  if (key === "mapAccounts") {
    return { ...(account !== undefined && { account }) };
  }
  return {
    ...(arn !== undefined && { [key === "mapUsers" ? "userarn" : "rolearn"]: arn }),
    ...(sso !== undefined && { sso: ssoOf(sso) }),
    ...(username !== "" && { username }),
    ...(groups.length > 0 && { groups }),
  };
}

function ssoOf({ permissionSetName, accountId, partition }: NonNullable<Entry["sso"]>): object {
  return { permissionSetName, accountID: accountId, ...(partition !== "" && { partition }) };
}

/** A single word, since scripts split the table at spaces. */
function arnCell({ arn, sso }: Entry): string {
  return arn ?? (sso === undefined ? "" : `sso:${sso.accountId}/${sso.permissionSetName}`);
}
