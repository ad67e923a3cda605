import { afterEach, expect, it, vi } from "vitest";
import { unknownValue } from "../../../provider/lifecycle/state.ts";
import { AccessPreview } from "../../../provider/plugin/accessPreview.ts";
import { settingsOf, temporaryDirectory } from "../cluster/support.ts";

afterEach(() => void vi.useRealTimers());

it("waits but shortly for further changes where there were never more at the same time", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const settings = settingsOf({ cwd: await temporaryDirectory(), config: { "aws-auth:accessSummary": "off" } });
  const preview = new AccessPreview();
  const add = (name: string) =>
    preview.add({ urn: `urn::t::${name}`, olds: undefined, news: { arn: unknownValue }, ignoreChanges: [] }, settings);
  const told: string[] = [];
  const first = ["a", "b"].map((name) => add(name).then(() => told.push(name)));
  await vi.advanceTimersByTimeAsync(99);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(first);
  const second = ["c", "d"].map((name) => add(name).then(() => told.push(name)));
  await vi.advanceTimersByTimeAsync(14);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(vi.getTimerCount()).toBe(0);
  await Promise.all(second);
  const alone = add("e").then(() => told.push("e"));
  await vi.advanceTimersByTimeAsync(99);
  expect(told).toEqual(["a", "b", "c", "d"]);
  await vi.advanceTimersByTimeAsync(1);
  await alone;
});
