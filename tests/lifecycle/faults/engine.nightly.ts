import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seasonedData } from "../../support/engine/manifest.ts";
import { planOf, writes } from "../../support/proxy/fault.ts";
import { seededFaults, seededRandom } from "../../support/proxy/seededFaults.ts";
import { seed } from "../../support/seed.ts";
import { variants } from "../../support/variants/variant.ts";
import { ForeignWriter } from "./entries.ts";
import { FaultyStack } from "./faultyStack.ts";

const plans = Number(process.env["FAULT_PLANS"] ?? 5);
const always = Number.POSITIVE_INFINITY;

describe.each(variants)("a stack on a failing API server, through the $name", (variant) => {
  let stack: FaultyStack;
  let foreign: ForeignWriter;
  beforeAll(async () => {
    stack = await FaultyStack.create(variant);
    foreign = new ForeignWriter(stack.cluster);
  });
  afterAll(() => stack?.remove());

  it("reports one clear error from an up if no write reaches the server", async () => {
    stack.proxy.reset(planOf({ on: writes, times: always, fault: { kind: "cutBefore" } }));
    const { code, output } = await stack.project.up();
    expect(code).not.toBe(0);
    expect(output).not.toMatch(/^\s+at /m);
    const errors = [...output.matchAll(/^ *error: (the cluster of .*)/gm)].map(([, text]) => text);
    expect([...new Set(errors)]).toEqual([
      expect.stringMatching(/^the cluster of context "deployer" cannot be reached .* have been stored, so run again$/),
    ]);
  });

  it("completes an up during which API server and etcd are killed and restarted", async () => {
    const { cluster, proxy } = stack;
    let restarted = Promise.resolve();
    const crash = async () => {
      await cluster.crash();
      restarted = cluster.restart();
    };
    // A starting API server refuses users whose roles it has not read yet, so requests wait until it is ready.
    const wait = { kind: "delay", milliseconds: 0, meanwhile: () => restarted } as const;
    proxy.reset(
      planOf(
        { on: writes, fault: { kind: "cutAfter", meanwhile: crash } },
        { on: () => true, times: always, fault: wait },
      ),
    );
    expect(await stack.project.up()).toMatchObject({ code: 0 });
    await stack.expectUp("viewers");
  });

  it("keeps an entry that another writer adds for the same role after a delete whose response is lost", async () => {
    // Entries are deleted in reverse order, so x is the first.
    const mapAgain = () => foreign.write("x");
    stack.proxy.reset(planOf({ on: writes, fault: { kind: "respondAfter", status: 500, meanwhile: mapAgain } }));
    expect(await stack.project.destroy()).toMatchObject({ code: 0 });
    expect(stack.proxy.faults).toBe(1);
    await stack.expectDestroyed(foreign.added);
  });

  it("succeeds or reports a clear error under random faults and with another writer, and the next run converges", {
    timeout: 3_600_000,
  }, async () => {
    let injected = 0;
    /** Runs the command under seeded faults, and again without faults if it fails. */
    const faulty = async (number: number, command: "up" | "destroy") => {
      stack.proxy.reset(seededFaults(seededRandom(number), 0.6, () => foreign.write()));
      const { code, output } = await stack.project[command]();
      await stack.proxy.settled();
      injected += stack.proxy.faults;
      stack.proxy.reset();
      expect(output).not.toMatch(/^\s+at /m);
      if (code !== 0) {
        expect(output).toMatch(/error: .*the cluster of context "deployer"/);
        expect(await stack.project[command]()).toMatchObject({ code: 0 });
      }
    };
    for (let number = 0; number < plans; number++) {
      await stack.map.reset(seasonedData);
      foreign = new ForeignWriter(stack.cluster);
      for (const group of ["viewers", "editors"]) {
        await stack.program(group);
        await faulty(seed + number, "up");
        await stack.expectUp(group, foreign.added);
      }
      await faulty(seed - number, "destroy");
      await stack.expectDestroyed(foreign.added);
    }
    expect(injected).toBeGreaterThan(plans);
  });
});
