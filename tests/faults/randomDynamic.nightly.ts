import { afterAll, beforeAll, describe, it } from "vitest";
import { dynamicDoor as door } from "../support/doors/door.ts";
import { FaultyStack } from "./faultyStack.ts";
import { expectRightUnderRandomFaults, randomFaultsLimit } from "./randomFaults.ts";

// A file for each door, so that they run side by side.
describe(`through the ${door.name}`, () => {
  let stack: FaultyStack;
  beforeAll(async () => {
    stack = await FaultyStack.create(door);
  });
  afterAll(() => stack?.remove());

  it(
    "up and destroy end right or with a clear error under random faults, and the next run converges",
    () => expectRightUnderRandomFaults(stack),
    randomFaultsLimit,
  );
});
