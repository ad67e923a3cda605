import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { loadFromSdk } from "../pulumiSdk";

/**
 * A message that carries properties. Its generated form makes an object for each value and two maps for each level, although most are read
 * once or never. This one keeps its bytes, of which the generated methods know nothing: {@link propertiesOf} reads it, {@link structOf} makes
 * it, and a response passes it on.
 */
export type Struct = NonNullable<ReturnType<provider.CheckRequest["getNews"]>> & { [kept]?: Uint8Array };

const kept = Symbol("kept");

/** The properties of a message by name, as plain values. */
export function propertiesOf(struct: Struct): Property[] {
  const { BinaryReader } = protobuf();
  return readProperties(new BinaryReader(struct[kept] ?? struct.serializeBinary()));
}

type Property = readonly [name: string, value: unknown];

/** The message with these properties, as far as they have a value. */
export function structOf(values: object): Struct {
  const { BinaryWriter } = protobuf();
  const writer = new BinaryWriter();
  writeStruct(values, writer);
  const struct = new (structClass())();
  struct[kept] = writer.getResultBuffer();
  return struct;
}

/** A method of a service, as generated. */
export interface Method {
  readonly requestType: {
    new (): object;
    deserializeBinaryFromReader(message: object, reader: Reader): object;
  };
  readonly responseType: { serializeBinaryToWriter(message: object, writer: Writer): void };
  requestDeserialize(bytes: Buffer): object;
  responseSerialize(response: object): Buffer;
}

/** Reads the requests of a method. Their properties are for `propertiesOf`: the generated message has none. */
export function requestReader({ requestType: Request }: Method): Method["requestDeserialize"] {
  const { KeepingReader } = keepingClasses();
  return ({ buffer, byteOffset, length }) => {
    const bytes = new Uint8Array(buffer, byteOffset, length);
    return Request.deserializeBinaryFromReader(new Request(), new KeepingReader(bytes));
  };
}

/** Writes the responses of a method, with properties from `structOf`, from a request, or as generated. */
export function responseWriter({ responseType }: Method): Method["responseSerialize"] {
  const { KeepingWriter } = keepingClasses();
  return (response) => {
    const writer = new KeepingWriter();
    responseType.serializeBinaryToWriter(response, writer);
    return Buffer.from(writer.getResultBuffer());
  };
}

function keepingClasses(): ReturnType<typeof makeClasses> {
  classes ??= makeClasses();
  return classes;
}

let classes: ReturnType<typeof makeClasses> | undefined;

/** What generated messages are read with and written with, on top of the SDK's copy of protobuf. */
function makeClasses() {
  const { BinaryReader, BinaryWriter } = protobuf();
  const StructClass = structClass();
  class KeepingReader extends BinaryReader {
    override readMessage(message: object, read: (message: never, reader: this) => void): void {
      if (message instanceof StructClass) {
        message[kept] = this.readBytes();
      } else {
        super.readMessage(message, read);
      }
    }
  }
  class KeepingWriter extends BinaryWriter {
    override writeMessage(field: number, message: object | undefined, write: WriteMessage<this>): void {
      if (message instanceof StructClass && message[kept] !== undefined) {
        this.writeBytes(field, message[kept]);
      } else {
        super.writeMessage(field, message, write);
      }
    }
  }
  return { KeepingReader, KeepingWriter };
}

function structClass(): new () => Struct {
  return loadFromSdk("google-protobuf/google/protobuf/struct_pb").Struct;
}

/** The part of protobuf that is used here. Typed here, since it is a dependency of Pulumi's SDK, and not of this package. */
interface Protobuf {
  readonly BinaryReader: new (bytes: Uint8Array) => Reader;
  readonly BinaryWriter: new () => Writer;
}

interface Reader {
  nextField(): boolean;
  getFieldNumber(): number;
  skipField(): void;
  readMessage(message: object, read: (message: never, reader: this) => void): void;
  readString(): string;
  readDouble(): number;
  readBool(): boolean;
  readBytes(): Uint8Array;
}

type WriteMessage<W> = (message: never, writer: W) => void;

interface Writer {
  writeMessage(field: number, message: object | undefined, write: WriteMessage<this>): void;
  writeString(field: number, value: string): void;
  writeDouble(field: number, value: number): void;
  writeBool(field: number, value: boolean): void;
  writeEnum(field: number, value: number): void;
  writeBytes(field: number, value: Uint8Array): void;
  getResultBuffer(): Uint8Array;
}

function protobuf(): Protobuf {
  return loadFromSdk("google-protobuf");
}

// The numbers of fields are those of google/protobuf/struct.proto, and of the entries of any map.

/** Takes the place of a message, which reader and writer only pass on. */
const nothing = {};

/** In the order of their names, since the engine writes them in random order, and texts and comparisons are made of them. */
function readProperties(reader: Reader): Property[] {
  const properties: Property[] = [];
  readEach(reader, () => properties.push(readProperty(reader)));
  return properties.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function readProperty(reader: Reader): Property {
  let name = "";
  let value: unknown = null;
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case 1:
        name = reader.readString();
        break;
      case 2:
        reader.readMessage(nothing, () => {
          value = readValue(reader);
        });
        break;
      default:
        reader.skipField();
    }
  }
  return [name, value];
}

function readList(reader: Reader): unknown[] {
  const items: unknown[] = [];
  readEach(reader, () => items.push(readValue(reader)));
  return items;
}

/** Reads the messages of the one field that a struct or a list has. */
function readEach(reader: Reader, read: () => void): void {
  while (reader.nextField()) {
    if (reader.getFieldNumber() === 1) {
      reader.readMessage(nothing, read);
    } else {
      reader.skipField();
    }
  }
}

function readValue(reader: Reader): unknown {
  let value: unknown = null;
  while (reader.nextField()) {
    switch (reader.getFieldNumber()) {
      case 1:
        value = null;
        reader.skipField();
        break;
      case 2:
        value = reader.readDouble();
        break;
      case 3:
        value = reader.readString();
        break;
      case 4:
        value = reader.readBool();
        break;
      case 5:
        reader.readMessage(nothing, () => {
          // Also makes a name such as __proto__ an ordinary one.
          value = Object.fromEntries(readProperties(reader));
        });
        break;
      case 6:
        reader.readMessage(nothing, () => {
          value = readList(reader);
        });
        break;
      default:
        reader.skipField();
    }
  }
  return value;
}

function writeStruct(values: object, writer: Writer): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) {
      writer.writeMessage(1, nothing, () => {
        writer.writeString(1, name);
        writer.writeMessage(2, nothing, () => writeValue(value, writer));
      });
    }
  }
}

function writeValue(value: unknown, writer: Writer): void {
  switch (typeof value) {
    case "number":
      writer.writeDouble(2, value);
      break;
    case "string":
      writer.writeString(3, value);
      break;
    case "boolean":
      writer.writeBool(4, value);
      break;
    default:
      writeOther(value, writer);
  }
}

/** The message has no form for what is not set, such as an item of a list. */
function writeOther(value: unknown, writer: Writer): void {
  if (Array.isArray(value)) {
    writer.writeMessage(6, nothing, () => {
      for (const item of value) {
        writer.writeMessage(1, nothing, () => writeValue(item, writer));
      }
    });
  } else if (typeof value === "object" && value !== null) {
    writer.writeMessage(5, nothing, () => writeStruct(value, writer));
  } else if (value === undefined || value === null) {
    writer.writeEnum(1, 0);
  } else {
    throw new TypeError(`a message has no form for a ${typeof value}`);
  }
}
