import type { Properties } from "../lifecycle/state";

/** What the plugin knows of its run. */
export class PluginRun {
  /** Whether the engine has asked to stop. */
  isCancelled = false;
  /** The outputs in the state of the resources that were compared, by URN. Where one is created next, it is replaced. */
  readonly compared = new Map<string, Properties>();
  /** Where imported resources in access entries are stored, by URN. The engine checks them next, and passes no outputs. */
  readonly imported = new Map<string, Properties>();
  /** What the check of a resource reports if this is a preview, by URN. Only the requests after the check show whether it is one. */
  readonly previews = new Map<string, () => Promise<void>>();
  /** The URNs of the resources that were checked with their state. */
  readonly checked = new Set<string>();
}
