import { afterEach, expect, it, vi } from "vitest";
import { unknownValue } from "../../../provider/lifecycle/state.ts";
import { AccessPreview } from "../../../provider/plugin/accessPreview.ts";
import { settingsOf, temporaryDirectory } from "../cluster/support.ts";

afterEach(() => void vi.useRealTimers());

it("tells of changes together once the engine asks for nothing more", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const settings = settingsOf({ cwd: await temporaryDirectory(), config: { "aws-auth:accessSummary": "off" } });
  const traffic = { count: 0, underWay: 0 };
  const preview = new AccessPreview(traffic);
  const told: string[] = [];
  const add = async (name: string) => {
    const news = { arn: unknownValue };
    await preview.add({ urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] }, settings);
    told.push(name);
  };
  const first = [add("a")];
  await vi.advanceTimersByTimeAsync(10);
  first.push(add("b"));
  await vi.advanceTimersByTimeAsync(10);
  // A check comes, and takes its time.
  Object.assign(traffic, { count: traffic.count + 1, underWay: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  traffic.underWay = 0;
  first.push(add("c"));
  await vi.advanceTimersByTimeAsync(15);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(30);
  await Promise.all(first);
  expect(told).toEqual(["a", "b", "c"]);
  const alone = add("d");
  await vi.advanceTimersByTimeAsync(14);
  expect(told).toEqual(["a", "b", "c"]);
  await vi.advanceTimersByTimeAsync(1);
  await alone;
});
