import { createRequire } from "node:module";
import { afterEach, expect, it, vi } from "vitest";
import { configured, diffConfig } from "../../../provider/plugin/configuration.ts";
import { struct } from "../../../provider/plugin/values.ts";

const { ConfigureRequest, DiffRequest }: typeof import("@pulumi/pulumi/proto/provider_pb.js") = createRequire(
  import.meta.url,
)("@pulumi/pulumi/proto/provider_pb");

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ["default", "true"],
  ["default_0_2_0", "true"],
  ["default-east", undefined],
  ["default_east", undefined],
  ["east", undefined],
])("a provider named %s goes by the stack's configuration as it is now: %s", (name, expected) => {
  vi.stubEnv("PULUMI_CONFIG", '{ "deleteUnreachable": "true", "lockoutProtection": "error" }');
  const request = new ConfigureRequest();
  request.setArgs(struct({ unreachable: "warn", lockoutProtection: "warn" }, []));
  request.setUrn(`urn:pulumi:dev::test::pulumi:providers:aws-auth::${name}`);
  const settings = configured(request);
  expect(settings.get("deleteUnreachable")).toBe(expected);
  expect(settings.get("unreachable")).toBe(expected === undefined ? "warn" : undefined);
  expect(settings.get("lockoutProtection")).toBe(expected === undefined ? "warn" : "error");
});

it("settings are the same in whatever order the engine writes their fields", () => {
  const changes = (olds: object, news: object) => {
    const request = new DiffRequest()
      .setOldInputs(struct({ cluster: olds }, []))
      .setNews(struct({ cluster: news }, []));
    return diffConfig(request).getDiffsList();
  };
  expect(changes({ name: "a", region: "b" }, { region: "b", name: "a" })).toEqual([]);
  expect(changes({ name: "a", region: "b" }, { region: "c", name: "a" })).toEqual(["cluster"]);
});
