import type { dynamic } from "@pulumi/pulumi";
import { idOf, parseId, stateOf } from "../cluster";
import { report } from "../diagnostics";
import { assertReadable, dataKeys, describeMap, entryInForce, entryMapping, findEntries } from "../document";
import { AwsAuthError } from "../errors";
import { principalKey } from "../mapping";
import { quoted } from "../text";
import { describeSubject } from "./describe";
import { shown } from "./read";
import type { Run } from "./run";
import { inputsOf, withUserAndGroups } from "./state";

/**
 * Finds the entry that an import names: of several, the one that counts. The resource has no claim, which its next update makes.
 *
 * @param id a resource's ID, or the ARN or account alone for the cluster in the settings.
 * @returns undefined if there is no such entry.
 * @throws AwsAuthError `invalidInput` for an ID that names no mapping, and any of the cluster codes.
 */
export async function find(run: Run, id: string): Promise<dynamic.ReadResult | undefined> {
  const parsed = parseId(id);
  if (parsed === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      `${quoted(id)} is not the ID of an IdentityMapping; give the ARN of an IAM role or user or the digits of an account, such as arn:aws:iam::111122223333:role/admin, or with the cluster before it, as in eks:eu-central-1/111122223333/prod/arn:aws:iam::111122223333:role/admin`,
    );
  }
  const { ref, session } = await run.locate(parsed.cluster);
  const document = await session.document();
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  const entries = findEntries(document, principalKey(parsed.subject));
  const entry = entryInForce(entries) ?? entries.at(-1);
  const live = entry && entryMapping(entry);
  if (live === undefined) {
    return undefined;
  }
  if (entries.length > 1) {
    await report(
      "warning",
      `${describeMap(document.origin)} has ${entries.length} entries for ${describeSubject(live)}; this is the one that counts; remove the others, or set adopt to true`,
      undefined,
    );
  }
  const subject = live.kind === "account" ? { account: live.account } : { arn: live.arn };
  const props = withUserAndGroups({ cluster: stateOf(ref), ...subject }, shown(live, undefined));
  const { cluster, ...inputs } = inputsOf(props);
  // The inputs become code. The cluster of the settings is not in it, and an API server has no other way to be named.
  const isNamed = parsed.cluster !== undefined && ref.kind !== "kubeconfig";
  return {
    id: `${idOf(ref)}/${live.kind === "account" ? live.account : live.arn}`,
    props,
    inputs: isNamed ? { ...inputs, cluster } : inputs,
  };
}
