// Adds `writes` keys to a manifest, one write each, as another `pulumi up` would. Arguments: path, number of the writer, writes.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const [path = "", writer, writes] = process.argv.slice(2);
const index = fileURLToPath(new URL("../../../../provider/cluster/index.ts", import.meta.url));
const vite = await createServer({
  configFile: false,
  logLevel: "error",
  appType: "custom",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
const module = await vite.ssrLoadModule(index);
const settings = { config: () => undefined, env: {}, cwd: dirname(path) };
const store = await module.openStore(await module.resolveClusterRef({ manifest: path }, settings), settings);
for (let write = 0; write < Number(writes); write++) {
  for (let done = false; !done; ) {
    try {
      await store.write({ data: { [`key-${writer}-${write}`]: "- a\n" } }, await store.read());
      done = true;
    } catch (error) {
      if (error.code !== "conflict") {
        throw error;
      }
    }
  }
}
await vite.close();
