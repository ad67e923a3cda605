import { boundGroupsOf } from "../../provider/cluster/bindings";
import { type Finding, lintBindings, lintDocument, placedEntries } from "../../provider/report";
import { type ExitCode, exitCode } from "../exitCode";
import { type LiveMap, readLiveMap } from "../liveMap";
import { renderJson, renderYaml } from "../output/data";
import { renderFindings } from "../output/findings";
import type { OutputOptions } from "../program";
import type { Terminal } from "../terminal";

/**
 * `lint`: what in the live map does not do what it says, and what is a trap.
 *
 * @throws CommandFailure or AwsAuthError where the map cannot be read.
 */
export async function runLint(
  options: OutputOptions & { readonly strict?: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const live = await readLiveMap(options, terminal);
  const findings = [...lintDocument(live.data, live.document), ...(await bindingFindings(live))];
  if (options.output === "table") terminal.out(renderFindings(findings, live.label, terminal));
  else terminal.out(options.output === "json" ? renderJson(findings) : await renderYaml(findings));
  const counts = options.strict === true ? ["error", "warning"] : ["error"];
  return findings.some(({ severity }) => counts.includes(severity)) ? exitCode.found : exitCode.done;
}

/** Who may read the map need not be allowed to list bindings: that is worth a note, and no failure. */
async function bindingFindings({ ref, settings, document }: LiveMap): Promise<Finding[]> {
  const entries = placedEntries(document);
  if (!entries.some(({ entry }) => entry.groups.length > 0)) return [];
  const bound = await boundGroupsOf(ref, settings);
  if (bound === undefined) return [];
  if ("groups" in bound) return lintBindings(entries, bound.groups);
  const message = `whether the groups have any rights was not checked: ${bound.unread}`;
  return [{ rule: "bindings-unread", severity: "note", message }];
}
