import { describe, expect, it } from "vitest";
import type { AuthenticationMode } from "../../provider/accessEntries/accessEntry.ts";
import type { Claim } from "../../provider/claims.ts";
import {
  checkClusterMode,
  checkOut,
  checkStep,
  isLeftBehind,
  type ModeChange,
  placesOf,
  planStep,
  type Staying,
  type Step,
} from "../../provider/lifecycle/across.ts";
import type { Content, Decision, PlaceName, View } from "../../provider/lifecycle/types.ts";

const dev: Content = { username: "dev", groups: ["viewers"] };
const ops: Content = { username: "ops", groups: ["viewers"] };
const id = "mystem00.000001";
const [map, both, api] = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"] as const;

describe("the mode of the cluster", () => {
  it.each<[AuthenticationMode | undefined, AuthenticationMode[]]>([
    [map, [both, api]],
    [both, []],
    [api, [map, both]],
    [undefined, []],
  ])("%s refuses a mapping in the modes %j", (clusterMode, refused) => {
    const refusals = [map, both, api].flatMap((mode) => checkClusterMode(mode, clusterMode) ?? []);
    expect(refusals).toEqual(refused.map((mode) => ({ code: "clusterMode", mode, clusterMode })));
  });
});

describe("a step", () => {
  const beside = (stays: PlaceName): Step => ({ kind: "in", stays });
  const leaving = (stays: PlaceName): Step => ({ kind: "out", stays });

  it.each<[string, readonly PlaceName[], AuthenticationMode, AuthenticationMode | undefined, unknown]>([
    ["a create", [], both, both, undefined],
    ["no change", ["map"], map, both, undefined],
    ["into the access entries", ["map"], both, both, beside("map")],
    ["into the map", ["entries"], both, both, beside("entries")],
    ["out of the map", ["map", "entries"], api, both, leaving("entries")],
    ["out of the access entries", ["map", "entries"], map, both, leaving("map")],
    ["out of the map, on a cluster that is unknown", ["map", "entries"], api, undefined, leaving("entries")],
    ["from the map, on a cluster in mode API", ["map"], api, api, undefined],
    ["from both, on a cluster in mode API", ["map", "entries"], api, api, undefined],
    ["two steps forward", ["map"], api, both, { code: "twoSteps", mode: api, first: both }],
    ["two steps back", ["entries"], map, both, { code: "twoSteps", mode: map, first: both }],
  ])("is known: %s", (_title, from, mode, clusterMode, expected) => {
    expect(planStep(from, mode, clusterMode)).toEqual(expected);
  });

  it("stores a mapping where its mode specifies", () => {
    expect([map, both, api].map(placesOf)).toEqual([["map"], ["map", "entries"], ["entries"]]);
  });

  const same: Decision = { kind: "same", content: dev, removes: [], drops: [], loses: [], shares: [], notes: [] };
  const change: ModeChange = { before: dev, after: dev, ignoresContent: false, staying: same };

  it.each<[string, Step, Partial<ModeChange>, unknown]>([
    ["alone", beside("map"), {}, undefined],
    ["out alone", leaving("entries"), {}, undefined],
    ["with other content", beside("map"), { after: ops }, { code: "contentChanges" }],
    ["with ignored content", leaving("entries"), { ignoresContent: true }, { code: "contentIgnored" }],
    [
      "before the place that stays is as wanted",
      beside("map"),
      { staying: { ...same, kind: "claim" } },
      { code: "staysFirst", stays: "map" },
    ],
    [
      "out, by what is decided for the place that stays",
      leaving("map"),
      { staying: { ...same, kind: "claim" } },
      undefined,
    ],
  ])("is allowed or refused: %s", (_title, step, more, refusal) => {
    expect(checkStep(step, { ...change, ...more })).toEqual(refusal);
  });
});

const claim = (of: string): Claim => ({ principal: "111122223333", id: of, owner: of });
const view = (contents: readonly Content[], ids: readonly string[]): View => ({
  entries: contents.map((content, index) => ({ content, position: `${index}` })),
  claims: ids.map(claim),
});

describe("leaving a place", () => {
  const staying: Staying = { stays: "map", view: view([dev], [id]), previous: dev, id, isJustWritten: false };
  const unproven = { code: "staysUnproven", stays: "map" };

  it.each<[string, Partial<Staying>, unknown]>([
    ["one entry with the content of the state and the claim", {}, undefined],
    ["a shared entry", { view: view([dev], ["theirs00.000001", id]) }, undefined],
    ["no entry", { view: view([], [id]) }, unproven],
    ["several entries", { view: view([dev, dev], [id]) }, { code: "staysDuplicate", stays: "map" }],
    ["other content", { view: view([ops], [id]) }, unproven],
    ["no claim of its own", { view: view([dev], ["mystem00.000002"]) }, unproven],
    ["an unknown place", { view: "unknown" }, unproven],
    ["an entry that this run wrote", { isJustWritten: true }, { code: "justWritten", stays: "map" }],
  ])("needs the other one to be proven: %s", (_title, more, refusal) => {
    expect(checkOut({ ...staying, ...more })).toEqual(refusal);
  });
});

describe("a claim in a place that the mode does not want", () => {
  const me = { id, stem: "mystem00" };

  it.each<[string, View, boolean, boolean]>([
    ["by ID, in an update", view([ops], [id]), false, true],
    ["by stem, in an update", view([ops], ["mystem00.000002"]), false, false],
    ["by ID, in a create", view([ops], [id]), true, true],
    ["by stem, in a create", view([ops], ["mystem00.000002"]), true, true],
    ["of others", view([ops], ["theirs00.000001"]), true, false],
    ["in an unknown place", "unknown", true, false],
  ])("is found: %s", (_title, seen, isCreate, expected) => {
    expect(isLeftBehind(seen, me, isCreate)).toBe(expected);
  });
});
