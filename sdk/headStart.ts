import { setTimeout } from "node:timers/promises";
import { Output } from "@pulumi/pulumi";

/** How long it is, in milliseconds: until a request is on its way to the engine. */
const duration = 2;

let others: Promise<void> | undefined;

/**
 * Gives the first of the mappings that a program makes in one go a head start. The engine starts the plugin for it, which takes as
 * long as Pulumi's SDK needs to prepare a thousand more, and the SDK sends none of what it prepares in one go before it has prepared
 * all of it.
 *
 * @param inputs what the mapping is made from. One that waits for any of it goes its own way: nobody would listen for a failure of
 * that meanwhile.
 * @returns what another mapping waits for; undefined for the first.
 */
export function headStart(inputs: object): Promise<void> | undefined {
  if (Object.values(inputs).some((input) => input instanceof Promise || Output.isInstance(input))) {
    return undefined;
  }
  // Only a program that the CLI runs has a plugin to wait for: a unit test has none, and may have stopped the clock.
  if (others !== undefined || process.env["PULUMI_NODEJS_MONITOR"] === undefined) {
    return others;
  }
  others = setTimeout(duration).then(() => {
    others = undefined;
  });
  return undefined;
}
