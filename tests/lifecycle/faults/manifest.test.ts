import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf, seasonedData } from "../../support/engine/manifest.ts";

const before = manifestOf(seasonedData);
const after = manifestOf({ ...seasonedData, mapUsers: `# ${"new ".repeat(5_000)}\n` });

it.each([
  ["half-way", before],
  ["before the rename", before],
  ["after the rename", after],
])("a manifest whose writer is killed %s is a whole one", async (moment, expected) => {
  const cwd = await temporaryDirectory();
  const path = join(cwd, "aws-auth.yaml");
  await writeFile(path, before);
  const writer = spawn(process.execPath, [join(import.meta.dirname, "dyingWriter.ts"), path, moment]);
  expect(await once(writer, "close")).toEqual([null, "SIGKILL"]);
  expect(await readFile(path, "utf8")).toBe(expected);

  const settings = { config: () => undefined, env: {}, cwd };
  const store = await openStore(await resolveClusterRef({ manifest: path }, settings), settings);
  const write = async () => store.write({ data: { notes: "mine\n" } }, await store.read());
  if (expected === before) {
    await expect(write()).rejects.toThrow(/a killed run left ".*\.tmp"; remove that file if no other run is active$/);
    await rm(`${path}.tmp`);
  }
  await write();
  expect((await store.read()).data["notes"]).toBe("mine\n");
});
