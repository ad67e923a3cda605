import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doors } from "../support/doors/door.ts";
import { isNightly } from "../support/nightly.ts";
import { type Fault, planOf, writes } from "../support/proxy/fault.ts";
import { FaultyStack } from "./faultyStack.ts";
import { type Interrupted, type Interruption, interrupt, isLocked, mendBackend, recover } from "./interruption.ts";

describe.each(doors)("a stack whose run is ended in the middle of a write, through the $name", (door) => {
  let stack: FaultyStack;
  beforeAll(async () => {
    stack = await FaultyStack.create(door);
  });
  afterAll(() => stack?.remove());

  /** Interrupts at a write, before the API server sees it or after it took effect. */
  function interruptAt(
    skip: number,
    fault: Fault,
    command: "up" | "destroy",
    interruption: Interruption,
  ): Promise<Interrupted> {
    return interrupt(stack, command, interruption, (meanwhile) => {
      stack.proxy.reset(planOf({ on: writes, skip, fault: { ...fault, meanwhile } }));
    });
  }

  it("by kill -9 of the CLI: cancel takes the lock away, and the next up finds what the killed one made", async () => {
    const killed = await interruptAt(1, { kind: "cutAfter" }, "up", "the CLI");
    expect(killed).toMatchObject({ hit: true, code: null });
    await mendBackend(stack);
    const locked = await stack.project.up();
    expect(locked).toMatchObject({ code: 1, output: expect.stringContaining("`pulumi cancel`") });
    await recover(stack, "up");
    await stack.expectUp("viewers");
  });

  // At every run each door has some of the ways to end.
  if (isNightly || door.readsFirst) {
    it("by kill -9 of the CLI before it renames its lock: that locks the stack too, and cancel takes it away", async () => {
      const locks = join(stack.project.backend, ".pulumi", "locks", "organization", "test", stack.project.name);
      await mkdir(locks, { recursive: true });
      const lock = { pid: 1, username: "root", hostname: "host", timestamp: "2026-11-27T11:06:29Z" };
      await writeFile(
        join(locks, "e2d42038-1982-4b96-8d07-f429a3fc9142.json.18ebe23409e9e894.tmp"),
        JSON.stringify(lock),
      );
      expect(await stack.project.up()).toMatchObject({ code: 1, output: expect.stringContaining("`pulumi cancel`") });
      await recover(stack, "up");
      await stack.expectUp("viewers");
    });

    it("by kill -9 of the provider: the up fails, and the next one goes on", async () => {
      await stack.program("editors");
      const killed = await interruptAt(0, { kind: "cutAfter" }, "up", "the provider");
      expect(killed).toMatchObject({ hit: true, code: 1 });
      expect(await isLocked(stack)).toBe(false);
      await recover(stack, "up");
      await stack.expectUp("editors");
      expect(await stack.project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    });
  }

  if (isNightly || !door.readsFirst) {
    it("by kill -9 of both, in a destroy: the next one takes the rest away, and nothing else", async () => {
      const killed = await interruptAt(1, { kind: "cutAfter" }, "destroy", "the CLI and the provider");
      expect(killed).toMatchObject({ hit: true, code: null });
      await recover(stack, "destroy");
      await stack.expectDestroyed();
    });

    it("by Ctrl-C: the write under way is finished and recorded, and no lock stays", async () => {
      await stack.program("editors");
      const stopped = await interruptAt(0, { kind: "delay", milliseconds: 500 }, "up", "Ctrl-C");
      expect(stopped.hit).toBe(true);
      expect(stopped.code).not.toBe(0);
      expect(await isLocked(stack)).toBe(false);
      const { output } = await recover(stack, "up");
      expect(output).not.toContain("interrupted while creating");
      await stack.expectUp("editors");
    });

    it("by Ctrl-C twice, in a destroy: the CLI ends at once, and the next destroy does the rest", async () => {
      const stopped = await interruptAt(0, { kind: "delay", milliseconds: 3_000 }, "destroy", "Ctrl-C twice");
      expect(stopped).toMatchObject({ hit: true, code: 8 });
      await recover(stack, "destroy");
      await stack.expectDestroyed();
    });
  }
});
