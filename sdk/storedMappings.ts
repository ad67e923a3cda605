import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { ResourceInvokeRequest, type ResourceInvokeResponse } from "@pulumi/pulumi/proto/resource_pb";
import type { StoredMapping } from "../provider/lifecycle/removals";
import { resourceType } from "./resourceType";

/** The mappings in the stack's state; none where the engine cannot say, since nothing that a preview does may depend on it. */
export async function storedMappings(): Promise<StoredMapping[]> {
  try {
    return mappingsIn(await readStack(stackReference()));
  } catch {
    return [];
  }
}

/**
 * Asks the engine itself. Pulumi's `invoke` would bring the resources to which others refer to life, and a resource that this program
 * no longer declares makes that, and with it the program, fail.
 */
function readStack(stackName: string): Promise<ResourceInvokeResponse> {
  const request = new ResourceInvokeRequest();
  request.setTok("pulumi:pulumi:readStackResourceOutputs");
  request.setArgs(Struct.fromJavaScript({ stackName }));
  request.setAcceptresources(false);
  const monitor = pulumi.runtime.getMonitor();
  return new Promise((resolve, reject) => {
    if (monitor === undefined) {
      reject(new Error("no engine"));
    } else {
      monitor.invoke(request, (error, response) => (error === null ? resolve(response) : reject(error)));
    }
  });
}

/** What `setArgs` takes, of the very copy of the library that Pulumi writes requests with. */
const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb") = createRequire(
  require.resolve("@pulumi/pulumi"),
)("google-protobuf/google/protobuf/struct_pb");

/** The stack's full name: a bare one is taken for a stack of whoever is logged in. A backend of one's own has no organisations. */
function stackReference(): string {
  const organization = pulumi.getOrganization();
  const stack = pulumi.getStack();
  return organization === "organization" ? stack : `${organization}/${pulumi.getProject()}/${stack}`;
}

function mappingsIn(response: ResourceInvokeResponse): StoredMapping[] {
  const { outputs } = response.getReturn()?.toJavaScript() ?? {};
  return Object.entries(fieldsOf(outputs)).flatMap(([urn, resource]) => {
    const { type, outputs } = fieldsOf(resource);
    return type === resourceType ? [{ urn, outputs: plain(fieldsOf(outputs)) }] : [];
  });
}

type Fields = Partial<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Secrets are passed as objects of their own kind. */
function plain(fields: Fields): Record<string, unknown> {
  const { deserializeProperty, unwrapRpcSecret } = pulumi.runtime;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, unwrapRpcSecret(deserializeProperty(value))]),
  );
}
