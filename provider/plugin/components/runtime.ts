import type * as pulumi from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "../../engine/properties";
import { loadFromSdk } from "../../engine/pulumiSdk";
import { AwsAuthError } from "../../errors";

/** What Pulumi's own server of components uses of its SDK. The SDK has no types for it. */
export interface SdkRuntime {
  /** Runs a function with settings of its own, apart from those of others that run at the same time. */
  withLocalStorage<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Asks the engine what it supports. */
  awaitFeatureSupport(): Promise<void>;
  /** Waits for all registrations. */
  waitForRPCs(): Promise<void>;
  /** Reads inputs: plain values where they are plain, and outputs where they are secret or depend on resources. */
  deserializeInputs(
    inputs: Struct,
    dependencies: ReturnType<provider.ConstructRequest["getInputdependenciesMap"]>,
  ): Promise<pulumi.Inputs>;
  /** Reads resource hooks. */
  hookBindingFromProto(
    hooks: provider.ConstructRequest.ResourceHooksBinding | undefined,
  ): pulumi.ResourceHookBinding | undefined;
}

/**
 * Loads it.
 *
 * @throws AwsAuthError if the npm package has an older SDK beside it.
 */
export function sdkRuntime(): SdkRuntime {
  const { withLocalStorage } = loadFromSdk("@pulumi/pulumi/runtime/state");
  if (withLocalStorage === undefined) {
    const { version } = loadFromSdk("@pulumi/pulumi/version");
    const problem = `components need @pulumi/pulumi 3.202.0 or newer beside pulumi-aws-auth, and not ${version}; run "npm install @pulumi/pulumi@latest", or install the plugin by itself`;
    throw new AwsAuthError("missingPackage", problem);
  }
  const { awaitFeatureSupport, waitForRPCs } = loadFromSdk("@pulumi/pulumi/runtime/settings");
  const { deserializeInputs } = loadFromSdk("@pulumi/pulumi/provider/server");
  const { hookBindingFromProto } = loadFromSdk("@pulumi/pulumi/runtime/resource");
  return { withLocalStorage, awaitFeatureSupport, waitForRPCs, deserializeInputs, hookBindingFromProto };
}
