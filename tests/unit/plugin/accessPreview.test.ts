import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { unknownValue } from "../../../provider/lifecycle/state.ts";
import { AccessPreview } from "../../../provider/plugin/accessPreview.ts";
import { settingsOf, temporaryDirectory } from "../cluster/support.ts";

it("tells of changes together once the engine asks for nothing more, and holds up the last of them alone", async () => {
  const settings = settingsOf({ cwd: await temporaryDirectory(), config: { "aws-auth:accessSummary": "off" } });
  const traffic = { count: 0, underWay: 0 };
  const preview = new AccessPreview(traffic);
  const answered: string[] = [];
  const add = async (name: string) => {
    const news = { arn: unknownValue };
    await preview.add({ urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] }, settings);
    answered.push(name);
  };
  // With what it loads, so that the next ones wait for nothing but the engine.
  await add("before");
  expect(answered.splice(0)).toEqual(["before"]);
  // A check comes with them, and takes its time.
  traffic.underWay = 1;
  const changes = [add("a"), add("b")];
  await setTimeout(200);
  expect(answered).toEqual(["a"]);
  // Other requests come, each of them answered at once.
  traffic.underWay = 0;
  for (let request = 0; request < 40; request += 1) {
    traffic.count += 1;
    await setTimeout(5);
  }
  expect(answered).toEqual(["a"]);
  changes.push(add("c"));
  await Promise.all(changes);
  expect(answered).toEqual(["a", "b", "c"]);
});
