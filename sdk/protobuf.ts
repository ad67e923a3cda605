/**
 * As much of protobuf's wire format as one question to the engine takes, and the part of its answer that is wanted. Pulumi's own classes
 * make objects of all of an answer, which takes the program seconds where it holds the outputs of a large stack.
 *
 * @see https://protobuf.dev/programming-guides/encoding
 * @module
 */

/** One field of a message, with its number; of a varint the content is its first byte. */
type Field = readonly [number: number, content: Buffer];

/** The fields of a message. @throws RangeError where the bytes are none. */
export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  const reader = new Reader(message);
  while (!reader.isAtEnd) {
    fields.push(reader.field());
  }
  return fields;
}

/** The content of a message's field; empty where it has none. */
export function fieldOf(message: Buffer, number: number): Buffer {
  return fieldsOf(message).findLast(([other]) => other === number)?.[1] ?? Buffer.alloc(0);
}

/** The entries of a `google.protobuf.Struct`: each a name and a `google.protobuf.Value`. */
export function structEntries(struct: Buffer): [name: string, value: Buffer][] {
  return fieldsOf(struct).map(([, entry]) => [fieldOf(entry, 1).toString("utf8"), fieldOf(entry, 2)]);
}

/** The struct that a `google.protobuf.Value` holds; empty where it holds another value. */
export function structIn(value: Buffer): Buffer {
  return fieldOf(value, 5);
}

/** What a `google.protobuf.Value` stands for. */
export function plainValue(value: Buffer): unknown {
  const [number, content] = fieldsOf(value).at(-1) ?? [1, value];
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
      return fieldsOf(content).map(([, inner]) => plainValue(inner));
    default:
      return null;
  }
}

/** A field that holds a text or a message. */
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
