import { callLimits } from "../../../provider/cluster/eks/eksCalls.ts";
import { forgetReported } from "../../../provider/engine/diagnostics.ts";
import { entryLimits } from "../../../provider/session/knownEntries.ts";
import { ProgramStack } from "../../faults/programStack.ts";
import { entriesWorld } from "../cluster/eks/entriesWorld.ts";

/** An EKS cluster that uses both places, with an empty map and these principals, and a stack on it. Nothing in it waits for long. */
export async function programWorld(...arns: readonly string[]) {
  Object.assign(callLimits, { attempts: 2, time: 20_000, unseen: { total: 1_000, first: 10, most: 50 } });
  Object.assign(entryLimits, { shown: { total: 2_000, first: 10, most: 100 }, inForce: 20 });
  forgetReported();
  const world = await entriesWorld("API_AND_CONFIG_MAP");
  world.kubernetes.data = { mapRoles: "[]\n" };
  for (const arn of arns) {
    world.aws.principals.create(arn);
  }
  world.clock.behind -= 30_000;
  return { world, stack: new ProgramStack("prod") };
}
