import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type { StoredMapping } from "../provider/lifecycle/removals";
import { secretsProperty } from "../provider/secretValues";
import { field, fieldOf, plainValue, structEntries, structIn } from "./protobuf";
import { resourceType } from "./resourceType";

/** How much is read, where it is not all the same what that takes. */
export interface ReadLimits {
  /** In bytes. */
  readonly bytes: number;
  /** In milliseconds. */
  readonly time: number;
}

/** Says in words why the engine's answer was given up. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/**
 * The mappings in the stack's state. The engine has one way to tell: the outputs of all resources of the stack at once, of which those
 * of mappings alone are decoded. Pulumi's `invoke` would besides bring the resources to which others refer to life, and a resource that
 * this program no longer declares makes that, and with it the program, fail.
 *
 * @throws GivenUp past a limit; whatever else goes wrong in Pulumi's own packages.
 */
export async function storedMappings(limits: ReadLimits): Promise<StoredMapping[]> {
  const args = field(1, Buffer.concat([field(1, "stackName"), field(2, field(3, stackReference()))]));
  const request = Buffer.concat([field(1, "pulumi:pulumi:readStackResourceOutputs"), field(2, args)]);
  return mappingsIn(await invoke(request, limits));
}

/** Loaded when it is needed, and as Pulumi itself loads it: a program may have another copy, or none that is whole. */
function invoke(request: Buffer, limits: ReadLimits): Promise<Buffer> {
  const load = createRequire(require.resolve("@pulumi/pulumi/package.json"));
  const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
  // A connection of its own, since Pulumi's takes answers of any size.
  const client = new grpc.Client(process.env["PULUMI_NODEJS_MONITOR"] ?? "", grpc.credentials.createInsecure(), {
    "grpc.max_receive_message_length": limits.bytes,
  });
  const { DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED } = grpc.status;
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      "/pulumirpc.ResourceMonitor/Invoke",
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      request,
      new grpc.Metadata(),
      { deadline: Date.now() + limits.time },
      (error, answer) => {
        if (error?.code === DEADLINE_EXCEEDED) {
          reject(new GivenUp(`the engine took more than ${limits.time / 1000} s to read the stack's state`));
        } else if (error?.code === RESOURCE_EXHAUSTED) {
          reject(new GivenUp(`the stack's outputs take more than ${limits.bytes / 1024 / 1024} MiB`));
        } else if (error !== null || answer === undefined) {
          reject(error ?? new Error("the engine gave no answer"));
        } else {
          resolve(answer);
        }
      },
    );
  }).finally(() => client.close());
}

/** The stack's full name: a bare one is taken for a stack of whoever is logged in. A backend of one's own has no organisations. */
function stackReference(): string {
  const organization = pulumi.getOrganization();
  const stack = pulumi.getStack();
  return organization === "organization" ? stack : `${organization}/${pulumi.getProject()}/${stack}`;
}

/** @param response a `ResourceInvokeResponse`. */
function mappingsIn(response: Buffer): StoredMapping[] {
  const outputs = structEntries(fieldOf(response, 1)).find(([name]) => name === "outputs")?.[1] ?? Buffer.alloc(0);
  return structEntries(structIn(outputs)).flatMap(([urn, resource]) => {
    // A URN has the types of the parents before the resource's own.
    if (!urn.includes(`${resourceType}::`)) {
      return [];
    }
    const { type, outputs } = Object.fromEntries(structEntries(structIn(resource)));
    return type !== undefined && plainValue(type) === resourceType && outputs !== undefined
      ? [{ urn, outputs: withoutSecrecy(structEntries(structIn(outputs))) }]
      : [];
  });
}

/** Secrets come as objects of their own kind. */
function withoutSecrecy(outputs: readonly (readonly [name: string, value: Buffer])[]): Record<string, unknown> {
  const { deserializeProperty, isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  const values = outputs.map(([name, value]) => [name, deserializeProperty(plainValue(value))] as const);
  const secrets = values.filter(([, value]) => isRpcSecret(value)).map(([name]) => name);
  return {
    ...Object.fromEntries(values.map(([name, value]) => [name, unwrapRpcSecret(value)])),
    ...(secrets.length > 0 && { [secretsProperty]: secrets }),
  };
}
