import type { dynamic } from "@pulumi/pulumi";
import { idOf, parseId, stateOf } from "../cluster/clusterRef";
import { defaultAuthenticationMode, isAuthenticationModeSet } from "../cluster/settings";
import { AwsAuthError, describeProblem } from "../errors";
import { describeContent, validateMapping } from "../mapping";
import { report } from "../pulumi/diagnostics";
import { isUnknown } from "../pulumi/values";
import { quoted } from "../text/text";
import { describeDuplicates, describeSubject } from "./messages";
import { observe } from "./observe";
import { accessEntryProperty } from "./properties";
import type { Run } from "./run";
import { type Properties, parseState, withContent } from "./state";
import { seenOrNothing } from "./types";

/**
 * Finds the mapping of an import: an access entry if the configured mode includes these, otherwise an entry in
 * aws-auth. The resource has no claim until its next update.
 *
 * @param id a resource's ID, or only the ARN or account for the cluster in the settings.
 */
export async function findImport(run: Run, id: string): Promise<dynamic.ReadResult | undefined> {
  const parsed = parseId(id);
  if (parsed === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `${quoted(id)} is not the ID of an IdentityMapping; use the ARN of a role or user, or an account ID (for the cluster in the stack configuration), or a complete ID such as eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`,
    );
  }
  const { subject } = parsed;
  const identity = subject.startsWith("arn:") ? { arn: subject } : { account: subject };
  const mode = defaultAuthenticationMode(run.settings);
  const { ref, session } = await run.locate(parsed.cluster);
  const named = parseState({
    ...identity,
    cluster: stateOf(ref),
    ...(isAuthenticationModeSet(run.settings) && { authenticationMode: mode }),
  });
  if (named.mapping === undefined) {
    return undefined;
  }
  const counts = named.places.includes("entries") ? "entries" : "map";
  const principalArn =
    (counts === "entries" ? await (await session.accessEntries())?.withPath(subject) : undefined) ?? subject;
  const { views } = await observe(run, session, { ...named.mapping, principalArn }, named, [counts]);
  const { entries, foreign } = seenOrNothing(views[counts]);
  const entry = entries.at(-1);
  if (entry === undefined && foreign === undefined) {
    const hint = `${quoted(subject)} has no ${counts === "map" ? "entry in aws-auth" : "access entry"}; "pulumi-aws-auth get" lists the existing mappings`;
    await report("info", hint, undefined);
    return undefined;
  }
  const { problems, fields } = validateMapping({ ...identity, ...entry?.content }, isUnknown);
  const several = entries.length > 1 ? `it ${describeDuplicates(entries)}` : undefined;
  const reasons = [foreign, several, ...problems.map(describeProblem)];
  const reason = reasons.find((text) => text !== undefined);
  if (entry === undefined || reason !== undefined) {
    const content = entry === undefined ? "" : ` (${describeContent(entry.content)})`;
    const ownRemedy = "declare a mapping with adopt: true instead, or correct the entry";
    const remedy = foreign === undefined ? ownRemedy : "manage this access entry outside this package";
    throw new AwsAuthError(
      "invalidInput",
      `${describeSubject(named.mapping)} cannot be imported${content}: ${reason}; ${remedy}`,
    );
  }
  const props: Properties = {
    ...withContent({ ...named.properties, ...fields }, entry.content),
    ...(counts === "entries" && { [accessEntryProperty]: { principalArn } }),
  };
  const { cluster, authenticationMode: _mode, [accessEntryProperty]: _entry, ...inputs } = props;
  // The inputs become code, which does not repeat the settings; code cannot specify an API server.
  const isNamed = parsed.cluster !== undefined && ref.kind !== "kubeconfig";
  return {
    id: `${idOf(ref)}/${inputs["account"] ?? inputs["arn"]}`,
    props: { ...props },
    inputs: {
      ...inputs,
      ...(counts === "entries" && { arn: principalArn }),
      ...(isNamed && { cluster }),
    },
  };
}
