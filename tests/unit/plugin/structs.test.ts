import { createRequire } from "node:module";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import fc from "fast-check";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import {
  type Struct as Kept,
  type Method,
  propertiesOf,
  requestReader,
  responseWriter,
  structOf,
} from "../../../provider/plugin/structs.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct }: { Struct: typeof StructMessage } = load("google-protobuf/google/protobuf/struct_pb");
const { CheckRequest, CheckResponse, DiffRequest, ReadResponse }: typeof protocol = load(
  "@pulumi/pulumi/proto/provider_pb",
);
const { ResourceProviderService }: { ResourceProviderService: Record<"check" | "diff" | "read", Method> } = load(
  "@pulumi/pulumi/proto/provider_grpc_pb",
);

function read<Request extends object>(name: "check" | "diff", request: Uint8Array): Request {
  return requestReader(ResourceProviderService[name])(Buffer.from(request)) as Request;
}

function written(name: "check" | "read", response: object): Buffer {
  return responseWriter(ResourceProviderService[name])(response);
}

function valuesOf(struct: Kept): object {
  return Object.fromEntries(propertiesOf(struct));
}

type Generated = Parameters<typeof Struct.fromJavaScript>[0];

function generated(values: object) {
  return Struct.fromJavaScript(values as Generated);
}

/** What a message may hold. The generated form takes a name `__proto__` for a prototype. */
const names = fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__proto__");
const { values } = fc.letrec<{ values: object; value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("values"),
  ),
  values: fc.dictionary(names, tie("value"), { maxKeys: 5, noNullPrototype: true }),
}));

describe("properties of messages", () => {
  it("are read as the generated message has them", () => {
    fc.assert(
      fc.property(values, (given) => {
        const bytes = generated(given).serializeBinary();
        expect(valuesOf(Struct.deserializeBinary(bytes))).toEqual(Struct.deserializeBinary(bytes).toJavaScript());
        expect(valuesOf(generated(given))).toEqual(given);
      }),
    );
  });

  it("are written so that the generated message reads them", () => {
    fc.assert(
      fc.property(values, (given) => {
        const response = written("check", new CheckResponse().setInputs(structOf(given)));
        expect(CheckResponse.deserializeBinary(response).getInputs()?.toJavaScript()).toEqual(given);
      }),
    );
  });

  it("come out of a message as they went in, and go on in an answer unread", () => {
    fc.assert(
      fc.property(values, values, (olds, news) => {
        const request = new CheckRequest().setUrn("urn").setOlds(generated(olds)).setNews(generated(news));
        const received = read<protocol.CheckRequest>("check", request.serializeBinary());
        expect(received.getUrn()).toBe("urn");
        expect(valuesOf(received.getOlds() ?? new Struct())).toEqual(olds);
        const answer = written("check", new CheckResponse().setInputs(received.getNews()));
        expect(CheckResponse.deserializeBinary(answer).getInputs()?.toJavaScript()).toEqual(news);
      }),
    );
  });

  it("are in the order of their names, whatever that of the message, at all levels", () => {
    const given = { b: 1, a: { d: [{ f: 1, e: 2 }], c: 2 }, "": 3 };
    expect(JSON.stringify(valuesOf(structOf(given)))).toBe('{"":3,"a":{"c":2,"d":[{"e":2,"f":1}]},"b":1}');
    expect(JSON.stringify(generated(given).toJavaScript())).toBe(JSON.stringify(valuesOf(structOf(given))));
  });

  it("may have any name", () => {
    const given = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
    const values = valuesOf(structOf(given));
    expect(Object.keys(values)).toEqual(["__proto__", "constructor"]);
    expect(Reflect.get(values, "a")).toBeUndefined();
    expect(valuesOf(structOf(values))).toEqual(given);
  });

  it("keep what is known of them where a later version says more", () => {
    // The property x: the string y, a field 9, the name x once more after the value.
    const value = [0x1a, 1, 0x79, 0x48, 1];
    const entry = [0x12, value.length, ...value, 0x0a, 1, 0x78];
    const struct = [0x0a, entry.length, ...entry];
    const request = read<protocol.CheckRequest>("check", Buffer.from([0x1a, struct.length, ...struct]));
    expect(valuesOf(request.getNews() ?? new Struct())).toEqual({ x: "y" });
  });

  it("cannot hold what has no form there", () => {
    expect(() => structOf({ a: 1n })).toThrow("a message has no form for a bigint");
  });

  it("have nothing where the message has no value for them", () => {
    expect(valuesOf(structOf({ a: undefined, list: [undefined, 1], nothing: null }))).toEqual({
      list: [null, 1],
      nothing: null,
    });
    expect(valuesOf(new Struct())).toEqual({});
    expect(read<protocol.CheckRequest>("check", Buffer.alloc(0)).getNews()).toBeUndefined();
  });

  it("are an error where their bytes are cut off", () => {
    const request = read<protocol.CheckRequest>("check", Buffer.from([0x1a, 2, 0x0a, 99]));
    expect(() => valuesOf(request.getNews() ?? new Struct())).toThrow();
  });

  it("do not hinder the rest of a message, nor fields that came later", () => {
    const request = new DiffRequest()
      .setId("id")
      .setIgnorechangesList(["a", "b"])
      .setOlds(generated({ a: 1 }));
    // Field 999, of two bytes.
    const later = Buffer.concat([request.serializeBinary(), Buffer.from([0xba, 0x3e, 2, 1, 2])]);
    const received = read<protocol.DiffRequest>("diff", later);
    expect([received.getId(), received.getIgnorechangesList()]).toEqual(["id", ["a", "b"]]);
    expect(valuesOf(received.getOlds() ?? new Struct())).toEqual({ a: 1 });
    const response = new ReadResponse().setId("x").setProperties(generated({ b: "é" }));
    expect(written("read", response)).toEqual(Buffer.from(response.serializeBinary()));
  });
});
