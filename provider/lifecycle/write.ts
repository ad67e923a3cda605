import type { dynamic } from "@pulumi/pulumi";
import { idOf, stateOf } from "../cluster";
import { AwsAuthError } from "../errors";
import type { Mapping } from "../mapping";
import type { ClusterSession } from "../session/session";
import { applyPlan } from "./applyPlan";
import { assertNoLockout, callerFor, isLockoutRefused } from "./guard";
import { intentOf } from "./intent";
import { planEntry } from "./plan";
import { run } from "./run";
import { mappingOf, outputsOf, type Properties } from "./state";

/** Adds the entry, takes over what is there, or finds that nothing is to be done: whatever the map needs when it is written. */
export async function create(inputs: Properties): Promise<dynamic.CreateResult> {
  const { ref, session } = await run.locate(inputs["cluster"]);
  await ensure(session, undefined, inputs);
  const outs = outputsOf({ ...inputs, cluster: stateOf(ref) });
  return { id: `${idOf(ref)}/${inputs["account"] ?? inputs["arn"]}`, outs };
}

/** Edits the entry in its place; one that was removed outside of Pulumi is added again. */
export async function update(_id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  const { ref, session } = await run.locate(news["cluster"]);
  await ensure(session, mappingOf(olds), news);
  return { outs: outputsOf({ ...news, cluster: stateOf(ref) }) };
}

/**
 * Makes the map say what the inputs say. The plan is made anew for the very version of the map that is written, so that what a
 * preview promised holds for it as well.
 */
async function ensure(session: ClusterSession, previous: Mapping | undefined, inputs: Properties): Promise<void> {
  const desired = mappingOf(inputs);
  if (desired === undefined) {
    throw new AwsAuthError(
      "invalidInput",
      "neither arn nor account is set; give the ARN of an IAM role or user, or an account",
    );
  }
  const claim = session.claims.of(desired, session.connection);
  const isGuarded = isLockoutRefused();
  const caller = isGuarded ? await callerFor(session, desired) : undefined;
  await session.commit((document) => {
    // A resource that is replaced without a change of its identity still has its entry when it is created anew.
    const intent = intentOf(session, claim, desired, previous ?? claim?.previous, inputs);
    const plan = planEntry(document, intent);
    if (isGuarded) {
      assertNoLockout(document, plan, caller);
    }
    return { document: applyPlan(document, plan, intent), result: undefined };
  });
}
