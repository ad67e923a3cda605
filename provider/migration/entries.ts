import { type AccessEntryType, accessEntryTypes, defaultUsername, samePrincipalArn } from "../accessEntries";
import type { Entry } from "../document";
import { principalKey } from "../mapping";
import { bootstrappers, nodeProxiers, nodesGroup, windowsNodes } from "../rbac";
import { quoted } from "../text/text";
import type { MigrationFacts } from "./facts";
import { type Judgement, judgement, type LiveEntryJudge } from "./liveEntries";
import type { MigrationEntry } from "./model";
import { type Move, movesOf, type PrincipalLookup, type StayCode } from "./moves";

/** The types of the access entries that EKS makes, and the groups of their nodes. */
const nodeTypes = ["EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX"] as const satisfies readonly AccessEntryType[];
const nodeGroups: readonly string[] = [bootstrappers, nodesGroup, nodeProxiers, windowsNodes];

/** What becomes of every entry of the map, and what of it is there already. */
export function migrationEntries(facts: MigrationFacts, live: LiveEntryJudge): readonly MigrationEntry[] {
  const { account, partition } = facts.cluster;
  const roles = "value" in facts.eksRoles ? facts.eksRoles.value : [];
  const moves = movesOf(facts.access.document, {
    clusterAccount: account,
    partition,
    lookUp: (arn) => pathOf(arn, live),
    eksRoles: new Set(roles.map(({ roleArn }) => principalKey(roleArn))),
  });
  return moves.map((move) => entryOf(move, live));
}

/** The full ARN of a role: IAM knows it, or else its access entry tells. */
function pathOf(arn: string, live: LiveEntryJudge): PrincipalLookup {
  const principal = live.principal(arn);
  const [entry, another] = live.of(arn);
  return principal.kind === "unknown" && entry !== undefined && another === undefined
    ? { kind: "found", arn: entry.principalArn }
    : principal;
}

function entryOf(move: Move, live: LiveEntryJudge): MigrationEntry {
  const { placed } = move;
  const { entry, key, position, line } = placed;
  const { username, groups, arn, account } = entry;
  const { moves = move.kind, notes = [], ...rest } = judge(move, live);
  return {
    key,
    position,
    ...(line !== undefined && { line }),
    ...(arn !== undefined && { arn }),
    ...(account !== undefined && { account }),
    username,
    groups,
    moves,
    ...rest,
    ...(move.kind === "move" && { accessEntry: move.content }),
    reasons: move.kind === "move" ? [] : move.reasons.map((reason) => ({ ...reason, remedy: remedyOf(reason) })),
    notes: [...(move.kind === "move" ? move.notes : []), ...notes],
  };
}

/** What is with the access entry of an entry; with `moves` where that is another one than the translation says. */
function judge(move: Move, live: LiveEntryJudge): Judgement & Partial<Pick<MigrationEntry, "moves" | "notes">> {
  const { arn = "", username, groups } = move.placed.entry;
  if (move.kind === "move") {
    const stranger = strangerNote(move.content.principalArn, live);
    const compared = live.compare(move.content);
    return stranger === undefined ? compared : { ...compared, status: "toDo", notes: [stranger] };
  }
  const has = (...codes: readonly StayCode[]) => move.reasons.some(({ code }) => codes.includes(code));
  if (has("matchesNobody", "shadowed")) {
    return judgement("notNeeded", "it needs no access entry");
  }
  if (has("managedNodeGroup", "fargate")) {
    const made = live.ofAws(arn, "EKS", typesFor(move.placed.entry));
    const further = groups.filter((group) => !nodeGroups.includes(group));
    if (further.length === 0 && username.startsWith("system:node:")) {
      return made;
    }
    const what = [`username ${quoted(username)}`, ...further.map((group) => `group ${quoted(group)}`)].join(", ");
    const note = `EKS's access entry is for nodes alone: ${what} ends with aws-auth`;
    return { ...made, status: "toDo", notes: [note] };
  }
  if (has("missingPrincipal")) {
    const note = "IAM knows no role of just this name; if one differs in letter case, write its name as IAM has it";
    return { ...judgement("absent", "it has no role that an access entry could be for"), notes: [note] };
  }
  // What others have made already is in nobody's way any more.
  const made = makers.find(({ code, types }) => has(code) && live.of(arn).some(({ type }) => types.includes(type)));
  if (made !== undefined) {
    return { ...live.ofAws(arn, made.who, made.types), moves: "leave" };
  }
  return judgement("absent", "no access entry says the same");
}

/** The types of the access entry of EKS that let nodes join as an entry of the map does. */
function typesFor({ username, groups }: Entry): readonly AccessEntryType[] {
  const named = nodeTypes.filter((type) => defaultUsername("", type) === username);
  return groups.includes(windowsNodes) ? ["EC2_WINDOWS"] : named.length > 0 ? named : nodeTypes;
}

/** Entries that no translation moves, and whose access entries the AWS service, or somebody by hand, makes. */
const makers: readonly {
  readonly code: StayCode;
  readonly who: string;
  readonly types: readonly AccessEntryType[];
}[] = [
  { code: "serviceLinkedRole", who: "its AWS service", types: accessEntryTypes },
  { code: "sessionNode", who: "these nodes", types: ["HYBRID_LINUX", "HYPERPOD_LINUX", "FARGATE_LINUX", "EC2"] },
];

/** A user whose path in the map is not the one that IAM has; a role's path comes from IAM itself. */
function strangerNote(principalArn: string, live: LiveEntryJudge): string | undefined {
  const principal = live.principal(principalArn);
  if (principal.kind === "missing") {
    return "IAM knows no role or user of just this name; remove the entry, or write the name as IAM has it";
  }
  return principal.kind === "found" && !samePrincipalArn(principal.arn, principalArn)
    ? `IAM has it as ${principal.arn}, so that nobody can log in with this entry; remove it, or write that ARN`
    : undefined;
}

function remedyOf({ code, remedy }: { readonly code: StayCode; readonly remedy: string }): string {
  return code === "unknownPath"
    ? `ask its account ("aws iam get-role --role-name NAME"), and give the mapping the ARN with its path; without a path, "pulumi up" moves it as it is`
    : remedy;
}
