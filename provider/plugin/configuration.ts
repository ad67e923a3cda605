import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { assertSettings, type Settings, settingNames, settingProblem } from "../cluster/settings";
import { report } from "../engine/diagnostics";
import { receive, struct } from "../engine/properties";
import { withoutSecrets } from "../engine/secretValues";
import { isUnknown } from "../engine/unknownValue";
import { AwsAuthError, ignoreUserErrors } from "../errors";
import type { Properties } from "../lifecycle/state";
import { jsonFields } from "../text/fields";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { printable } from "../text/text";
import type { PropertyProblem } from "./arguments";
import { failures, maybeOlder, messages } from "./messages";

/** Properties that the engine adds to a provider's own. */
const ofEngine = /^(?:__.*|version|pluginDownloadURL|pluginChecksums|parameterization)$/;

/** A provider's settings: the values as strings, as in the stack's configuration, by name. */
export type ProviderSettings = ReadonlyMap<string, string>;

/** Checks the settings of a provider: those of the stack's configuration, or of an explicit provider. */
export function checkConfig(request: provider.CheckRequest): provider.CheckResponse {
  const { values, secrets } = receive(request.getNews());
  // It may be in any of them by mistake.
  const contents = Object.keys(values).filter((name) => holdsKubeconfig(values[name]));
  const hidden = [...secrets, ...contents];
  const settings = settingsIn(values);
  const problems = [...unknownSettings(values), ...problemsOf(settings), ...lostSettings(settings, request.getUrn())];
  return new (messages().CheckResponse)().setInputs(struct(values, hidden)).setFailuresList(failures(problems, hidden));
}

/**
 * Another default cluster replaces the provider with all its mappings: what goes is deleted through the old settings, which alone lead to
 * the old cluster.
 */
export async function diffConfig(request: provider.DiffRequest): Promise<provider.DiffResponse> {
  const olds = settingsIn(receive(request.getOldInputs() ?? request.getOlds()).values);
  const news = receive(request.getNews()).values;
  const after = settingsIn(news);
  const changed = settingNames.filter((name) => olds.get(name) !== after.get(name) || isUnknown(news[name]));
  const { DiffResponse } = messages();
  const response = new DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = DiffResponse.DiffChanges;
  response.setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME).setDiffsList(changed);
  const naming = changed.filter((name) => clusterNames.includes(name));
  // The engine replaces mappings that name their own cluster too, where only a claim keeps the deletion from taking what was just made.
  const isClaimed = [olds, after].every((settings) => settings.get("ownership") !== "off");
  const unknown = naming.filter((name) => isUnknown(news[name]));
  if (naming.length > 0 && isClaimed && (unknown.length > 0 || (await isOtherCluster(olds, after)))) {
    response.setReplacesList(naming);
    if (unknown.length > 0) {
      const text = `${unknown.join(", ")} not known yet: this preview replaces the provider and its mappings; the update does so only if they lead to another cluster`;
      await report("info", text, request.getUrn());
    }
  }
  return response;
}

/** The settings that may lead to another default cluster: a context to another API server, a profile to another region. */
const clusterNames: readonly string[] = ["cluster", "region", "profile", "kubeconfig", "context", "manifest"];

/** Whether settings lead to another default cluster than before. False if one of them leads to none that is known. */
async function isOtherCluster(olds: ProviderSettings, news: ProviderSettings): Promise<boolean> {
  const { isSameCluster, resolveClusterRef } = await import("../cluster/index.js");
  const [before, after] = await Promise.all(
    [olds, news].map((settings) => ignoreUserErrors(() => resolveClusterRef(undefined, asSettings(settings)))),
  );
  return before !== undefined && after !== undefined && !isSameCluster(before, after);
}

