import type { dynamic } from "@pulumi/pulumi";
import { report } from "../diagnostics";
import { assertReadable, entryMapping, keyOf } from "../document";
import { sameContent } from "../mapping";
import { isClusterGone, withoutStack } from "./failure";
import { intentOf } from "./intent";
import { planEntry } from "./plan";
import { run } from "./run";
import { mappingOf, type Properties, withMapping } from "./state";

/**
 * What the resource's entry says now; no ID if it is gone. The values are returned as inputs as well, which is what makes a refresh
 * show a hand edit property by property.
 */
export async function read(id: string, props: Properties): Promise<dynamic.ReadResult> {
  try {
    return await readEntry(id, props);
  } catch (error) {
    if (isClusterGone(error)) {
      await report("warning", `${error.message}; its mappings went with it`, undefined);
      return { id: "", props: {} };
    }
    throw withoutStack(error);
  }
}

async function readEntry(id: string, props: Properties): Promise<dynamic.ReadResult> {
  const stored = mappingOf(props);
  if (stored === undefined) {
    return { id: "", props: {} };
  }
  const session = await run.sessionOf(props["cluster"]);
  const document = await session.document();
  assertReadable(document, keyOf(stored));
  const { own } = planEntry(document, intentOf(session.claims, undefined, stored, stored, props));
  const live = own && entryMapping(own);
  if (live === undefined) {
    return { id: "", props: {} };
  }
  // An entry that says the same in another order, or in another spelling, is not a change worth showing.
  const found = sameContent(live, stored) ? { ...props } : withMapping(props, live);
  return { id, props: found, inputs: { ...found } };
}
