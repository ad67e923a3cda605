import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { awsAuth, runOnMocks } from "./mocks.ts";

const { prepareStackTrace } = Error;

/** The functions that have had a stack trace written. */
let takers: (string | null | undefined)[] = [];

function write(error: Error, frames: NodeJS.CallSite[]): string {
  takers.push(frames[0]?.getFunctionName());
  return `${error.message}\n${frames.join("\n")}`;
}

beforeEach(() => {
  takers = [];
  Error.prepareStackTrace = write;
});

afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
  vi.unstubAllEnvs();
});

/** Declares a mapping. @returns whose stack traces were written meanwhile. */
async function takersOf(meanwhile: () => undefined = () => undefined): Promise<typeof takers> {
  let found: typeof takers = [];
  const args = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", cluster: "prod" };
  await runOnMocks(() => {
    takers = [];
    try {
      new awsAuth.IdentityMapping("dev", args, { transformations: [meanwhile] });
    } finally {
      found = takers;
      takers = [];
    }
  });
  return found;
}

it("of promises are not written while Pulumi's SDK registers a mapping, and all others are", async () => {
  const found = await takersOf();
  expect(found).toContain("callsites");
  expect(found).not.toContain("debuggablePromise");
  expect(Error.prepareStackTrace).toBe(write);
  // The SDK goes on with the registration, and takes them again.
  expect(takers).toContain("debuggablePromise");
});

it("of a registration that fails name the line, and are as before after it", async () => {
  const failing = (): undefined => {
    throw new Error("not here");
  };
  const error: unknown = await takersOf(failing).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    message: "not here",
    stack: expect.stringMatching(/failing.*new IdentityMapping/s),
  });
  expect(Error.prepareStackTrace).toBe(write);
});

it("are the same where a transformation declares another mapping", async () => {
  const args = { arn: "arn:aws:iam::111122223333:role/ops", username: "ops", cluster: "prod" };
  const found = await takersOf(() => void new awsAuth.IdentityMapping("ops", args));
  expect(found.filter((taker) => taker === "callsites")).toHaveLength(2);
  expect(found).not.toContain("debuggablePromise");
  expect(Error.prepareStackTrace).toBe(write);
});

it("of promises are written for somebody who looks for those that never resolve", async () => {
  vi.stubEnv("PULUMI_DEBUG_PROMISE_LEAKS", "true");
  expect(await takersOf()).toContain("debuggablePromise");
});

it.each([undefined, (error: Error) => error.message])(
  "are written as a transformation says, with %o",
  async (other) => {
    await takersOf(() => {
      Reflect.set(Error, "prepareStackTrace", other);
    });
    expect(Error.prepareStackTrace).toBe(other);
  },
);

it.each([undefined, null, "none"])("stay as they are where nothing is called to write them, but %o", async (other) => {
  Reflect.set(Error, "prepareStackTrace", other);
  const hooks: unknown[] = [];
  await takersOf(() => void hooks.push(Error.prepareStackTrace));
  expect([...hooks, Error.prepareStackTrace]).toEqual([other, other]);
});

it("of promises are written again by whoever has kept the hook of that moment", async () => {
  let kept: typeof Error.prepareStackTrace | null = null;
  await takersOf(() => {
    kept = Error.prepareStackTrace;
  });
  Reflect.set(Error, "prepareStackTrace", kept);
  const debuggablePromise = () => new Error("here").stack;
  expect(debuggablePromise()).toContain("here");
});
