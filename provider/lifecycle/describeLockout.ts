import { type AwsAuthDocument, type Entry, entryMapping } from "../document";
import type { GuardedGroup, Lockout } from "../report";
import { describeContent, describeEntry, describeSubject } from "./describe";

/**
 * How sure a change is: the run is about to make it, has made it, makes it unless an option forbids that, or makes it unless another
 * process declares what this one does not.
 */
export type Certainty = "planned" | "done" | "likely" | "unsure";

/**
 * What a change locks out: whose mapping, what becomes of it, what that means, and what to do.
 *
 * @param document the map before the change.
 */
export function describeLockout(document: AwsAuthDocument, lockout: Lockout, certainty: Certainty = "planned"): string {
  const { lost, before, after } = lockout;
  const mapping = entryMapping(before);
  const subject = mapping === undefined ? "nobody" : describeSubject(mapping);
  const entry = describeEntry(document, before);
  const change = `this run ${describeChange(after, certainty)}`;
  if (lost === "caller") {
    return `${subject} is who this run logs in as, by ${entry}, and ${change}; the run may lose its access with it; use other credentials, or keep that mapping`;
  }
  const first = certainty === "done" ? "" : ' and run "pulumi up" first';
  return `${subject} has ${describeHolders(lost, lockout.holders)}, ${entry}, and ${change}; without one ${consequences[lost]}; map another role or user to ${lost}${first}`;
}

/** Why a run does not go on, and how it does. */
export function describeRefusal(reasons: readonly string[], how: string): string {
  return `${reasons.join("; besides, ")}; aws-auth:lockoutProtection is error, so that this is refused; set it to warn to go on all the same${how}`;
}

function describeChange(after: Entry | undefined, certainty: Certainty): string {
  if (after !== undefined) {
    return `${certainty === "done" ? "turned" : "turns"} it into ${describeContent(after)}`;
  }
  return `${certainty === "done" ? "removed" : "removes"} it${reservations[certainty]}`;
}

function describeHolders(group: GuardedGroup, holders: number): string {
  return holders === 1
    ? `the only mapping to ${group} in kube-system/aws-auth`
    : `the last of ${holders} mappings to ${group} that this run leaves in kube-system/aws-auth`;
}

/** Options of which neither the engine nor the state tells a program. */
const unlessKept = ", unless retainOnDelete, deletedWith or --target keeps it";

const reservations = {
  planned: "",
  done: "",
  likely: unlessKept,
  unsure: `${unlessKept}, or a component of another package declares it`,
} as const satisfies Record<Certainty, string>;

const consequences = {
  "system:masters": "nobody in the map is sure to administer the cluster",
  "system:nodes": "no node that logs in with a role of the map can join the cluster, or stay in it",
} as const satisfies Record<GuardedGroup, string>;
