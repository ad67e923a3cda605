import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pluginDoor } from "../support/doors/door.ts";
import { planOf, reads, writes } from "../support/proxy/fault.ts";
import { FaultyStack } from "./faultyStack.ts";
import { ForeignWriter } from "./foreignWriter.ts";

/** What the provider says, each once, however many resources it says it of. */
function faultsIn(output: string): string[] {
  return [...new Set([...output.matchAll(/^ *error: (the cluster of .*)/gm)].map(([, text = ""]) => text))];
}

describe("a stack on an API server that fails in every way, through the resource plugin", () => {
  let stack: FaultyStack;
  let foreign: ForeignWriter;
  beforeAll(async () => {
    stack = await FaultyStack.create(pluginDoor);
    foreign = new ForeignWriter(stack.cluster);
  });
  afterAll(() => stack?.remove());

  it("gets everything written once by an up in the middle of which requests fail in nine ways", async () => {
    const { proxy } = stack;
    proxy.reset(
      planOf(
        { on: reads, fault: { kind: "respond", status: 503 } },
        { on: reads, skip: 2, fault: { kind: "truncate" } },
        { on: reads, skip: 4, fault: { kind: "cutBefore" } },
        { on: writes, fault: { kind: "cutAfter", meanwhile: () => foreign.write() } },
        { on: writes, skip: 1, fault: { kind: "respond", status: 429 } },
        { on: writes, skip: 2, fault: { kind: "respond", status: 409 } },
        { on: writes, skip: 3, fault: { kind: "truncate", meanwhile: () => foreign.write() } },
        { on: writes, skip: 4, fault: { kind: "respondAfter", status: 504 } },
        { on: writes, skip: 5, fault: { kind: "delay", milliseconds: 300, meanwhile: () => foreign.write() } },
      ),
    );
    const up = await stack.project.up();
    expect(up).toMatchObject({ code: 0 });
    expect(up.output).not.toMatch(/^\s+at /m);
    expect(proxy.faults).toBe(9);
    await stack.expectUp("viewers", foreign.added);
  });

  it("gets one clear error from an up whose writes never get through, and is put right by the next one", async () => {
    const { proxy } = stack;
    await stack.program("editors");
    proxy.reset(planOf({ on: writes, times: Number.POSITIVE_INFINITY, fault: { kind: "cutBefore" } }));
    const { code, output } = await stack.project.up();
    expect(code).not.toBe(0);
    expect(output).not.toMatch(/^\s+at /m);
    expect(faultsIn(output)).toEqual([
      expect.stringMatching(/^the cluster of context "deployer" cannot be reached .* is not known, so run again$/),
    ]);
  });

  it("goes on where it was when API server and etcd are killed in the middle of an up, and started again", async () => {
    const { cluster, proxy } = stack;
    let restarted = Promise.resolve();
    const crash = async () => {
      await cluster.crash();
      restarted = cluster.restart();
    };
    // An API server that just started refuses whoever it has not read the roles of, so that requests wait until it is ready.
    const wait = () => restarted;
    proxy.reset(
      planOf(
        { on: writes, fault: { kind: "cutAfter", meanwhile: crash } },
        {
          on: () => true,
          times: Number.POSITIVE_INFINITY,
          fault: { kind: "delay", milliseconds: 0, meanwhile: wait },
        },
      ),
    );
    expect(await stack.project.up()).toMatchObject({ code: 0 });
    await stack.expectUp("editors", foreign.added);
  });

  it("gives the map back by a destroy in the middle of which requests fail, with what others added for the same role", async () => {
    const { proxy } = stack;
    // The first entry that goes is the last one that came. Once it is gone, the one that somebody else adds is not ours.
    const mapAgain = () => foreign.write("x");
    proxy.reset(
      planOf(
        { on: reads, fault: { kind: "respond", status: 500 } },
        { on: writes, fault: { kind: "respondAfter", status: 500, meanwhile: mapAgain } },
        { on: writes, skip: 1, fault: { kind: "cutBefore" } },
        { on: writes, skip: 2, fault: { kind: "cutAfter", meanwhile: () => foreign.write() } },
      ),
    );
    expect(await stack.project.destroy()).toMatchObject({ code: 0 });
    expect(proxy.faults).toBe(4);
    await stack.expectDestroyed(foreign.added);
  });
});
