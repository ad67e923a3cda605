import { matchesArn, ownersOf } from "../provider/authenticator/placedEntry";
import { type AwsAuthDocument, assertReadable, dataKeys, type Entry, entriesOf } from "../provider/document";
import { readLiveMap } from "./cluster";
import { CommandFailure, type ExitCode, exitCode } from "./commandLine";
import type { GetOptions } from "./options";
import { renderJson, renderTable, renderYaml, type Terminal } from "./terminal";

/**
 * `get`: the mappings as `eksctl get iamidentitymapping` prints them, with their owners if `wide` is set.
 *
 * @throws CommandFailure if `arn` has no mapping; AwsAuthError if the map cannot be read.
 */
export async function runGet(options: GetOptions, terminal: Terminal): Promise<ExitCode> {
  const { document } = await readLiveMap(options, terminal);
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const { arn } = options;
  const entries = entriesOf(document).filter((entry) => arn === undefined || matchesArn(entry, arn));
  if (arn !== undefined && entries.length === 0) {
    throw new CommandFailure(exitCode.found, `no iamidentitymapping with arn ${JSON.stringify(arn)} found`);
  }
  terminal.out(await render(document, entries, options));
  return exitCode.done;
}

async function render(
  document: AwsAuthDocument,
  entries: readonly Entry[],
  { output, sort, wide }: GetOptions,
): Promise<string> {
  if (output !== "table") {
    const data = entries.map((entry) => ({
      ...eksctlMapping(entry),
      // Always a list, so that scripts need not check for it.
      ...(wide && { owners: ownersOf(document, entry) }),
    }));
    return output === "json" ? renderJson(data) : renderYaml(data);
  }
  if (entries.length === 0) {
    return "No iamidentitymappings found\n";
  }
  return renderTable(
    ["ARN", "USERNAME", "GROUPS", "ACCOUNT", ...(wide ? ["OWNERS"] : [])],
    entries.map((entry) => [
      arnCell(entry),
      entry.username,
      entry.groups.join(","),
      entry.account ?? "",
      ...(wide ? [ownersOf(document, entry).join(", ")] : []),
    ]),
    sort === "arn",
  );
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
