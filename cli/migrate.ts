import { describeAccessEntry } from "../provider/accessEntries/accessEntry";
import { placeOf } from "../provider/authenticator/placedEntry";
import { parseIamArn } from "../provider/mapping";
import { migrateClusters } from "../provider/migration/migrateClusters";
import type {
  MigratedCluster,
  MigrationEntry,
  MigrationPrincipal,
  MigrationReport,
  Status,
  Verdict,
} from "../provider/migration/model";
import { printable } from "../provider/text/text";
import { type ExitCode, exitCode, usageFailure } from "./commandLine";
import type { MigrateOptions } from "./options";
import { targetsOf, withProgress } from "./targets";
import { bullet, type Emphasis, emphasise, renderJson, section, type Terminal } from "./terminal";

/**
 * `migrate`: what of the map has become access entries, what may and what cannot, and whether clusters can go to the mode `API`.
 *
 * @throws CommandFailure for wrong usage, also where no cluster is named, or something else than an EKS cluster.
 */
export async function runMigrate(options: MigrateOptions, terminal: Terminal): Promise<ExitCode> {
  const { kubeconfig, context, manifest, trust = [] } = options;
  const other = Object.entries({ kubeconfig, context, manifest }).find(([, value]) => value !== undefined);
  if (other !== undefined) {
    throw usageFailure(
      `migrate compares aws-auth with the access entries of an EKS cluster, which --${other[0]} does not lead to; give --cluster NAME or --clusters FILE`,
    );
  }
  const targets = await targetsOf(options);
  if (targets.length === 0) {
    throw usageFailure("no EKS cluster is named; give --cluster NAME or --clusters FILE");
  }
  const invalid = trust.map((arn) => parseIamArn(arn)).find((arn) => arn.kind === "invalid");
  if (invalid !== undefined) {
    throw usageFailure(`--trust: ${invalid.reason}`);
  }
  const report = await withProgress(terminal, targets, "read", (reading) =>
    migrateClusters(targets, { ...reading, trusted: trust }),
  );
  terminal.out(options.output === "json" ? renderJson(report) : renderText(report, terminal));
  return exitCodeOf(report);
}

/** What is certain counts more than what could not be read: an outage must not hide what is left to do. */
function exitCodeOf({ clusters, unread }: MigrationReport): ExitCode {
  if (clusters.some(({ verdict }) => verdict === "notReady")) {
    return exitCode.found;
  }
  return unread.length > 0 || clusters.some(({ verdict }) => verdict === "unknown") ? exitCode.failed : exitCode.done;
}

function renderText({ clusters, unread }: MigrationReport, terminal: Terminal): string {
  const notRead = unread.map(({ name, message }) => `${name}: ${message}`);
  const blocks = [
    ...clusters.flatMap((cluster) => clusterBlocks(cluster, terminal)),
    ...section("Not read:", notRead, terminal),
  ];
  return `${blocks.join("\n\n")}\n`;
}

/** What is left for a cluster, every entry, and what will hold for whom. */
function clusterBlocks(cluster: MigratedCluster, terminal: Terminal): string[] {
  const { name, account, notes, left, entries, eksRoles, administrators, caller } = cluster;
  const head = [verdictText(cluster), ...modeTexts(cluster), ...notes.map((note) => `note: ${note}`)];
  const roles = eksRoles.map(({ kind, names, roleArn, status, says }) => {
    const noun = kind === "nodegroup" ? "node group" : "Fargate profile";
    const which = `${noun}${names.length === 1 ? "" : "s"} ${names.join(", ")} (${roleArn})`;
    return `${statusTags[status][0]}: ${which}; ${says}`;
  });
  return [
    [
      emphasise(terminal, "bold", printable(`${name}, account ${account}`)),
      ...head.map((text) => `  ${printable(text)}`),
    ].join("\n"),
    ...entries.map((entry) => entryBlock(entry, terminal)),
    ...section("Left besides:", left, terminal),
    ...section("Access entries of EKS:", roles, terminal),
    ...section("Administrators in mode API:", administrators.map(principalText), terminal),
    ...section("Your own access in mode API:", [principalText(caller)], terminal),
  ];
}

