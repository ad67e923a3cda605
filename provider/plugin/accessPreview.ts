import { setTimeout } from "node:timers/promises";
import type { Settings } from "../cluster";
import { showsAccess } from "../cluster/settings";
import { report } from "../diagnostics";
import { AwsAuthError } from "../errors";
import type { DeclaredMapping, Progresses, SessionOf } from "../lifecycle/simulation";
import { inputNames, type Properties } from "../lifecycle/state";
import { loadOnce } from "../loading";
import { withoutSecrets } from "../secretValues";
import { hasUnknown } from "../unknownValue";
import { counted, type Traffic } from "./traffic";

const loadSimulation = loadOnce(() => import("../lifecycle/simulation.js"));

const loadPreviewRun = loadOnce(() => import("../lifecycle/previewRun.js"));

/** How long nothing begins or is under way, in milliseconds, until changes are told: the engine has then sent all it can. */
const quiet = 15;

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
  readonly #sessionOf: SessionOf;
  #changes: PreviewedChange[] = [];
  /** The last that was told, or is about to be: each part goes on from the one before. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #progresses: Progresses = new Map();
  /** The work that does not wait for the changes to be told. */
  #begun: Promise<void> | undefined;

  /** @param sessionOf the sessions of the run, which have read the maps. */
  constructor(traffic: Traffic, sessionOf: SessionOf) {
    this.#traffic = traffic;
    this.#sessionOf = sessionOf;
  }

  /**
   * Adds a change, and waits until the preview has told of it, or another change has come, which then tells of both.
   *
   * @throws AwsAuthError for the last of the changes that are told together, if they lock somebody out and the settings forbid that.
   */
  async add(change: PreviewedChange, settings: Settings): Promise<void> {
    this.#begun ??= begin(change, settings, this.#progresses, this.#sessionOf);
    this.#changes.push(change);
    this.#traffic.count += 1;
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

  /** Waits until the engine asks for nothing more, or for another change. */
  async #silenceAfter(change: PreviewedChange): Promise<void> {
    let isQuiet: boolean;
    do {
      const [seen, start] = [this.#traffic.count, performance.now()];
      await setTimeout(quiet);
      // A process that was busy itself has not heard what the engine asks for.
      const hasListened = performance.now() - start < 2 * quiet;
      isQuiet = hasListened && this.#traffic.count === seen && this.#traffic.underWay === 0;
    } while (this.#isLast(change) && !isQuiet);
  }

  #isLast(change: PreviewedChange): boolean {
    return this.#changes.at(-1) === change;
  }
}

/** Loads what telling needs, and opens the cluster of the first change, while the engine is busy with other resources. */
async function begin(
  { news: { cluster } }: PreviewedChange,
  settings: Settings,
  progresses: Progresses,
  sessionOf: SessionOf,
): Promise<void> {
  if (hasUnknown(cluster) || !showsAccess(settings)) {
    return;
  }
  try {
    const [{ readAhead }] = await Promise.all([loadSimulation(), loadPreviewRun()]);
    await readAhead(cluster, settings, progresses, sessionOf);
  } catch {
    // Telling fails in the same way, and says so.
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
