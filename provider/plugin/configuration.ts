import type { dynamic } from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { holdsKubeconfig } from "../cluster/clusterInput";
import { isSameCluster } from "../cluster/clusterRef";
import { resolveClusterRef } from "../cluster/resolveClusterRef";
import { invalidSetting, type Settings, settingNames, settingProblem } from "../cluster/settings";
import { ignoreUserErrors } from "../errors";
import type { Properties } from "../lifecycle/state";
import { receive, struct } from "../pulumi/properties";
import { hasUnknown, isUnknown } from "../pulumi/values";
import { stringOf } from "../text/fields";
import { failures, messages } from "./protocol";

/** Properties that the engine adds to those of the provider. */
const ofEngine = /^(?:__.*|version|pluginDownloadURL|pluginChecksums|parameterization)$/;

export function checkConfig(request: provider.CheckRequest): provider.CheckResponse {
  const { values, secrets } = receive(request.getNews());
  // The engine prints the value of a failed property, and any of them may contain a kubeconfig by mistake.
  const contents = Object.keys(values).filter((name) => holdsKubeconfig(values[name]));
  const hidden = [...secrets, ...contents];
  const problems = [...unknownSettings(values), ...problemsOfProvider(values)];
  return new (messages().CheckResponse)().setInputs(struct(values, hidden)).setFailuresList(failures(problems, hidden));
}

/**
 * Compares the settings of a provider. If a kubeconfig led to another cluster, the provider is replaced, so that the engine deletes the old
 * mappings with the old kubeconfig. The state of a mapping identifies all other clusters.
 */
export async function diffConfig(request: provider.DiffRequest): Promise<provider.DiffResponse> {
  // The environment specifies how to reach a cluster, not which one it is.
  const { AWS_AUTH_KUBECONFIG: _file, AWS_AUTH_CONTEXT: _context, ...env } = process.env;
  const clusterOf = async (values: Properties) => {
    const settings: Settings = { config: configOf(values), env, cwd: process.cwd() };
    return hasUnknown(values) ? undefined : ignoreUserErrors(() => resolveClusterRef(undefined, settings));
  };
  const [before, after] = [receive(request.getOlds()).values, receive(request.getNews()).values];
  const [left, right] = [await clusterOf(before), await clusterOf(after)];
  const isMoved = left?.kind === "kubeconfig" && right !== undefined && !isSameCluster(left, right);
  // The engine detects all other changes.
  const replaces = settingNames.filter((name) => isMoved && before[name] !== after[name]);
  return new (messages().DiffResponse)().setReplacesList(replaces);
}

export function configured(request: provider.ConfigureRequest): Settings["config"] {
  return configOf(receive(request.getArgs()).values);
}

/** The settings of a provider by their keys in the stack configuration, such as `aws-auth:cluster`. */
function configOf(values: Properties): Settings["config"] {
  const byKey = new Map(settingNames.map((name) => [`aws-auth:${name}`, values[name]]));
  return (key) => {
    const value = byKey.get(key);
    return value === undefined || value === null || isUnknown(value) ? undefined : stringOf(value);
  };
}

function unknownSettings(values: Properties): dynamic.CheckFailure[] {
  return Object.keys(values).flatMap((property) => {
    const reason = ofEngine.test(property) ? undefined : settingProblem(property, process.env["PULUMI_PROJECT"]);
    return reason === undefined ? [] : [{ property, reason }];
  });
}

function problemsOfProvider(values: Properties): dynamic.CheckFailure[] {
  const settings: Settings = { config: configOf(values), env: process.env, cwd: process.cwd() };
  const reason = invalidSetting(settings);
  const property = settingNames.find((name) => reason?.includes(`aws-auth:${name} `)) ?? "";
  return reason === undefined ? [] : [{ property, reason }];
}