function entryBlock(entry: MigrationEntry, terminal: Terminal): string {
  const { moves, status, arn, account } = entry;
  const [word, colour] = statusTags[status];
  return [
    `${emphasise(terminal, moves === "cannot" ? "red" : colour, `${moves}, ${word}`)}  ${placeOf(entry)}`,
    `  ${printable(arn ?? account ?? "an entry without an ARN")}`,
    ...clausesOf(entry).map(bullet),
  ].join("\n");
}

function principalText({ arn, holds, says }: MigrationPrincipal): string {
  return `${holds}: ${arn === "" ? "" : `${arn}; `}${says}`;
}

const statusTags: Readonly<Record<Status, readonly [word: string, colour: Emphasis]>> = {
  done: ["done", "green"],
  toDo: ["to do", "yellow"],
  unknown: ["unknown", "yellow"],
};

const verdictWords: Readonly<Record<Verdict, string>> = {
  done: "in mode API: it ignores aws-auth, and access entries alone count",
  ready: "ready for API: whoever gets in by aws-auth today has an equal access entry",
  notReady: "not ready for API",
  unknown: "not known whether it is ready for API",
};

/** Whether a cluster can go to the mode `API`, and how much is left: `not ready for API: 3 of 5 entries are done`. */
function verdictText({ verdict, entries }: MigratedCluster): string {
  const counts = Map.groupBy(entries, ({ status }) => status);
  const of = (status: Status) => counts.get(status)?.length ?? 0;
  const cannot = entries.filter(({ moves }) => moves === "cannot").length;
  const figures = [
    `${of("done")} of ${entries.length} ${entries.length === 1 ? "entry is" : "entries are"} done`,
    ...(cannot === 0 ? [] : [`${cannot} cannot move`]),
    ...(of("unknown") === 0 ? [] : [`${of("unknown")} cannot be told`]),
  ];
  return verdictWords[verdict] + (verdict === "notReady" || verdict === "unknown" ? `: ${figures.join(", ")}` : "");
}

/** The cluster's mode, and the next one, one sentence each: this command never changes it. */
function modeTexts({ authenticationMode, nextMode, verdict }: MigratedCluster): readonly string[] {
  const mode = `authentication mode ${authenticationMode}`;
  if (nextMode === undefined) {
    return [mode];
  }
  const when = nextMode === "API" && verdict !== "ready" ? ", once nothing is left" : "";
  return [
    mode,
    `next mode ${nextMode}${when}: set accessConfig of the cluster's own resource; AWS lets no cluster go back`,
  ];
}

/** What is to know of an entry, one clause each. */
function clausesOf({ moves, state, accessEntry, says, reasons, notes }: MigrationEntry): readonly string[] {
  return [
    ...(accessEntry === undefined
      ? []
      : [`access entry: ${describeAccessEntry(accessEntry)}, for ${accessEntry.principalArn}`]),
    ...(moves === "cannot" ? [] : [says]),
    // Why it is left to EKS says nothing new where EKS's access entry is there.
    ...(state === "equal" ? [] : reasons.map(reasonText)),
    ...notes.map((note) => `note: ${note}`),
  ];
}

function reasonText({ reason, remedy, proposal = {} }: MigrationEntry["reasons"][number]): string {
  const { username, groups } = proposal;
  const such = [
    ...(username === undefined ? [] : [`username ${JSON.stringify(username)}`]),
    ...(groups === undefined ? [] : [`groups ${JSON.stringify(groups)}`]),
  ];
  return `${reason}; ${remedy}${such.length === 0 ? "" : `, such as ${such.join(", ")}`}`;
}
