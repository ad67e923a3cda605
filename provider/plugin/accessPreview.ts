import type { Settings } from "../cluster";
import { report } from "../engine/diagnostics";
import { withoutSecrets } from "../engine/secretValues";
import { hasUnknown } from "../engine/unknownValue";
import { AwsAuthError } from "../errors";
import type { Progresses } from "../lifecycle/clusterProgress";
import { inputNames } from "../lifecycle/context";
import type { Properties } from "../lifecycle/state";

/** A change that the engine previews. */
export interface PreviewedChange {
  readonly urn: string;
  /** The outputs in the state; undefined for a new resource. */
  readonly olds: Properties | undefined;
  /** The inputs as returned by `check`. */
  readonly news: Properties;
  readonly ignoreChanges: readonly string[];
}

/**
 * Tells what a change does to people's access, on top of those that were told before. Nothing tells a plugin when a preview ends, so each
 * change is told by itself.
 *
 * @param progresses what the changes that were told before have come to, and then this one.
 * @throws AwsAuthError if it locks somebody out and the settings forbid that. Anything else that goes wrong breaks no preview.
 */
export async function tellAccess(
  { urn, olds, news, ignoreChanges }: PreviewedChange,
  settings: Settings,
  progresses: Progresses,
): Promise<void> {
  const isKnown = !inputNames.some((name) => hasUnknown(news[name]));
  const stored = olds === undefined ? [] : [{ urn, outputs: olds }];
  const declared = [{ urn, inputs: isKnown ? news : undefined, ignoreChanges, isChanged: true }];
  let refusal: string | undefined;
  try {
    const { previewRun } = await import("../lifecycle/preview.js");
    const told = await previewRun(stored, declared, settings, progresses);
    for (const lines of told.summaries) {
      await report("info", lines, urn);
    }
    for (const warning of told.warnings) {
      await report("warning", warning, urn);
    }
    for (const note of told.notes) {
      await report("info", note, undefined);
    }
    ({ refusal } = told);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    await report("debug", `this preview does not tell who gains and loses access: ${problem}`, urn);
  }
  if (refusal !== undefined) {
    throw new AwsAuthError("lockout", withoutSecrets(refusal));
  }
}
