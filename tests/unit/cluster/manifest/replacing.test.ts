import { mkdir, readdir, readFile, rmdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openStore, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";

/** What happens while a file is written, and just before it takes the place of the old one. */
const hooks = vi.hoisted(() => ({ writing: async () => {}, renaming: async () => {} }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const { writeFile } = handle;
      handle.writeFile = async (...content) => {
        await hooks.writing();
        await writeFile.apply(handle, content);
      };
      return handle;
    },
    rename: async (...args: Parameters<typeof real.rename>) => {
      await hooks.renaming();
      await real.rename(...args);
    },
  };
});

beforeEach(() => {
  hooks.writing = async () => {};
  hooks.renaming = async () => {};
});

const head = "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\ndata:\n";
const manifest = `${head}  mapRoles: x\n`;

async function manifestAndStores() {
  const cwd = await temporaryDirectory();
  const path = join(cwd, "aws-auth.yaml");
  await writeFile(path, manifest);
  const settings = settingsOf({ cwd });
  const open = async () => openStore(await resolveClusterRef({ manifest: "aws-auth.yaml" }, settings), settings);
  return { cwd, path, lock: `${path}.lock`, own: await open(), other: await open() };
}

type Place = Awaited<ReturnType<typeof manifestAndStores>>;

/** As if the seconds had passed after which the lock of a process that stands still is taken over. */
const standStill = ({ lock }: Place) => utimes(lock, 1, 1);

describe("a writer that stands still before it replaces the file", () => {
  it.each<readonly [what: string, meanwhile: (place: Place) => Promise<unknown>, text: string, left: string[]]>([
    [
      "another process stores an entry",
      async (place) => {
        await standStill(place);
        await place.other.write({ data: { mapUsers: "y" } }, await place.other.read());
      },
      `${manifest}  mapUsers: |-\n    y\n`,
      ["aws-auth.yaml"],
    ],
    [
      "another process has taken the lock over",
      async ({ lock }) => {
        await rmdir(lock);
        await mkdir(lock);
      },
      manifest,
      ["aws-auth.yaml", "aws-auth.yaml.lock"],
    ],
    [
      "somebody edits the file",
      ({ path }) => writeFile(path, `${manifest}# mine\n`),
      `${manifest}# mine\n`,
      ["aws-auth.yaml"],
    ],
  ])("finds that %s, and starts again", async (_title, meanwhile, text, left) => {
    const place = await manifestAndStores();
    hooks.writing = async () => {
      hooks.writing = async () => {};
      await meanwhile(place);
    };
    const writing = place.own.write({ data: { mapRoles: "z" } }, await place.own.read());
    await expect(writing).rejects.toMatchObject({ code: "conflict" });
    expect(await readFile(place.path, "utf8")).toBe(text);
    expect(await readdir(place.cwd)).toEqual(left);
  });
});

describe("a full disk", () => {
  it.each([
    ["writing", "ENOSPC"],
    ["renaming", "ENOSPC"],
    ["writing", "EDQUOT"],
  ] as const)("while %s, with %s, leaves the file as it was, and nothing beside it", async (moment, code) => {
    const { cwd, path, own } = await manifestAndStores();
    hooks[moment] = () => Promise.reject(Object.assign(new Error("no space left on device"), { code }));
    await expect(own.write({ data: { mapRoles: "z" } }, await own.read())).rejects.toMatchObject({
      code: "clusterUnreachable",
      message: `manifest "aws-auth.yaml" cannot be written: its disk is full (${code}); free some space and try again; the file is as it was`,
    });
    expect(await readFile(path, "utf8")).toBe(manifest);
    expect(await readdir(cwd)).toEqual(["aws-auth.yaml"]);
  });
});
