import { createRequire } from "node:module";
import fc from "fast-check";
import type { Struct as StructMessage } from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import { receive, struct } from "../../../provider/pulumi/properties.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct }: { Struct: typeof StructMessage } = load("google-protobuf/google/protobuf/struct_pb");

/** The values after serialization. */
function sent(values: object): object {
  return receive(Struct.deserializeBinary(struct({ ...values }, []).serializeBinary())).values;
}

describe("properties of messages", () => {
  it("are unchanged by a round trip", () => {
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
      values: fc.dictionary(
        fc.string({ unit: "grapheme", maxLength: 8 }).filter((name) => name !== "__proto__"),
        tie("value"),
        { maxKeys: 5, noNullPrototype: true },
      ),
    }));
    fc.assert(
      fc.property(values, (given) => {
        expect(sent(given)).toEqual(given);
      }),
    );
  });

  it("are sorted by name at all levels", () => {
    expect(JSON.stringify(sent({ b: 1, a: { d: [{ f: 1, e: 2 }], c: 2 }, "": 3 }))).toBe(
      '{"":3,"a":{"c":2,"d":[{"e":2,"f":1}]},"b":1}',
    );
  });

  it("may have any name except __proto__, which is removed", () => {
    const values = sent(JSON.parse('{"__proto__": {"arn": "x"}, "constructor": "y", "in": {"__proto__": {"z": 1}}}'));
    expect(values).toEqual({ constructor: "y", in: {} });
    expect([Reflect.get(values, "arn"), Object.getPrototypeOf(values)]).toEqual([undefined, Object.prototype]);
  });

  it("have U+FFFD in place of a lone surrogate, which messages cannot contain", () => {
    expect(sent({ "a\ud83d": ["\ud83d", "😀", "\\ud83d", "\\\ud83d", { b: "x\ude00" }] })).toEqual({
      "a\ufffd": ["\ufffd", "😀", "\\ud83d", "\\\ufffd", { b: "x\ufffd" }],
    });
  });

  it("omit undefined values", () => {
    expect(sent({ a: undefined, list: [undefined, 1], nothing: null, in: { b: undefined } })).toEqual({
      list: [null, 1],
      nothing: null,
      in: {},
    });
    expect(receive(undefined)).toEqual({ values: {}, secrets: [] });
  });

  const urn = "urn:pulumi:dev::shop::aws:eks/cluster:Cluster::prod";
  const reference = (id?: string) => ({
    "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e",
    urn,
    id,
  });

  it("have the ID in place of a resource, or the URN if it has no ID", () => {
    const given = { arn: reference("known"), groups: [reference("")], username: reference() };
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    expect(sent(given)).toEqual({ arn: "known", groups: [unknown], username: urn });
  });

  it.each<[string, unknown, string]>([
    ["the resource", reference("prod"), "cluster"],
    ["a resource whose ID is not known yet", reference(""), "cluster"],
    ["a component, which has no ID", reference(), "cluster"],
    ["a resource in place of its name", { name: reference("prod") }, "cluster.name"],
  ])("refuse %s as cluster, because its ID contains neither region nor account", (_what, cluster, path) => {
    expect(() => sent({ cluster })).toThrow(`${path} is a resource ("prod"); pass its ARN, such as eksCluster.arn`);
  });
});
