import * as pulumi from "@pulumi/pulumi";
import type * as service from "@pulumi/pulumi/proto/resource_grpc_pb";
import type * as messages from "@pulumi/pulumi/proto/resource_pb";
import { receive } from "../provider/engine/properties";
import { loadFromSdk } from "../provider/engine/pulumiSdk";
import { secretsProperty } from "../provider/engine/secretValues";
import { parseUrn } from "../provider/engine/urn";
import { mappingType } from "../provider/lifecycle/context";
import type { StoredMapping } from "../provider/lifecycle/state";
import { fieldsOf } from "../provider/text/fields";
import { resourceType } from "./dynamicProvider";

/** Limits for reading the state. */
export interface ReadLimits {
  /** In bytes. */
  readonly bytes: number;
  /** In milliseconds. */
  readonly time: number;
}

/** The error for a response that exceeds a limit, with the reason in words. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/**
 * Reads the mappings in the stack's state, those of the resource plugin among them. The engine can only return the outputs of all
 * resources of the stack. Pulumi's own `invoke` would resolve resource references in them, which fails, together with the program, for a
 * resource that the program no longer declares.
 *
 * @throws GivenUp if a limit is exceeded; any error of Pulumi's packages.
 */
export async function storedMappings(limits: ReadLimits): Promise<StoredMapping[]> {
  const result = await invoke("pulumi:pulumi:readStackResourceOutputs", { stackName: stackReference() }, limits);
  const found: StoredMapping[] = [];
  const resources = result.getReturn()?.getFieldsMap().get("outputs")?.getStructValue();
  resources?.getFieldsMap().forEach((resource, urn) => {
    const fields = resource.getStructValue();
    const type = fields?.getFieldsMap().get("type")?.getStringValue();
    if (fields !== undefined && (type === resourceType || type === mappingType)) {
      const { values, secrets } = receive(fields.getFieldsMap().get("outputs")?.getStructValue());
      found.push({ urn, outputs: { ...values, ...(secrets.length > 0 && { [secretsProperty]: secrets }) } });
    }
  });
  return found;
}

export function isOfPlugin({ urn }: StoredMapping): boolean {
  return parseUrn(urn)?.type === mappingType;
}

/**
 * The mappings of this package's own type: without those that an alias moves to the resource plugin, and with those that one brings back
 * from it, under their new URNs.
 *
 * @param kept the URNs of declared mappings that exist in the state.
 */
export async function ownMappings(
  found: readonly StoredMapping[],
  kept: ReadonlySet<string>,
): Promise<readonly StoredMapping[]> {
  const names = new Set(found.map(({ urn }) => urn));
  const ownUrn = ({ urn }: StoredMapping) => urn.replace(`${mappingType}::`, `${resourceType}::`);
  const mayReturn = (mapping: StoredMapping) => kept.has(ownUrn(mapping)) && !names.has(ownUrn(mapping));
  const own = found.filter((mapping) => !isOfPlugin(mapping) || mayReturn(mapping));
  const elsewhere = await Promise.all(own.map((mapping) => !kept.has(mapping.urn) && isInPlugin(mapping)));
  return own.filter((_, index) => !elsewhere[index]).map((mapping) => ({ ...mapping, urn: ownUrn(mapping) }));
}

/** Whether the program declares a stored mapping through the resource plugin. One of the same name for somebody else is another mapping. */
async function isInPlugin({ urn, outputs }: StoredMapping): Promise<boolean> {
  const declared = urn.replace(`${resourceType}::`, `${mappingType}::`);
  // Loaded on demand, since usually nothing is removed.
  const { parseState } = await import("../provider/lifecycle/state.js");
  const { principal } = parseState(outputs);
  return pulumi.runtime.invoke("pulumi:pulumi:getResource", { urn: declared }).then(
    (found) => principal !== undefined && parseState(fieldsOf(fieldsOf(found)["state"])).principal === principal,
    () => false,
  );
}

/** Uses a connection of its own, since Pulumi's has no limit for the size of responses. */
function invoke(token: string, args: object, limits: ReadLimits): Promise<messages.ResourceInvokeResponse> {
  const grpc: typeof import("@grpc/grpc-js") = loadFromSdk("@grpc/grpc-js");
  const { ResourceMonitorClient }: typeof service = loadFromSdk("@pulumi/pulumi/proto/resource_grpc_pb");
  const { ResourceInvokeRequest }: typeof messages = loadFromSdk("@pulumi/pulumi/proto/resource_pb");
  const { Struct } = loadFromSdk("google-protobuf/google/protobuf/struct_pb");
  const request = new ResourceInvokeRequest().setTok(token).setArgs(Struct.fromJavaScript(args));
  const client = new ResourceMonitorClient(
    process.env["PULUMI_NODEJS_MONITOR"] ?? "",
    grpc.credentials.createInsecure(),
    { "grpc.max_receive_message_length": limits.bytes },
  );
  const { DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED } = grpc.status;
  return new Promise<messages.ResourceInvokeResponse>((resolve, reject) => {
    const deadline = Date.now() + limits.time;
    client.invoke(request, new grpc.Metadata(), { deadline }, (error, response) => {
      if (error?.code === DEADLINE_EXCEEDED) {
        reject(new GivenUp(`the engine took more than ${limits.time / 1000} s to read the stack's state`));
      } else if (error?.code === RESOURCE_EXHAUSTED) {
        reject(
          new GivenUp(`the resource outputs in the stack's state take more than ${limits.bytes / 1024 / 1024} MiB`),
        );
      } else if (error === null) {
        resolve(response);
      } else {
        reject(error);
      }
    });
  }).finally(() => client.close());
}

/**
 * The stack's full name, since a bare one would refer to a stack of the logged-in user. A self-managed backend has no
 * organizations.
 */
function stackReference(): string {
  const organization = pulumi.getOrganization();
  const stack = pulumi.getStack();
  return organization === "organization" ? stack : `${organization}/${pulumi.getProject()}/${stack}`;
}
