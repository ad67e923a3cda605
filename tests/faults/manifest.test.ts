import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { seed } from "./seed.ts";

/** A dead process's lock lasts 5 seconds; the rest is for a busy machine. */
const longestWait = 30_000;

const manifest = manifestOf(seasonedData);

interface Place {
  readonly directory: string;
  readonly path: string;
  readonly store: ConfigMapStore;
}

/** A place of the test's own; `finished` is the test's, since tests that run concurrently cannot be distinguished otherwise. */
async function prepare(finished: TestContext["onTestFinished"]): Promise<Place> {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-"));
  finished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "aws-auth.yaml");
  await writeFile(path, manifest);
  const settings = { config: () => undefined, env: {}, cwd: directory };
  return { directory, path, store: await openStore(await resolveClusterRef({ manifest: path }, settings), settings) };
}

/** Another process that writes to the manifest, and what ends it. */
function startWriter(path: string, moment: string) {
  return spawn(process.execPath, [join(import.meta.dirname, "dyingWriter.ts"), path, moment], { stdio: "ignore" });
}

/** Asserts that the file is a whole one: the old one, or a new one with nothing but the writer's own key changed. */
async function expectWhole({ path, store }: Place): Promise<"old" | "new"> {
  const text = await readFile(path, "utf8");
  if (text === manifest) {
    return "old";
  }
  const { data } = await store.read();
  expect(data).toEqual({ ...seasonedData, mapUsers: expect.stringMatching(/^# (new )+\d+\n$/) });
  expect(text).toBe(manifestOf(data));
  return "new";
}

describe("a manifest whose writer is killed", () => {
  // They wait side by side for the locks that stay behind.
  it.concurrent.for([
    ["half-way", "old"],
    ["before the rename", "old"],
    ["after the rename", "new"],
  ] as const)(
    "%s is the %s one, and the next writer waits a few seconds for the lock and leaves nothing behind",
    async ([moment, expected], { onTestFinished }) => {
      const place = await prepare(onTestFinished);
      const writer = startWriter(place.path, moment);
      expect(await once(writer, "close")).toEqual([null, "SIGKILL"]);
      expect(await expectWhole(place)).toBe(expected);
      expect(await readdir(place.directory)).toContain("aws-auth.yaml.lock");
      const start = performance.now();
      await place.store.write({ data: { notes: "mine\n" } }, await place.store.read());
      const waited = performance.now() - start;
      console.log(`the lock of a killed writer held for ${Math.round(waited)} ms more`);
      expect(waited).toBeLessThan(longestWait);
      expect((await place.store.read()).data["notes"]).toBe("mine\n");
      expect(await readdir(place.directory)).toEqual(["aws-auth.yaml"]);
    },
  );

  it("is written again by one that stood still while another wrote", async ({ onTestFinished }) => {
    const place = await prepare(onTestFinished);
    const writer = startWriter(place.path, "still");
    onTestFinished(() => void writer.kill("SIGKILL"));
    const state = () => execFileSync("ps", ["-o", "stat=", "-p", String(writer.pid)], { encoding: "utf8" });
    await vi.waitFor(() => expect(state()).toMatch(/^T/), longestWait);
    // As if the seconds had passed after which the lock is taken over.
    await utimes(`${place.path}.lock`, 1, 1);
    await place.store.write({ data: { notes: "mine\n" } }, await place.store.read());
    writer.kill("SIGCONT");
    const data = async () => (await place.store.read()).data;
    await vi.waitFor(async () => expect((await data())["mapUsers"]).toMatch(/^# (new )+\d+\n$/), longestWait);
    expect((await data())["notes"]).toBe("mine\n");
  });

  it("at random moments is always a whole one", { timeout: 600_000 }, async ({ onTestFinished }) => {
    const kills = cases(5, 20);
    console.log(`FAULT_SEED=${seed} kills=${kills}`);
    const random = seededRandom(seed);
    const place = await prepare(onTestFinished);
    const found = { old: 0, new: 0 };
    let leftovers = 0;
    for (let kill = 0; kill < kills; kill++) {
      await writeFile(place.path, manifest);
      const writer = startWriter(place.path, "never");
      // A writer that has begun: its first lock, or what its first write left.
      while ((await readdir(place.directory)).length === 1 && (await readFile(place.path, "utf8")) === manifest) {
        await setTimeout(2);
      }
      await setTimeout(random.below(60));
      writer.kill("SIGKILL");
      await once(writer, "close");
      found[await expectWhole(place)]++;
      leftovers += (await readdir(place.directory)).filter((name) => name.endsWith(".tmp")).length;
      // As if the seconds had passed after which a dead process's lock is taken over.
      await utimes(`${place.path}.lock`, 1, 1).catch(() => undefined);
      await place.store.write({ data: { notes: `${kill}\n` } }, await place.store.read());
      expect(await readdir(place.directory)).toEqual(["aws-auth.yaml"]);
    }
    console.log(`${kills} writers killed: ${JSON.stringify(found)}, ${leftovers} temporary files left and cleared`);
    expect(found.new).toBeGreaterThan(0);
  });
});
