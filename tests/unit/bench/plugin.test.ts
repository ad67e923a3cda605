import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bounds } from "../../../bench/bounds.ts";
import { start } from "../../../bench/measurements/plugin.ts";
import { readOptions } from "../../../bench/options.ts";
import type { Reading } from "../../../bench/reading.ts";
import { rowOf } from "../../../bench/report/rows.ts";
import { load, responseOf, withServer } from "../../../bench/start/protocol.ts";
import type { Bench } from "../../../bench/support/bench.ts";
import { emptyPlugin, yamlProgramOf } from "../../../bench/support/pluginVariants.ts";
import { pluginDirectory } from "../../support/engine/testProject.ts";

const { Struct }: typeof import("google-protobuf/google/protobuf/struct_pb.js") = load(
  "google-protobuf/google/protobuf/struct_pb",
);
const messages: typeof import("@pulumi/pulumi/proto/provider_pb.js") = load("@pulumi/pulumi/proto/provider_pb");

const readings: Reading[] = [];
const ends: (() => Promise<void>)[] = [];
const bench: Bench = {
  isQuick: true,
  plugin: undefined,
  progress: () => {},
  emit: async (reading) => void readings.push(reading),
  onEnd: (end) => void ends.push(end),
};

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

describe("the start of the resource plugin", () => {
  it("is measured to its first answer, in seconds and beside Node's own", async () => {
    await start(bench, pluginDirectory);
    expect(readings.map(({ id, unit, ours, base }) => [id, unit, ours.length, base?.length])).toEqual([
      ["plugin/start", "s", 5, undefined],
      ["plugin/start/node", "s", 5, 5],
    ]);
    // No machine starts a server on Node as fast as Node itself, or in more than a minute.
    const [{ ours = [], base = [] } = {}] = readings.slice(1);
    expect(Math.min(...ours)).toBeGreaterThan(Math.min(...base));
    expect(Math.max(...ours)).toBeLessThan(60);
  });

  it("has a bound in seconds", () => {
    const bound = bounds["plugin/start"];
    const reading = { id: "plugin/start", unit: "s", ours: [0.1, 0.2, 0.3] } as const;
    expect(bound && rowOf(reading, bound)).toMatchObject({ bound: "≤ 0.15 s", verdict: "noise" });
  });

  it("is that of the start script that is named, or of the released plugin", () => {
    expect(readOptions([])?.plugin).toBeUndefined();
    expect(readOptions(["--plugin", "bundle/plugin"])?.plugin).toBe(join(process.cwd(), "bundle", "plugin"));
  });
});

describe("the rows of the resource plugin", () => {
  it("allow a tenth, or 0.35 s, over a plugin that does nothing, and only show what has no refreshes or is dynamic", () => {
    for (const operation of ["up", "preview", "refresh", "drift", "destroy"]) {
      for (const count of [10, 100, 1000]) {
        const against = "a resource plugin that does nothing";
        expect(bounds[`plugin/${operation}/${count}/floor`]).toMatchObject({ against, most: 1.1, slack: 0.35 });
        for (const base of ["unrefreshed", "dynamic"]) {
          expect(bounds[`plugin/${operation}/${count}/${base}`]).toMatchObject({ against: expect.any(String) });
          expect(bounds[`plugin/${operation}/${count}/${base}`]).not.toHaveProperty("most");
        }
      }
    }
    expect(bounds["plugin/refresh/1000/floor"]?.subject).toBe("refresh without change of 1,000 in YAML");
  });
});

describe("the plugin that does nothing", () => {
  it.each([true, false])(
    "returns what it gets, with as much more as ours stores; refreshed: %s",
    async (isRefreshing) => {
      const directory = await emptyPlugin(bench, isRefreshing);
      const urn = "urn:pulumi:test::test::aws-auth:index:IdentityMapping::m0";
      const given = { arn: "arn:aws:iam::111122223333:role/m0", username: "user:0", groups: ["viewers"] };
      const file = join(directory, "pulumi-resource-aws-auth");
      const told = await withServer(file, [], { stdio: ["pipe", "pipe", "inherit"] }, async ({ client }) => {
        const check = new messages.CheckRequest().setUrn(urn).setNews(Struct.fromJavaScript(given));
        const checked = await responseOf<InstanceType<typeof messages.CheckResponse>>((callback) =>
          client.check(check, callback),
        );
        const create = new messages.CreateRequest().setUrn(urn).setProperties(checked.getInputs());
        const created = await responseOf<InstanceType<typeof messages.CreateResponse>>((callback) =>
          client.create(create, callback),
        );
        const diff = new messages.DiffRequest()
          .setUrn(urn)
          .setOlds(created.getProperties())
          .setNews(checked.getInputs());
        const different = await responseOf<InstanceType<typeof messages.DiffResponse>>((callback) =>
          client.diff(diff, callback),
        );
        return {
          inputs: checked.getInputs()?.toJavaScript(),
          id: created.getId(),
          outputs: created.getProperties()?.toJavaScript(),
          changes: different.getChanges(),
          isRefreshing: created.getRefreshBeforeUpdate(),
        };
      });
      const stored = { ...given, cluster: { server: "0123456789ab" } };
      expect(told).toEqual({
        inputs: { ...stored, __claim: ":organization/test/test m0" },
        id: `server:0123456789ab/${given.arn}`,
        outputs: { ...stored, __claim: "abcdef:organization/test/test m0" },
        changes: messages.DiffResponse.DiffChanges.DIFF_UNKNOWN,
        isRefreshing,
      });
    },
  );
});

it("every hundredth mapping of the program changes for a drift", () => {
  const [before, after] = [false, true].map((isChanged): Record<string, object> => {
    return parse(yamlProgramOf(200, isChanged)).resources;
  });
  const names = Object.keys(before ?? {});
  expect(names).toHaveLength(200);
  expect(names.filter((name) => !isDeepStrictEqual(before?.[name], after?.[name]))).toEqual(["m0", "m100"]);
});
