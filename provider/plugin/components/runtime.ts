import type * as pulumi from "@pulumi/pulumi";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { loadFromSdk } from "../../pulumiSdk";
import type { Struct } from "../values";

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

/** Loads it. */
export function sdkRuntime(): SdkRuntime {
  const { withLocalStorage } = loadFromSdk("@pulumi/pulumi/runtime/state");
  const { awaitFeatureSupport, waitForRPCs } = loadFromSdk("@pulumi/pulumi/runtime/settings");
  const { deserializeInputs } = loadFromSdk("@pulumi/pulumi/provider/server");
  const { hookBindingFromProto } = loadFromSdk("@pulumi/pulumi/runtime/resource");
  return { withLocalStorage, awaitFeatureSupport, waitForRPCs, deserializeInputs, hookBindingFromProto };
}
