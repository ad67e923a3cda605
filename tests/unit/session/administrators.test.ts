import { expect, it } from "vitest";
import { Administrators } from "../../../provider/session/administrators.ts";

/** Changes that end when the test says so, and the order in which they began and ended. */
function world() {
  const administrators = new Administrators();
  const log: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const start = (key: string) => {
    const end = Promise.withResolvers<void>();
    ends.set(key, end);
    return administrators.run(async () => {
      log.push(key);
      await end.promise;
      log.push(`${key} done`);
      return key;
    });
  };
  return {
    log,
    start,
    end: (key: string) => ends.get(key)?.resolve(),
    fail: (key: string) => ends.get(key)?.reject(new Error(`${key} fails`)),
  };
}

it("the changes of administrators are made one after the other", async () => {
  const { start, log, end } = world();
  const running = [start("a"), start("b")];
  end("b");
  await new Promise(setImmediate);
  expect(log).toEqual(["a"]);
  end("a");
  expect(await Promise.all(running)).toEqual(["a", "b"]);
  expect(log).toEqual(["a", "a done", "b", "b done"]);
});

it("administrators stay where they are once the change of one has failed", async () => {
  const { start, log, fail } = world();
  const failing = start("a").catch((error: Error) => error.message);
  const refused = start("b").catch((error: unknown) => error);
  fail("a");
  expect(await failing).toBe("a fails");
  expect(await refused).toMatchObject({
    code: "rejected",
    message:
      "the change of another administrator failed in this run, so this mapping stays as it is; fix that one first: a fails",
  });
  expect(log).toEqual(["a"]);
});
