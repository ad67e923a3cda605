import { type Arrival, type Fault, type FaultPlan, reads } from "./fault.ts";
import type { SeededRandom } from "./seededRandom.ts";

/**
 * A random plan: each request gets one of all possible faults with the given probability. Reads and writes have different faults, since a
 * 409 or a closed connection means something else for each.
 *
 * @param meanwhile a concurrent change during some of the faults
 */
export function seededFaults(random: SeededRandom, probability: number, meanwhile: () => Promise<void>): FaultPlan {
  return (arrival) => {
    if (random.next() >= probability) {
      return undefined;
    }
    const fault = anyFault(arrival, random);
    return random.next() < 0.25 ? { ...fault, meanwhile } : fault;
  };
}

function anyFault(arrival: Arrival, random: SeededRandom): Fault {
  const refused: Fault = { kind: "respond", status: random.pick([429, 500, 503, 504]) };
  const late: Fault = { kind: "delay", milliseconds: random.below(400) };
  if (reads(arrival)) {
    return random.pick<Fault>([refused, late, { kind: "cutBefore" }, { kind: "truncate" }, { kind: "shorten" }]);
  }
  const conflict: Fault = { kind: "respond", status: 409 };
  const unsaid: Fault = { kind: "respondAfter", status: random.pick([500, 503, 504]) };
  const lost: Fault = random.pick<Fault>([{ kind: "cutAfter" }, { kind: "truncate" }, { kind: "shorten" }, unsaid]);
  return random.pick<Fault>([refused, late, conflict, lost, lost, { kind: "cutBefore" }]);
}
