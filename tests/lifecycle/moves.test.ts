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

describe("checkClusterMode", () => {
  it.each<[AuthenticationMode | undefined, AuthenticationMode[]]>([
    [map, [both, api]],
    [both, []],
    [api, [map, both]],
    [undefined, []],
  ])("refuses on a cluster in mode %s the modes %j", (clusterMode, refused) => {
    const refusals = [map, both, api].flatMap((mode) => checkClusterMode(mode, clusterMode) ?? []);
    expect(refusals).toEqual(refused.map((mode) => ({ code: "clusterMode", mode, clusterMode })));
  });
});

describe("a mode change", () => {
  const beside = (stays: PlaceName): Step => ({ kind: "in", stays });
  const leaving = (stays: PlaceName): Step => ({ kind: "out", stays });

  it.each<[string, readonly PlaceName[], AuthenticationMode, AuthenticationMode | undefined, unknown]>([
    ["a create", [], both, both, undefined],
    ["no change", ["map"], map, both, undefined],
    ["a step into the access entries", ["map"], both, both, beside("map")],
    ["a step into the map", ["entries"], both, both, beside("entries")],
    ["a step out of the map", ["map", "entries"], api, both, leaving("entries")],
    ["a step out of the access entries", ["map", "entries"], map, both, leaving("map")],
    ["a step out of the map, on an unknown cluster", ["map", "entries"], api, undefined, leaving("entries")],
    ["from the map, on a cluster in mode API", ["map"], api, api, undefined],
    ["from both, on a cluster in mode API", ["map", "entries"], api, api, undefined],
    ["two steps forward", ["map"], api, both, { code: "twoSteps", mode: api, first: both }],
    ["two steps back", ["entries"], map, both, { code: "twoSteps", mode: map, first: both }],
  ])("is planned or refused: %s", (_title, from, mode, clusterMode, expected) => {
    expect(planStep(from, mode, clusterMode)).toEqual(expected);
  });

  it("stores a mapping in the places of its mode", () => {
    expect([map, both, api].map(placesOf)).toEqual([["map"], ["map", "entries"], ["entries"]]);
  });

  const same: Decision = { kind: "same", content: dev, removes: [], drops: [], loses: [], shares: [], notes: [] };
  const change: ModeChange = { before: dev, after: dev, ignoresContent: false, staying: same };

  it.each<[string, Step, Partial<ModeChange>, unknown]>([
    ["a step in without another change", beside("map"), {}, undefined],
    ["a step out without another change", leaving("entries"), {}, undefined],
    ["a step with other content", beside("map"), { after: ops }, { code: "contentChanges" }],
    ["a step with ignored content", leaving("entries"), { ignoresContent: true }, { code: "contentIgnored" }],
    [
      "a step in before the kept place is as wanted",
      beside("map"),
      { staying: { ...same, kind: "claim" } },
      { code: "staysFirst", stays: "map" },
    ],
    [
      "a step out, which is decided by the kept place",
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
    ["a shared entry", { view: view([dev], ["theirs00.000009", id]) }, undefined],
    ["no entry", { view: view([], [id]) }, unproven],
    ["several entries", { view: view([dev, dev], [id]) }, { code: "staysDuplicate", stays: "map" }],
    ["other content", { view: view([ops], [id]) }, unproven],
    ["no claim of its own", { view: view([dev], ["mystem00.000002"]) }, unproven],
    ["an unknown place", { view: "unknown" }, unproven],
    ["an entry that this run wrote", { isJustWritten: true }, { code: "justWritten", stays: "map" }],
  ])("requires a verified entry in the other place: %s", (_title, more, refusal) => {
    expect(checkOut({ ...staying, ...more })).toEqual(refusal);
  });
});

describe("a claim in a place that is not part of the mode", () => {
  const me = { id };

  it.each<[string, View, boolean, boolean]>([
    ["by ID, in an update", view([ops], [id]), false, true],
    ["by stem, in an update", view([ops], ["mystem00.000002"]), false, false],
    ["by ID, in a create", view([ops], [id]), true, true],
    ["by stem, in a create", view([ops], ["mystem00.000002"]), true, true],
    ["of others", view([ops], ["theirs00.000009"]), true, false],
    ["in an unknown place", "unknown", true, false],
  ])("is left behind by the resource or not: %s", (_title, seen, isCreate, expected) => {
    expect(isLeftBehind(seen, me, isCreate)).toBe(expected);
  });
});
