import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { identityOf } from "../cluster";
import { AwsAuthError } from "../errors";
import type { Mapping } from "../mapping";
import { secretsOf } from "../secretValues";
import type { ClusterSession } from "../session/session";
import { applyPlan } from "./applyPlan";
import { assertNoLockout, callerFor, isLockoutRefused } from "./guard";
import { intentOf } from "./intent";
import { planEntry } from "./plan";
import { run } from "./run";
import { mappingOf, outputsOf, type Properties } from "./state";

/** Adds the entry, takes over what is there, or finds that nothing is to be done: whatever the map needs when it is written. */
export async function create(inputs: Properties): Promise<dynamic.CreateResult> {
  const ref = await run.resolve(inputs["cluster"]);
  await ensure(await run.session(ref), undefined, inputs);
  return { id: `${identityOf(ref)}/${subjectOf(inputs)}`, outs: outputsOf(inputs) };
}

/** What names the mapping in its ID, which the engine shows, and keeps in clear: of a secret nothing, which a digest would tell. */
function subjectOf(inputs: Properties): unknown {
  const name = inputs["account"] === undefined ? "arn" : "account";
  return secretsOf(inputs).includes(name) ? `secret:${randomBytes(6).toString("hex")}` : inputs[name];
}

/** Edits the entry in its place; one that was removed outside of Pulumi is added again. */
export async function update(_id: string, olds: Properties, news: Properties): Promise<dynamic.UpdateResult> {
  await ensure(await run.sessionOf(news["cluster"]), mappingOf(olds), news);
  return { outs: outputsOf(news) };
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
