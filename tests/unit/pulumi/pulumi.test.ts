import type * as service from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { expect, it, vi } from "vitest";
import { report } from "../../../provider/pulumi/diagnostics.ts";
import { loadFromSdk } from "../../../provider/pulumi/packages.ts";
import { parseUrn } from "../../../provider/pulumi/values.ts";
import { nodeVersionProblem } from "../../../provider/pulumi/versions.ts";

const type = "aws-auth:index:IdentityMapping";

it.each([
  [`urn:pulumi:prod::infra::${type}::admin`, { stack: "prod", project: "infra", type, name: "admin" }],
  [`urn:pulumi:prod::infra::a:b:C$${type}::a::b $ c`, { stack: "prod", project: "infra", type, name: "a::b $ c" }],
])("parses the URN %s", (urn, parts) => {
  expect(parseUrn(urn)).toEqual(parts);
});

it.each(["", "urn:pulumi:prod", "urn:pulumi:prod::infra::::name", "nonsense"])("does not parse %j as a URN", (text) => {
  expect(parseUrn(text)).toBeUndefined();
});

it.each(["22.21.0", "22.22.1", "24.5.0", "25.0.0", "100.1.0"])("accepts Node.js %s", (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});

it.each(["20.20.2", "22.20.9", "22.9.0", "9.0.0", "23.11.0", "24.4.1"])(
  "refuses Node.js %s, and reports the required version",
  (version) => {
    expect(nodeVersionProblem(version)).toBe(
      `pulumi-aws-auth requires Node.js 22 (22.21 or later), or 24.5 or later, but this is ${version}; update Node.js`,
    );
  },
);

it("shows a message once for each resource", async () => {
  const { EngineClient }: typeof service = loadFromSdk("@pulumi/pulumi/proto/engine_grpc_pb");
  const sent: unknown[] = [];
  vi.spyOn(EngineClient.prototype, "log").mockImplementation((request, ...more: readonly unknown[]) => {
    sent.push([request.getUrn(), request.getMessage()]);
    const [respond] = more;
    return typeof respond === "function" ? respond(null) : undefined;
  });
  process.argv.push("127.0.0.1:1");
  const read = { urn: undefined, id: "1" };
  for (const of of [undefined, "dev", undefined, "dev", read, { ...read, urn: "one" }, { urn: "two", id: "2" }]) {
    await report("warning", ["first", "second"], of);
  }
  process.argv.pop();
  expect(sent).toEqual(["", "dev", "", "two"].map((urn) => [urn, "first\nsecond"]));
});
