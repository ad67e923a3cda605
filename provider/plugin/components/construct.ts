import { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { notKnownInTime } from "../../../sdk/configItems";
import { engineAddress } from "../../engine/diagnostics";
import { receive, struct, withIds } from "../../engine/properties";
import { hasUnknown } from "../../engine/unknownValue";
import { AwsAuthError } from "../../errors";
import type { Properties } from "../../lifecycle/state";
import { quoted } from "../../text/text";
import { nameProblems } from "../arguments";
import { messages } from "../messages";
import { componentOptions } from "./options";
import { type PluginContext, PluginIdentityMappings, PluginServiceMapping } from "./resources";
import { type SdkRuntime, sdkRuntime } from "./runtime";

/** A component of the package. */
interface Component {
  /** The inputs that decide which resources it has, so that their values have to be known when it is made. */
  readonly plain: readonly string[];
  make(name: string, inputs: pulumi.Inputs, options: pulumi.ComponentResourceOptions, context: PluginContext): Made;
}

/** A component with what programs see of it. */
type Made = PluginIdentityMappings | PluginServiceMapping;

const components: Readonly<Record<string, Component>> = {
  "aws-auth:index:IdentityMappings": {
    plain: ["file", "config"],
    make: (name, inputs, options, context) => new PluginIdentityMappings(name, inputs, options, context),
  },
  "aws-auth:index:ServiceIdentityMapping": {
    plain: ["serviceName"],
    make: (name, { serviceName, namespace, ...inputs }, options, context) =>
      new PluginServiceMapping(name, { ...inputs, serviceName, namespace }, options, context),
  },
};

/**
 * Makes a component: registers it and its resources with the engine that asks for it, as a program does.
 *
 * @param own the reference of the provider that this process is, if the engine has told.
 */
export async function construct(
  request: provider.ConstructRequest,
  own: string | undefined,
  context: PluginContext,
): Promise<provider.ConstructResponse> {
  const type = request.getType();
  const component = Object.hasOwn(components, type) ? components[type] : undefined;
  if (component === undefined) {
    const names = Object.keys(components).join(", ");
    throw new AwsAuthError("invalidInput", `there is no component ${quoted(type)}; the components are ${names}`);
  }
  const label = `${type.replace(/^.*:/s, "")} ${quoted(request.getName())}`;
  assertComplete(request, label);
  const known = plainInputs(request, component, label);
  const runtime = sdkRuntime();
  // Settings are per store, so that components made at the same time do not share them.
  return runtime.withLocalStorage(async () => {
    try {
      return await rejectOnUnhandled(async () => {
        await useEngineOf(request, runtime);
        const options = componentOptions(request, own, runtime);
        const inputs = await inputsOf(request, runtime, label);
        const made = component.make(request.getName(), { ...inputs, ...known }, options, context);
        const response = await responseOf(made, label);
        await runtime.waitForRPCs();
        return response;
      });
    } catch (error) {
      throw shown(error, label);
    }
  });
}

/** What to call with an error of the component that is being made. */
const making = new AsyncLocalStorage<(error: unknown) => void>();

let isWatching = false;

/**
 * Makes a component, or fails with the first error of one of its resources: Pulumi's SDK reports it to nobody, and what depends on the
 * resource would wait for ever.
 */
function rejectOnUnhandled<Result>(make: () => Promise<Result>): Promise<Result> {
  if (!isWatching) {
    isWatching = true;
    process.on("unhandledRejection", fail);
  }
  return new Promise((resolve, reject) => {
    making.run(reject, () => void make().then(resolve, reject));
  });
}

function fail(error: unknown): void {
  const reject = making.getStore();
  if (reject === undefined) {
    // As Node does without a listener.
    throw error;
  }
  reject(error);
}

/** An error of a component in the form for the user, who does not need to know where it was thrown. */
function shown(error: unknown, label: string): unknown {
  if (pulumi.RunError.isInstance(error)) {
    return new AwsAuthError("invalidInput", error.message, { cause: error });
  }
  if (error instanceof Error && pulumi.isGrpcError(error)) {
    return new AwsAuthError("conflict", `${label}: the engine has stopped, so the rest of it was not made`);
  }
  // The engine refuses a resource in words for the user.
  return error instanceof Error && error.message.startsWith("failed to register new resource")
    ? new AwsAuthError("rejected", `${label}: ${error.message}`, { cause: error })
    : error;
}

function assertComplete(request: provider.ConstructRequest, label: string): void {
  if (request.getName() === "") {
    throw new AwsAuthError("invalidInput", `${label}: the request does not name it`);
  }
  const monitor = request.getMonitorendpoint();
  if (!/^[\w.-]+:\d+$/.test(monitor)) {
    const problem = `${label}: ${quoted(monitor)} is not the address of a resource monitor, such as 127.0.0.1:50051`;
    throw new AwsAuthError("invalidInput", problem);
  }
}

/** The inputs that have to be known, by name. Null is not set. */
function plainInputs(request: provider.ConstructRequest, component: Component, label: string): Properties {
  const { values, secrets } = receive(request.getInputs());
  const problems = nameProblems(values, request.getType()).map(({ reason }) => reason);
  for (const name of component.plain) {
    if (hasUnknown(values[name])) {
      problems.push(notKnownInTime(name));
    } else if (secrets.includes(name)) {
      problems.push(
        `${name} is secret, but the names of resources would show what it says; use an IdentityMapping for that`,
      );
    }
  }
  if (problems.length > 0) {
    throw new AwsAuthError("invalidInput", `${label}: ${problems.join("; and ")}`);
  }
  const given = component.plain.filter((name) => values[name] !== undefined && values[name] !== null);
  return Object.fromEntries(given.map((name) => [name, values[name]]));
}

/** Connects the SDK with the engine. */
async function useEngineOf(request: provider.ConstructRequest, runtime: SdkRuntime): Promise<void> {
  pulumi.runtime.resetOptions(
    request.getProject(),
    request.getStack(),
    request.getParallel(),
    engineAddress() ?? "",
    request.getMonitorendpoint(),
    request.getDryrun(),
    request.getOrganization(),
  );
  const config = Object.fromEntries(request.getConfigMap().entries());
  pulumi.runtime.setAllConfig(config, request.getConfigsecretkeysList());
  try {
    await runtime.awaitFeatureSupport();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsAuthError("invalidInput", `the resource monitor at ${request.getMonitorendpoint()} fails: ${why}`);
  }
}

async function inputsOf(
  request: provider.ConstructRequest,
  runtime: SdkRuntime,
  label: string,
): Promise<pulumi.Inputs> {
  const given = request.getInputs();
  if (given === undefined) {
    return {};
  }
  try {
    // Where the SDK knows the type it would make a resource of it, and where it does not, a URN of an ID that is not known yet.
    const inputs = await runtime.deserializeInputs(withIds(given), request.getInputdependenciesMap());
    return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined && value !== null));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AwsAuthError("invalidInput", `${label}: its inputs cannot be read: ${why}`, { cause: error });
  }
}

async function responseOf(component: Made, label: string): Promise<provider.ConstructResponse> {
  const { ConstructResponse } = messages();
  const response = new ConstructResponse();
  response.setUrn(await promised(component.urn));
  const [state, dependencies] = await pulumi.runtime.serializeResourceProperties(label, component.outputs);
  response.setState(struct(state, []));
  for (const [name, resources] of dependencies) {
    const urns = new ConstructResponse.PropertyDependencies();
    urns.setUrnsList(await Promise.all([...resources].map(({ urn }) => promised(urn))));
    response.getStatedependenciesMap().set(name, urns);
  }
  return response;
}

/** The value of an output that is always known, such as a URN. */
function promised<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}
