// Writes a manifest once with the built package, as `pulumi up` does, and kills itself by SIGKILL. Arguments: the path, and the moment.
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const [path = "", moment = ""] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const {
  connectionTo,
}: typeof import("../../../provider/cluster/connect.ts") = require("../../../dist/provider/cluster/connect.js");
const {
  resolveClusterRef,
}: typeof import("../../../provider/cluster/resolveClusterRef.ts") = require("../../../dist/provider/cluster/resolveClusterRef.js");

/** Never resolves, since nothing may run until the signal arrives. */
function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}

const { open, rename } = fs;
switch (moment) {
  case "half-way":
    fs.open = async (...args) => {
      const file = await open(...args);
      const { writeFile } = file;
      file.writeFile = (content) => writeFile.call(file, String(content).slice(0, 1_000)).then(die);
      return file;
    };
    break;
  case "before the rename":
    fs.rename = die;
    break;
  default:
    fs.rename = async (from, to) => rename(from, to).then(die);
}

const settings = { config: () => undefined, env: {}, cwd: dirname(path) };
const { store } = await connectionTo(await resolveClusterRef({ manifest: path }, settings), settings);
await store.write({ data: { mapUsers: `# ${"new ".repeat(5_000)}\n` } }, await store.read());
