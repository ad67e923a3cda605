import type { dynamic } from "@pulumi/pulumi";
import { type AuthenticationMode, claimsIn } from "../accessEntries";
import { clusterOfId, defaultAuthenticationMode, idOf, parseId, stateOf } from "../cluster";
import { report } from "../engine/diagnostics";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { quoted } from "../text/text";
import { documentOf } from "./clusterView";
import { accessEntryProperty } from "./context";
import {
  assertAgreed,
  declaredMapping,
  describeOthers,
  type FoundAccessEntry,
  type FoundInMap,
  findAccessEntry,
  findInMap,
  type Importable,
  importableIn,
} from "./importable";
import { describeSubject } from "./places/messages";
import type { Run } from "./run";
import { inputsOf, isKeptInAccessEntry, isKeptInMap, withUserAndGroups } from "./state";

/**
 * Finds the mapping that an import names, where its ID says, else the settings: in aws-auth, in an access entry, or in both. Of several
 * entries in aws-auth it is the one that counts. The resource has no claim, which its next update makes.
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
  const { ref, session } = await run.locate(await clusterOfId(parsed.cluster, run.settings));
  const places = await placesOf(session, subject, mode);
  const found = foundAt(places, mode);
  const unmoded = id.slice(parsed.mode === undefined ? 0 : parsed.mode.length + 1);
  if (found === undefined) {
    assertNowhere(places, unmoded, subject);
    const hint = `${quoted(subject)} is not mapped, so there is nothing to import; "pulumi-aws-auth get" lists what is mapped`;
    await report("info", hint, undefined);
    return undefined;
  }
  const isElsewhere = mode === "CONFIG_MAP" && places.inEntry !== undefined;
  const mapping = declaredMapping(
    found,
    isElsewhere ? `, or import its access entry by the ID ${quoted(`API:${unmoded}`)}` : "",
  );
  await tellOfOthers(places, mapping, mode);
  const { principalArn, tags = {} } = places.inEntry?.live ?? {};
  // Whoever has found it needs to know that it was there before.
  const isMade = !claimsIn(tags).some(({ isFound }) => isFound);
  const kept = isKeptInAccessEntry({ mode }) && {
    authenticationMode: mode,
    [accessEntryProperty]: { principalArn, isMade },
  };
  const identity = mapping.kind === "account" ? { account: mapping.account } : { arn: mapping.arn };
  const props = withUserAndGroups({ cluster: stateOf(ref), ...identity, ...kept }, mapping);
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

interface Places {
  readonly inMap: FoundInMap | undefined;
  readonly inEntry: FoundAccessEntry | undefined;
}

/** Looks in both places; where the mode does not ask for it, only as far as possible. */
async function placesOf(session: ClusterSession, subject: string, mode: AuthenticationMode): Promise<Places> {
  const look = <T>(isWanted: boolean, find: () => Promise<T>) => (isWanted ? find() : ignoreUserErrors(find));
  const inEntry = await look(isKeptInAccessEntry({ mode }), () => findAccessEntry(session, subject));
  const inMap = await look(isKeptInMap({ mode }), async () => {
    // It does not matter then if the cluster ignores aws-auth.
    const document = await (inEntry === undefined ? session.document() : documentOf(session));
    return findInMap(document, subject);
  });
  return { inMap, inEntry };
}

/** What the mode keeps; undefined unless it is everywhere where the mode says. */
function foundAt({ inMap, inEntry }: Places, mode: AuthenticationMode): Importable | undefined {
  if (!isKeptInAccessEntry({ mode })) {
    return inMap;
  }
  if (inEntry === undefined || !isKeptInMap({ mode })) {
    return inEntry && importableIn(inEntry);
  }
  if (inMap !== undefined) {
    assertAgreed(inEntry, inMap.live);
  }
  return inMap;
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

async function tellOfOthers({ inMap, inEntry }: Places, mapping: Mapping, mode: AuthenticationMode): Promise<void> {
  const subject = describeSubject(mapping);
  const both = "to import both, begin the ID with API_AND_CONFIG_MAP:";
  const warnings = [];
  if (isKeptInMap({ mode }) && inMap !== undefined && inMap.others !== "none") {
    warnings.push(describeOthers(inMap));
  }
  if (mode === "CONFIG_MAP" && inEntry !== undefined) {
    warnings.push(
      `${subject} has an access entry too, which takes precedence over its entry in aws-auth and is not imported; ${both}`,
    );
  }
  if (mode === "API" && inMap?.obstacles.length === 0) {
    warnings.push(
      `${subject} has an entry in aws-auth too, which counts as soon as its access entry goes and is not imported; ${both}`,
    );
  }
  for (const warning of warnings) {
    await report("warning", warning, undefined);
  }
}
