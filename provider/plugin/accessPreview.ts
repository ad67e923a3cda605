import { setTimeout } from "node:timers/promises";
import type { Settings } from "../cluster";
import { report } from "../diagnostics";
import { AwsAuthError } from "../errors";
import type { DeclaredMapping, Progresses, SessionOf } from "../lifecycle/simulation";
import { inputNames, type Properties } from "../lifecycle/state";
import { withoutSecrets } from "../secretValues";
import { hasUnknown } from "../unknownValue";
import { counted, type Traffic } from "./traffic";

const loadPreviewRun = () => import("../lifecycle/previewRun.js");

/** How long nothing begins or is under way, in milliseconds, until changes are told: the engine has then sent all it can. */
const quiet = 15;

/** So many silences in a row count even if this process was busy itself during each of them. */
const maxSilences = 3;

/** So many silences in a row count even if the engine has not asked yet for all changes that are expected: about half a second. */
const maxPatience = 32;

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
 * Makes a preview tell what its changes do to people's access. Nothing tells a plugin when a preview ends, so the response to a change
 * waits until the engine asks for nothing more, or for another change, whose response waits for both. The last one tells of all.
 */
export class AccessPreview {
  readonly #traffic: Traffic;
  #changes: PreviewedChange[] = [];
  /** The last that was told, or is about to be: each part goes on from the one before. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #progresses: Progresses;
  /** Whether to wait for changes that are expected. False once that was in vain, as it is with `--parallel 1`. */
  #isPatient = true;

  /** @param sessionOf the sessions of the run, which have read the maps. */
  constructor(traffic: Traffic, sessionOf: SessionOf) {
    this.#traffic = traffic;
    this.#progresses = { clusters: new Map(), sessionOf };
  }

  /**
   * Adds a change, and waits until the preview has told of it, or another change has come, which then tells of both.
   *
   * @throws AwsAuthError for the last of the changes that are told together, if they lock somebody out and the settings forbid that.
   */
  async add(change: PreviewedChange, settings: Settings): Promise<void> {
    // Loaded while the engine is busy with other resources. Telling reports what goes wrong.
    loadPreviewRun().catch(() => undefined);
    this.#changes.push(change);
    this.#traffic.count += 1;
    this.#traffic.expected.delete(change.urn);
    await this.#silenceAfter(change);
    if (!this.#isLast(change)) {
      return;
    }
    const changes = this.#changes;
    this.#changes = [];
    // What comes meanwhile waits anyway, and is told together.
    const told = this.#last.then(() => counted(this.#traffic, () => tell(changes, settings, this.#progresses)));
    this.#last = told;
    const refusal = await told;
    if (refusal !== undefined) {
      throw new AwsAuthError("lockout", refusal);
    }
  }

  /** Waits until the engine asks for nothing more, nor is expected to, or for another change. */
  async #silenceAfter(change: PreviewedChange): Promise<void> {
    let silences = 0;
    let isQuiet: boolean;
    let isExpecting: boolean;
    do {
      const [seen, start] = [this.#traffic.count, performance.now()];
      await setTimeout(quiet);
      silences = this.#traffic.count === seen && this.#traffic.underWay === 0 ? silences + 1 : 0;
      // A process that was busy itself has not heard what the engine asks for.
      const hasListened = performance.now() - start < 2 * quiet || silences >= maxSilences;
      isExpecting = this.#traffic.expected.size > 0;
      isQuiet = silences >= (isExpecting && this.#isPatient ? maxPatience : 1) && hasListened;
    } while (this.#isLast(change) && !isQuiet);
    this.#isPatient &&= !(isQuiet && isExpecting);
  }

  #isLast(change: PreviewedChange): boolean {
    return this.#changes.at(-1) === change;
  }
}

/** @returns why the run must not go on, where the settings say so. Anything else that goes wrong breaks no preview. */
async function tell(
  changes: readonly PreviewedChange[],
  settings: Settings,
  progresses: Progresses,
): Promise<string | undefined> {
  const stored = changes.flatMap(({ urn, olds }) => (olds === undefined ? [] : [{ urn, outputs: olds }]));
  try {
    const { previewRun } = await loadPreviewRun();
    const declared = changes.map(asDeclared);
    const { summaries, warnings, refusal } = await previewRun(stored, declared, settings, "part", progresses);
    for (const lines of summaries) {
      await report("info", lines, undefined);
    }
    for (const warning of warnings) {
      await report("warning", warning, undefined);
    }
    return refusal && withoutSecrets(refusal);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    await report("debug", `this preview does not tell who gains and loses access: ${problem}`, undefined);
    return undefined;
  }
}

function asDeclared({ urn, news, ignoreChanges }: PreviewedChange): DeclaredMapping {
  const isKnown = !inputNames.some((name) => hasUnknown(news[name]));
  return { urn, inputs: isKnown ? news : undefined, ignoreChanges, isChanged: true };
}
