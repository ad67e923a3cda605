import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, type TestContext } from "vitest";
import { type ConfigMapStore, openStore, resolveClusterRef } from "../../provider/cluster/index.ts";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { cases } from "../support/nightly.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { seed } from "./seed.ts";

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
  it.for([
    ["half-way", "old"],
    ["before the rename", "old"],
    ["after the rename", "new"],
  ] as const)("%s is the %s one", async ([moment, expected], { onTestFinished }) => {
    const place = await prepare(onTestFinished);
    const writer = startWriter(place.path, moment);
    expect(await once(writer, "close")).toEqual([null, "SIGKILL"]);
    expect(await expectWhole(place)).toBe(expected);
    const write = async () => place.store.write({ data: { notes: "mine\n" } }, await place.store.read());
    if (expected === "old") {
      await expect(write()).rejects.toThrow(/a killed run left ".*\.tmp"; remove that file if no other run is active$/);
      await rm(`${place.path}.tmp`);
    }
    await write();
    expect((await place.store.read()).data["notes"]).toBe("mine\n");
  });

  it("at random moments is always a whole one", { timeout: 600_000 }, async ({ onTestFinished }) => {
    const kills = cases(5, 20);
    console.log(`FAULT_SEED=${seed} kills=${kills}`);
    const random = seededRandom(seed);
    const place = await prepare(onTestFinished);
    for (let kill = 0; kill < kills; kill++) {
      await writeFile(place.path, manifest);
      const writer = startWriter(place.path, "never");
      while ((await readFile(place.path, "utf8")) === manifest) {
        await setTimeout(2);
      }
      await setTimeout(random.below(60));
      writer.kill("SIGKILL");
      await once(writer, "close");
      expect(await expectWhole(place)).toBe("new");
      await rm(`${place.path}.tmp`, { force: true });
      await place.store.write({ data: { notes: `${kill}\n` } }, await place.store.read());
    }
  });
});
