import { createRequire } from "node:module";
import type { Provider } from "@pulumi/pulumi/provider/index.js";

const load = createRequire(import.meta.url);

/**
 * Serves a stand-in to the engine, which starts it like a real plugin.
 *
 * @param name the package whose plugin it replaces; it reports that package's version, or the engine would warn.
 */
export function serve(name: "kubernetes" | "aws", provider: Provider): void {
  const { main }: typeof import("@pulumi/pulumi/provider/index.js") = load("@pulumi/pulumi/provider");
  const { version }: { version: string } = load(`@pulumi/${name}/package.json`);
  main({ ...provider, version }, process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
