import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { assertSettings, type Settings, settingNames, settingProblem } from "../cluster/settings";
import { AwsAuthError } from "../errors";
import type { Properties } from "../lifecycle/state";
import { receive, struct } from "../pulumi/properties";
import { isUnknown } from "../pulumi/values";
import { holdsKubeconfig } from "../text/kubeconfigContent";
import { printable } from "../text/text";
import { failures, messages, type PropertyProblem } from "./messages";

/** Properties that the engine adds to those of the provider. */
const ofEngine = /^(?:__.*|version|pluginDownloadURL|pluginChecksums|parameterization)$/;

/** A provider's settings: string values by name, as in the stack's configuration. */
export type ProviderSettings = ReadonlyMap<string, string>;

/** Checks the settings of a default or explicit provider. */
export function checkConfig(request: provider.CheckRequest): provider.CheckResponse {
  const { values, secrets } = receive(request.getNews());
  // The engine prints the value of a failed property, and any of them may contain a kubeconfig by mistake.
  const contents = Object.keys(values).filter((name) => holdsKubeconfig(values[name]));
  const hidden = [...secrets, ...contents];
  const problems = [...unknownSettings(values), ...problemsOf(settingsIn(values))];
  return new (messages().CheckResponse)().setInputs(struct(values, hidden)).setFailuresList(failures(problems, hidden));
}

/** The settings in a Configure request. */
export function configured(request: provider.ConfigureRequest): ProviderSettings {
  return settingsIn(receive(request.getArgs()).values);
}

/** Returns settings by their keys in the stack's configuration, such as `aws-auth:cluster`. */
export function configOf(settings: ProviderSettings): (key: string) => string | undefined {
  const byKey = new Map(Array.from(settings, ([name, value]) => [`aws-auth:${name}`, value]));
  return (key) => byKey.get(key);
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

function unknownSettings(values: Properties): PropertyProblem[] {
  return Object.keys(values).flatMap((property) => {
    const reason = ofEngine.test(property) ? undefined : settingProblem(property, process.env["PULUMI_PROJECT"]);
    return reason === undefined ? [] : [{ property, reason: printable(reason) }];
  });
}

function problemsOf(given: ProviderSettings): PropertyProblem[] {
  const settings: Settings = { config: configOf(given), env: process.env, cwd: process.cwd() };
  try {
    assertSettings(settings);
    return [];
  } catch (error) {
    if (error instanceof AwsAuthError) {
      const property = settingNames.find((name) => error.message.includes(`aws-auth:${name} `)) ?? "";
      return [{ property, reason: error.message.toWellFormed() }];
    }
    throw error;
  }
}