/** The settings in a request to configure the provider. */
export function configured(request: provider.ConfigureRequest): ProviderSettings {
  const { values } = receive(request.getArgs());
  // Engines that predate explicit providers send strings alone.
  const strings = [...request.getVariablesMap().entries()].map(([key, value]) => [key.replace(/^.*:/s, ""), value]);
  return withCurrent(settingsIn({ ...Object.fromEntries(strings), ...values }), maybeOlder(request).getUrn?.() ?? "");
}

/** The engine names a default provider by its version, if the program asks for one. A name like `default_east` is a program's own. */
const isDefault = /::default(?:_\d+_\d+_\d+[^:]*)?$/;

/**
 * What counts as it is now: what lets a run go on without its cluster, which nobody sets before that cluster is lost, and what keeps a run
 * from removing the last administrators.
 */
const currentNames: readonly string[] = ["unreachable", "deleteUnreachable", "lockoutProtection"];

/**
 * The engine configures a default provider of which the program makes no use as the last update did: in a refresh or a destroy, and where
 * the last mapping has left the program. So these settings are taken from the stack's configuration, as the engine passes it to the
 * process. An explicit provider has none of it.
 */
function withCurrent(settings: ProviderSettings, urn: string): ProviderSettings {
  const current = currentConfig(urn);
  if (current === undefined) {
    return settings;
  }
  const others = [...settings].filter(([name]) => !currentNames.includes(name));
  return new Map([...others, ...[...current].filter(([name]) => currentNames.includes(name))]);
}

/** The stack's configuration of a default provider; undefined for any other. */
function currentConfig(urn: string): ProviderSettings | undefined {
  const current = isDefault.test(urn) ? jsonFields(process.env["PULUMI_CONFIG"] ?? "") : undefined;
  return current && settingsIn(current);
}

/** An explicit provider with the name of a default one, which is checked with the stack's configuration, cannot be told from it later. */
function lostSettings(settings: ProviderSettings, urn: string): PropertyProblem[] {
  const current = currentConfig(urn);
  const lost = currentNames.filter((name) => settings.get(name) !== (current ?? settings).get(name));
  const reason = (name: string) =>
    `${name} would be that of the stack's configuration, since the provider has the name of a default one; name it otherwise`;
  return lost.map((property) => ({ property, reason: reason(property).toWellFormed() }));
}

/** How the engine refers to the provider that it configures; undefined if it does not say. */
export function referenceOf(request: provider.ConfigureRequest): string | undefined {
  const older = maybeOlder(request);
  const [urn = "", id = ""] = [older.getUrn?.(), older.getId?.()];
  return urn === "" || id === "" ? undefined : `${urn}::${id}`;
}

function settingsIn(values: Properties): ProviderSettings {
  const given = settingNames.flatMap((name) => {
    const value = values[name];
    return value === undefined || value === null || isUnknown(value) ? [] : [[name, asString(value)] as const];
  });
  return new Map(given);
}

function asString(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The settings by their keys in the stack's configuration, such as `aws-auth:cluster`. Every request asks for several. */
export function configOf(settings: ProviderSettings): (key: string) => string | undefined {
  const byKey = new Map(Array.from(settings, ([name, value]) => [`aws-auth:${name}`, value]));
  return (key) => byKey.get(key);
}

function asSettings(settings: ProviderSettings): Settings {
  return { config: configOf(settings), env: process.env, cwd: process.cwd() };
}

function unknownSettings(values: Properties): PropertyProblem[] {
  return Object.keys(values).flatMap((property) => {
    const reason = ofEngine.test(property) ? undefined : settingProblem(property, process.env["PULUMI_PROJECT"]);
    return reason === undefined ? [] : [{ property, reason: printable(reason) }];
  });
}

function problemsOf(settings: ProviderSettings): PropertyProblem[] {
  try {
    assertSettings(asSettings(settings));
    return [];
  } catch (error) {
    if (error instanceof AwsAuthError) {
      const property = settingNames.find((name) => error.message.includes(`aws-auth:${name} `)) ?? "";
      return [{ property, reason: withoutSecrets(error.message).toWellFormed() }];
    }
    throw error;
  }
}
