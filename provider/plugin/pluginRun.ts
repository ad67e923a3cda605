import type { Properties } from "../lifecycle/state";

/** What the plugin knows of its run. */
export class PluginRun {
  /** The value of `aws-auth:owner`. */
  owner: string | undefined;
  /** Whether the engine has asked to stop. */
  isCancelled = false;
  /** The IDs of the claims of resources whose entries are gone, by URN. The engine creates them again in the same run. */
  readonly leftClaims = new Map<string, string>();
  /** The outputs in the state of the resources that were compared, by URN. Where one is created next, it is replaced. */
  readonly compared = new Map<string, Properties>();
  /** Where imported resources in access entries are kept, by URN. The engine checks them next, and passes no outputs. */
  readonly imported = new Map<string, Properties>();
  /** What the last check of a resource reports if this is a preview, by URN. Only the requests after it are told. */
  readonly reports = new Map<string, readonly (() => Promise<void>)[]>();
  /** The URNs of the resources that were checked with their state. */
  readonly checked = new Set<string>();
}
