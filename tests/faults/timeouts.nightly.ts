import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pluginDoor } from "../support/doors/door.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import { yamlProgram } from "../support/engine/yamlProgram.ts";
import { planOf, writes } from "../support/proxy/fault.ts";
import { expectEntries } from "./entries.ts";
import { FaultyStack } from "./faultyStack.ts";

describe("a resource with customTimeouts, through the resource plugin", () => {
  let stack: FaultyStack;
  beforeAll(async () => {
    stack = await FaultyStack.create(pluginDoor);
  });
  afterAll(() => stack?.remove());

  const declare = (group: string) =>
    stack.project.program(
      yamlProgram({
        a: {
          properties: { arn: "arn:aws:iam::111122223333:role/a", username: "a", groups: [group] },
          options: { customTimeouts: { create: "1s", update: "1s", delete: "1s" } },
        },
      }),
    );
  const delayWrites = () =>
    stack.proxy.reset(
      planOf({ on: writes, times: Number.POSITIVE_INFINITY, fault: { kind: "delay", milliseconds: 4_000 } }),
    );

  it("fails when its time is up, and the next run goes on from what was written", async () => {
    for (const [operation, group] of [
      ["create", "viewers"],
      ["update", "editors"],
    ] as const) {
      await declare(group);
      delayWrites();
      const late = await stack.project.up();
      expect(late).toMatchObject({
        code: 1,
        output: expect.stringContaining(
          `the ${operation} took longer than the 1 s of customTimeouts; whether it was written is not known, so run again`,
        ),
      });
      stack.proxy.reset();
      expect(await stack.project.up()).toMatchObject({ code: 0 });
      await stack.proxy.settled();
      await expectEntries(stack.map, { names: ["a"], group });
      expect(await stack.project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    }
    delayWrites();
    const late = await stack.project.destroy();
    expect(late).toMatchObject({ code: 1, output: expect.stringContaining("the delete took longer than the 1 s") });
    stack.proxy.reset();
    expect(await stack.project.destroy()).toMatchObject({ code: 0 });
    await stack.expectDestroyed();
    expect(await stack.map.data()).toEqual(seasonedData);
  });
});
