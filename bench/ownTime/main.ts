// `node main.ts ENTRIES OPERATIONS profile|parses`: runs the built provider on a map of that many entries, with an API server in a
// thread of this process, and prints one line of JSON: milliseconds of own time per operation, or how often the whole map was
// parsed.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type * as provider from "../../provider/index.ts";
import { repository } from "../../tests/support/engine/testProject.ts";
import { mappingNumber, mapRolesOf } from "../support/mappings.ts";
import { claimIdOf, claimNumber, claimsAnnotation, idNumber, programInputs, recordOf } from "./claimed.ts";
import { countParses } from "./countParses.ts";
import type { MemoryMap } from "./memoryApi.ts";
import { profileOwnTime } from "./profile.ts";

const [entries = 0, operations = 0] = process.argv.slice(2, 4).map(Number);
const mode = process.argv[4];
/** How often to repeat operations that change nothing, and are too short for the profiler's resolution. */
const repetitions = 10;
/** The first operations of a process are compiled while they run, which has nothing to do with the map; `start` measures it. */
const warmUp = 300;

/** The map before the first operation: it has every mapping, and as many claims as fit. */
const mapRoles = mapRolesOf(entries);
const record = recordOf(entries, 2 * operations + warmUp);
const map: MemoryMap = { data: { mapRoles }, annotations: { [claimsAnnotation]: record } };

const api = new Worker(new URL("memoryApi.ts", import.meta.url), { workerData: map });
const directory = mkdtempSync(join(tmpdir(), "aws-auth-own-time-"));
try {
  const port = await new Promise<number>((resolve) => api.once("message", resolve));
  const kubeconfig = join(directory, "kubeconfig");
  writeFileSync(kubeconfig, kubeconfigFor(port));
  const { check, diff, read, create, update, delete: remove, configure } = load();
  const config = (key: string) => (key === "aws-auth:kubeconfig" ? kubeconfig : undefined);
  await configure({ config: { get: config, require: (key) => config(key) ?? "" } });

  const numbers = (from: number, count = operations) => Array.from({ length: count }, (_, index) => from + index);
  const [own, unchecked, added, together] = [
    numbers(0),
    numbers(operations),
    numbers(entries),
    numbers(entries + operations),
  ];
  const [warm, gone] = [numbers(entries + 2 * operations, warmUp), numbers(2 * operations, warmUp)];
  const count = mode === "parses" ? countParses(mapRoles.length / 2) : undefined;
  const inputs = (index: number, username?: string) => ({
    ...mappingNumber(index),
    ...(username !== undefined && { username }),
  });
  const given = (index: number, username?: string) => programInputs(inputs(index, username), index);
  // The first operation also reads the map, so it is not comparable with the others.
  const { inputs: stored } = await check({}, given(entries));
  /** What `check` makes of the inputs, which differ in little more than the mapping. */
  const checked = (index: number, username?: string) => ({
    ...stored,
    ...inputs(index, username),
    ...claimNumber(index),
  });
  const at = (index: number, id: unknown = idNumber(index)) => ({ ...checked(index), ...claimNumber(index, id) });
  const updateAll = (indices: readonly number[], ids?: readonly unknown[]) =>
    each(indices, (index, place) => update("", at(index, ids?.[place]), checked(index, "other")));
  const checkUpdates = (indices: readonly number[]) =>
    // Whoever is not checked anew still declares the entry as it was.
    each(indices, (index) => check(checked(index), given(index, "other")));
  const often = Array.from({ length: repetitions }, () => own).flat();
  const repeated = {
    check: () => each(often, (index) => check(checked(index), given(index))),
    diff: () => each(often, (index) => diff("", at(index), checked(index))),
    read: () => each(often, (index) => read("", at(index))),
  };
  const writing = {
    update: () => updateAll(own),
    // A destroy checks nothing beforehand, and so nobody declares these.
    delete: () => each(unchecked, (index) => remove("", at(index))),
    create: () => each(added, (index) => create(checked(index))),
    group: () => Promise.all(together.map((index) => create(checked(index)))),
  };
  await each(gone, (index) => remove("", at(index)));
  await each([...added, ...together, ...warm], (index) => check({}, given(index)));
  const ids = await each(warm, async (index) => claimIdOf(await create(checked(index))));
  await checkUpdates(warm);
  await updateAll(warm, ids);
  const result: Record<string, number> = {
    json: (await profileOwnTime(rewriteJson, isThisProgram)) / (operations * repetitions),
  };
  const profileEach = async (phases: Readonly<Record<string, () => Promise<unknown>>>, times: number) => {
    for (const [name, work] of Object.entries(phases)) {
      result[name] = (await profileOwnTime(work, isOurs)) / times;
    }
  };
  await profileEach(repeated, often.length);
  await checkUpdates(own);
  await profileEach(writing, operations);
  const more = added.length + together.length - unchecked.length;
  await assertStored(port, entries + more, record.split("\n").length + more);
  process.stdout.write(`${JSON.stringify(count === undefined ? result : { parses: count() })}\n`);
} finally {
  await api.terminate();
  rmSync(directory, { recursive: true });
}

/** Operations without effect are fast. */
async function assertStored(port: number, expected: number, expectedClaims: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}`);
  const { data, metadata }: { data: { mapRoles: string }; metadata: MemoryMap } = JSON.parse(await response.text());
  const found = data.mapRoles.split("rolearn:").length - 1;
  const claims = metadata.annotations[claimsAnnotation]?.split("\n").length;
  if (found !== expected || claims !== expectedClaims) {
    throw new Error(
      `the map has ${found} entries and ${claims} claims in the end, and should have ${expected} and ${expectedClaims}`,
    );
  }
}

function load(): typeof provider {
  return createRequire(import.meta.url)(join(repository, "dist", "provider", "index.js"));
}

/** Ours, and the parser that it calls; not Node, nor the profiler and this program. */
function isOurs(url: string): boolean {
  return /\/dist\/provider\/|\/node_modules\/yaml\//.test(url);
}

/** What any writer of the map has to do with it: parse the API server's response, and write the map as JSON again. */
async function rewriteJson(): Promise<void> {
  const response = JSON.stringify({ data: map.data, metadata: { annotations: map.annotations } });
  for (let index = 0; index < operations * repetitions; index++) {
    JSON.stringify(JSON.parse(response));
  }
}

function isThisProgram(url: string): boolean {
  return url === import.meta.url;
}

async function each<T>(indices: readonly number[], work: (index: number, place: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const [place, index] of indices.entries()) {
    results.push(await work(index, place));
  }
  return results;
}

function kubeconfigFor(port: number): string {
  return JSON.stringify({
    clusters: [{ name: "memory", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "user", user: { token: "token" } }],
    contexts: [{ name: "memory", context: { cluster: "memory", user: "user" } }],
    "current-context": "memory",
  });
}
