// Writes a manifest as `pulumi up` does, with the built package, and dies by kill -9. Arguments: path, and the moment of death:
// one of those below, or "never", for a process that writes one value after another until somebody else kills it.
import fs, { type FileHandle } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const [path = "", moment = ""] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const cluster: typeof import("../../provider/cluster/index.ts") = require("../../dist/provider/cluster/index.js");

/** Never resolves: the signal may take a moment, and nothing must happen in it. */
function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}

const { open, rename } = fs;
switch (moment) {
  case "half-way":
    fs.open = async (...args) => dyingHalfWay(await open(...args));
    break;
  case "before the rename":
    fs.rename = die;
    break;
  case "after the rename":
    fs.rename = async (from, to) => rename(from, to).then(die);
    break;
  default:
}

const settings = { config: () => undefined, env: {}, cwd: dirname(path) };
const store = await cluster.openStore(await cluster.resolveClusterRef({ manifest: path }, settings), settings);
let base = await store.read();
for (let number = 1; ; number++) {
  try {
    base = await store.write({ data: { mapUsers: `# ${"new ".repeat(5_000)}${number}\n` } }, base);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "conflict")) {
      throw error;
    }
    base = await store.read();
  }
}

function dyingHalfWay(file: FileHandle): FileHandle {
  const { writeFile } = file;
  file.writeFile = async (content) => {
    await writeFile.call(file, String(content).slice(0, 1_000));
    await die();
  };
  return file;
}
