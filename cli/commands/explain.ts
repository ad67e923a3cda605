import { type ExplainedEntry, type Explanation, explainIdentity } from "../../provider/report";
import { type ExitCode, exitCode } from "../exitCode";
import { readLiveMap } from "../liveMap";
import { renderJson, renderYaml } from "../output/data";
import { renderExplanation } from "../output/explanation";
import type { OutputOptions } from "../program";
import type { Terminal } from "../terminal";

/**
 * `explain`: who the cluster takes an identity for, and why.
 *
 * @throws CommandFailure or AwsAuthError where there is no answer.
 */
export async function runExplain(arn: string, options: OutputOptions, terminal: Terminal): Promise<ExitCode> {
  const { document, label } = await readLiveMap(options, terminal);
  const explanation = explainIdentity(document, arn);
  if (options.output === "table") terminal.out(renderExplanation(explanation, label, terminal));
  else
    terminal.out(options.output === "json" ? renderJson(dataOf(explanation)) : await renderYaml(dataOf(explanation)));
  return explanation.user === undefined ? exitCode.found : exitCode.done;
}

/** What `-o json` and `-o yaml` print; fields are added in time, and none goes. */
function dataOf({ user, givenBy, ...explanation }: Explanation): object {
  return {
    arn: explanation.arn,
    canonicalArn: explanation.identity.arn,
    mapped: user !== undefined,
    ...user,
    ...(givenBy !== undefined && { givenBy: entryData(givenBy) }),
    alternatives: explanation.alternatives.map(entryData),
    shadowed: explanation.shadowed.map(entryData),
    nearMisses: explanation.nearMisses.map(({ placed, reason }) => ({ ...entryData(placed), reason })),
    droppedKeys: explanation.droppedKeys.map(({ key, line, reason }) => ({ key, line, reason })),
    notes: explanation.notes,
  };
}

function entryData({ key, position, line, entry, owners }: ExplainedEntry): object {
  const { arn, account, sso, username, groups } = entry;
  return {
    key,
    position,
    ...(line !== undefined && { line }),
    ...(arn !== undefined && { arn }),
    ...(sso !== undefined && { sso }),
    ...(account !== undefined && { account }),
    ...(key !== "mapAccounts" && { username, groups }),
    owners,
  };
}
