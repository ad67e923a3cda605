import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import type { StoredMapping } from "../provider/lifecycle/state";
import { secretsProperty } from "../provider/secretValues";
import { resourceType } from "./dynamicProvider";

/**
 * The part of protobuf's wire format that is needed for one request to the engine and for the relevant part of its response.
 * Pulumi's own classes decode the whole response, which takes seconds if it contains the outputs of a large stack.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 * @module
 */

/** One field of a message, with its number. For a varint, the content is its first byte. */
type Field = readonly [number: number, content: Buffer];

/** The fields of a message. @throws RangeError if the bytes are not a message. */
export function messageFields(message: Buffer): Field[] {
  const fields: Field[] = [];
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    fields.push(reader.field());
  }
  return fields;
}

/** The content of a message's field; empty if it is absent. */
export function messageField(message: Buffer, number: number): Buffer {
  return messageFields(message).findLast(([other]) => other === number)?.[1] ?? Buffer.alloc(0);
}

/** The entries of a `google.protobuf.Struct`: each a name and a `google.protobuf.Value`. */
function structEntries(struct: Buffer): [name: string, value: Buffer][] {
  return messageFields(struct).map(([, entry]) => [messageField(entry, 1).toString("utf8"), messageField(entry, 2)]);
}

/** The struct in a `google.protobuf.Value`; empty if it contains another value. */
function structIn(value: Buffer): Buffer {
  return messageField(value, 5);
}

/** The plain value of a `google.protobuf.Value`. */
export function plainValue(value: Buffer): unknown {
  const [number, content] = messageFields(value).at(-1) ?? [1, value];
  switch (number) {
    case 2:
      return content.readDoubleLE();
    case 3:
      return content.toString("utf8");
    case 4:
      return content[0] === 1;
    case 5:
      return Object.fromEntries(structEntries(content).map(([name, inner]) => [name, plainValue(inner)]));
    case 6:
      return messageFields(content).map(([, inner]) => plainValue(inner));
    default:
      return null;
  }
}

/** Encodes a field with a string or a message. */
export function field(number: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + lengthDelimited), varint(bytes.length), bytes]);
}

const lengthDelimited = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) + 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** Reads a message from its start to its end. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  field(): Field {
    const tag = this.#varint();
    const start = this.#at;
    switch (tag % 8) {
      case 0:
        this.#varint();
        return [Math.floor(tag / 8), this.#bytes.subarray(start, this.#at)];
      case 1:
        return [Math.floor(tag / 8), this.#take(8)];
      case lengthDelimited:
        return [Math.floor(tag / 8), this.#take(this.#varint())];
      case 5:
        return [Math.floor(tag / 8), this.#take(4)];
      default:
        throw new RangeError("these bytes are no message");
    }
  }

  #take(length: number): Buffer {
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      throw new RangeError("the message ends too early");
    }
    return this.#bytes.subarray(start, this.#at);
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const [byte = 0] = this.#take(1);
      value += (byte % 0x80) * factor;
      if (byte < 0x80) {
        return value;
      }
    }
  }
}

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
 * Reads the mappings in the stack's state. The engine can only return the outputs of all resources of the stack, of which only
 * those of mappings are decoded. Pulumi's own `invoke` would also resolve resource references, which fails, together with the
 * program, for a resource that the program no longer declares.
 *
 * @throws GivenUp if a limit is exceeded; any error of Pulumi's packages.
 */
export async function storedMappings(limits: ReadLimits): Promise<StoredMapping[]> {
  const args = field(1, Buffer.concat([field(1, "stackName"), field(2, field(3, stackReference()))]));
  const request = Buffer.concat([field(1, "pulumi:pulumi:readStackResourceOutputs"), field(2, args)]);
  return mappingsIn(await invoke(request, limits));
}

/** Loaded on demand, and from Pulumi's own dependencies, since a program may have another or an incomplete copy. */
function invoke(request: Buffer, limits: ReadLimits): Promise<Buffer> {
  const load = createRequire(require.resolve("@pulumi/pulumi/package.json"));
  const grpc: typeof import("@grpc/grpc-js") = load("@grpc/grpc-js");
  // A separate connection, since Pulumi's own has no limit for the size of responses.
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
      (error, response) => {
        if (error?.code === DEADLINE_EXCEEDED) {
          reject(new GivenUp(`the engine took more than ${limits.time / 1000} s to read the stack's state`));
        } else if (error?.code === RESOURCE_EXHAUSTED) {
          reject(
            new GivenUp(`the resource outputs in the stack's state take more than ${limits.bytes / 1024 / 1024} MiB`),
          );
        } else if (error !== null || response === undefined) {
          reject(error ?? new Error("the engine gave no response"));
        } else {
          resolve(response);
        }
      },
    );
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

/** @param response a `ResourceInvokeResponse`. */
function mappingsIn(response: Buffer): StoredMapping[] {
  const outputs = structEntries(messageField(response, 1)).find(([name]) => name === "outputs")?.[1] ?? Buffer.alloc(0);
  return structEntries(structIn(outputs)).flatMap(([urn, resource]) => {
    // In a URN, the types of the parents precede the resource's own.
    if (!urn.includes(`${resourceType}::`)) {
      return [];
    }
    const { type, outputs } = Object.fromEntries(structEntries(structIn(resource)));
    return type !== undefined && plainValue(type) === resourceType && outputs !== undefined
      ? [new EncodedMapping(urn, outputs)]
      : [];
  });
}

/** Decodes its outputs when they are needed, which they are not in a preview without changes. */
class EncodedMapping implements StoredMapping {
  readonly urn: string;
  readonly #encoded: Buffer;
  #outputs: Record<string, unknown> | undefined;

  constructor(urn: string, encoded: Buffer) {
    this.urn = urn;
    this.#encoded = encoded;
  }

  get outputs(): Record<string, unknown> {
    this.#outputs ??= withoutSecrecy(structEntries(structIn(this.#encoded)));
    return this.#outputs;
  }
}

/** Secrets are represented by special objects. */
function withoutSecrecy(outputs: readonly (readonly [name: string, value: Buffer])[]): Record<string, unknown> {
  const { deserializeProperty, isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  const values = outputs.map(([name, value]) => [name, deserializeProperty(plainValue(value))] as const);
  const secrets = values.filter(([, value]) => isRpcSecret(value)).map(([name]) => name);
  return {
    ...Object.fromEntries(values.map(([name, value]) => [name, unwrapRpcSecret(value)])),
    ...(secrets.length > 0 && { [secretsProperty]: secrets }),
  };
}
