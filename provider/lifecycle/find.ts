import type { dynamic } from "@pulumi/pulumi";
import type { AuthenticationMode } from "../accessEntries";
import { defaultAuthenticationMode, idOf, parseId, refusesDuplicates, stateOf } from "../cluster";
import { report } from "../diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text";
import { isInEntry, isInMap } from "./accessEntry";
import { accessEntryProperty } from "./context";
import { describeSubject } from "./describe";
import { assertAgreed, type FoundAccessEntry, findAccessEntry, mappingIn } from "./findAccessEntry";
import { type FoundInMap, findInMap } from "./findInMap";
import { documentOf } from "./guardAccessEntry";
import { shown } from "./read";
import type { Run } from "./run";
import { inputsOf, withUserAndGroups } from "./state";

/**
 * Finds the mapping that an import names, where its ID says, else the settings: in aws-auth, in an access entry, or in both. Of several
 * entries in aws-auth it is the one that counts, and allows the others. The resource has no claim, which its next update makes.
 *
 * @param id a resource's ID, or the ARN or account alone for the cluster in the settings; before it may be an authentication mode.
 * @returns undefined if there is no such mapping.
 * @throws AwsAuthError `invalidInput` for an ID that names no mapping, or one that is kept elsewhere or that no program can declare, and
 *   any of the cluster codes.
 */
export async function find(run: Run, id: string): Promise<dynamic.ReadResult | undefined> {
  const parsed = parseId(id);
  if (parsed === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `${quoted(id)} is not the ID of an IdentityMapping; give the ARN of an IAM role or user or the digits of an account, such as arn:aws:iam::111122223333:role/admin, or with the cluster before it, as in eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin; to say where it is kept, begin with CONFIG_MAP:, API: or API_AND_CONFIG_MAP:`,
    );
  }
  const { subject } = parsed;
  const defaultMode = defaultAuthenticationMode(run.settings);
  const mode = parsed.mode ?? defaultMode;
  const { ref, session } = await run.locate(parsed.cluster);
  const places = await placesOf(session, subject, mode);
  const mapping = mappingAt(places, mode);
  if (mapping === undefined) {
    assertNowhere(places, id.slice(parsed.mode === undefined ? 0 : parsed.mode.length + 1), subject);
    return undefined;
  }
  await tellOfOther(places, mapping, mode);
  const { principalArn } = places.inEntry?.live ?? {};
  const kept = mode !== "CONFIG_MAP" && {
    authenticationMode: mode,
    [accessEntryProperty]: { principalArn, isMade: true },
  };
  const identity = mapping.kind === "account" ? { account: mapping.account } : { arn: mapping.arn };
  const allowsRivals = places.inMap?.hasRivals && isInMap(mode) && refusesDuplicates(run.settings);
  const props = withUserAndGroups(
    { cluster: stateOf(ref), ...identity, ...(allowsRivals && { noDuplicateARNs: false }), ...kept },
    shown(mapping, undefined),
  );
  const { cluster, authenticationMode: _mode, [accessEntryProperty]: _entry, ...inputs } = inputsOf(props);
  // The inputs become code. What the settings say is not in it, and an API server has no other way to be named.
  const isNamed = parsed.cluster !== undefined && ref.kind !== "kubeconfig";
  return {
    id: `${idOf(ref)}/${mapping.kind === "account" ? mapping.account : mapping.arn}`,
    props,
    inputs: {
      ...inputs,
      ...(kept && { arn: principalArn }),
      ...(mode !== defaultMode && { authenticationMode: mode }),
      ...(isNamed && { cluster }),
    },
  };
}

/** Where a principal is mapped. */
interface Places {
  readonly inMap: FoundInMap | undefined;
  readonly inEntry: FoundAccessEntry | undefined;
}

/** Looks in both places; where the mode does not ask for it, only as far as possible. */
async function placesOf(session: ClusterSession, subject: string, mode: AuthenticationMode): Promise<Places> {
  const look = <T>(isWanted: boolean, find: () => Promise<T>) => (isWanted ? find() : ignoreUserErrors(find));
  const inEntry = await look(isInEntry(mode), () => findAccessEntry(session, subject));
  const inMap = await look(isInMap(mode), async () => {
    // It does not matter then if the cluster ignores aws-auth.
    const document = await (inEntry === undefined ? session.document() : documentOf(session));
    return findInMap(document, subject, isInMap(mode));
  });
  return { inMap, inEntry };
}

/** The mapping as the mode keeps it; undefined unless it is everywhere where the mode says. */
function mappingAt({ inMap, inEntry }: Places, mode: AuthenticationMode): Mapping | undefined {
  if (!isInEntry(mode)) {
    return inMap?.live;
  }
  if (inEntry === undefined || !isInMap(mode)) {
    return inEntry && mappingIn(inEntry);
  }
  if (inMap !== undefined) {
    assertAgreed(inEntry, inMap.live);
  }
  return inMap?.live;
}

/** @throws AwsAuthError `invalidInput` that says where a mapping is kept if not where the mode says. */
function assertNowhere({ inMap, inEntry }: Places, id: string, subject: string): void {
  if (inMap === undefined && inEntry === undefined) {
    return;
  }
  const [missing, there, mode] =
    inEntry === undefined
      ? ["access entry", "an entry in aws-auth", "CONFIG_MAP"]
      : ["entry in aws-auth", "an access entry", "API"];
  const what = subject.startsWith("arn:") ? "arn" : "account";
  throw new AwsAuthError(
    "invalidInput",
    `${what} ${quoted(subject)} has no ${missing}, but ${there}; to import that, give the ID ${quoted(`${mode}:${id}`)}`,
  );
}

/** Tells of an entry that an import leaves out. */
async function tellOfOther({ inMap, inEntry }: Places, mapping: Mapping, mode: AuthenticationMode): Promise<void> {
  const subject = describeSubject(mapping);
  if (mode === "CONFIG_MAP" && inEntry !== undefined) {
    await report(
      "warning",
      `${subject} has an access entry too, which takes precedence over its entry in aws-auth and is not imported; to import both, begin the ID with API_AND_CONFIG_MAP:`,
      undefined,
    );
  }
  if (mode === "API" && inMap !== undefined) {
    await report(
      "warning",
      `${subject} has an entry in aws-auth too, which counts as soon as its access entry goes and is not imported; to import both, begin the ID with API_AND_CONFIG_MAP:`,
      undefined,
    );
  }
}
