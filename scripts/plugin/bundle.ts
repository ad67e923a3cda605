import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

/** What the CommonJS of packages expects to be there. */
const banner = `import { createRequire as createRequireOfBundle } from "node:module";
const require = createRequireOfBundle(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/**
 * Bundles the plugin with everything that it needs but Node.js. `main.js` is what any Node.js can read, to say which one is needed; the rest
 * is in pieces that are loaded as they are needed.
 *
 * @returns the files, by path, and the `sources` that they were made from, as paths from the repository.
 */
export async function bundlePlugin(repository: string) {
  const common = {
    absWorkingDir: repository,
    outdir: repository,
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "warning",
  } satisfies BuildOptions;
  const built = await Promise.all([
    build({
      ...common,
      entryPoints: { main: "provider/plugin/main.ts" },
      format: "cjs",
      target: "node12",
      plugins: [startIsApart],
    }),
    build({
      ...common,
      entryPoints: { start: "provider/plugin/start.ts" },
      format: "esm",
      splitting: true,
      outExtension: { ".js": ".mjs" },
      chunkNames: "chunks/[name]-[hash]",
      target: "node22",
      mainFields: ["module", "main"],
      // A service of grpc's own loads it that nobody asks for.
      external: ["@grpc/proto-loader"],
      banner: { js: banner },
      plugins: [packagesAreBundled(repository), builtinsAreRequired],
    }),
  ]);
  const files = built.flatMap(({ outputFiles }) => outputFiles);
  const sources = built.flatMap(({ metafile }) =>
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([source, { bytesInOutput }]) => (bytesInOutput > 0 ? [source] : [])),
    ),
  );
  return {
    files: new Map(files.map(({ path, contents }) => [path.slice(repository.length + 1), contents])),
    sources: [...new Set(sources)].toSorted(),
  };
}

const startIsApart: Plugin = {
  name: "start is apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/start$/ }, () => ({ path: "./start.mjs", external: true }));
  },
};

/**
 * Node.js gives a module that imports `node:http` all of its exports, and loads the whole of `fetch` for them. What a module requires is
 * loaded alone.
 */
const builtinsAreRequired: Plugin = {
  name: "builtins are required",
  setup({ onLoad, onResolve }) {
    const namespace = "builtin";
    onResolve({ filter: /^(?:node:)?https?$/ }, ({ path, kind }) => {
      const name = path.replace(/^(?!node:)/, "node:");
      return kind === "require-call" ? { path: name, external: true } : { path: name, namespace };
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** What `import()` gives of a CommonJS package: Node.js also has its exports by name, where esbuild has the default export alone. */
const byName = "((module) => Object.keys(module).length > 1 ? module : { ...module.default, default: module.default })";

/** What the SDK loads for programs that Pulumi runs in-line or whose functions it serializes, which a plugin does not. */
const unusedInSdk =
  /[\\/]@pulumi[\\/]pulumi[\\/](automation[\\/]index|provider[\\/]experimental[\\/]index|runtime[\\/]closure[\\/](codePaths|serializeClosure))\.js$/;

/** Elsewhere, `loadFromSdk` takes the copies of Pulumi's SDK at run time; here they are bundled, the same copies. */
function packagesAreBundled(repository: string): Plugin {
  const ofSdk = createRequire(createRequire(join(repository, "package.json")).resolve("@pulumi/pulumi/package.json"));
  return {
    name: "packages are bundled",
    setup({ onLoad }) {
      onLoad({ filter: unusedInSdk }, () => ({ contents: "module.exports = {};" }));
      onLoad({ filter: /[\\/](provider|sdk)[\\/].*\.ts$/ }, ({ path }) => {
        if (path.includes("node_modules")) {
          return undefined;
        }
        const source = readFileSync(path, "utf8");
        const contents = source.replace(/\bloadFromSdk\(\s*("[^"]+"),?\s*\)/g, (_, name: string) => {
          return `require(${JSON.stringify(ofSdk.resolve(JSON.parse(name)))})`;
        });
        if (/(?<!function )\bloadFromSdk\(/.test(contents)) {
          throw new Error(
            `${path} loads something from Pulumi's SDK that is not a string, so that it cannot be bundled`,
          );
        }
        // Node.js takes longer to find and link a file than to evaluate it, so that only what the handlers load is in files of its own.
        // What every request loads is kept: esbuild copies the exports of a module each time.
        let kept = "";
        const keep = (load: string) => {
          const name = `loaded${kept.length}`;
          kept += `var ${name};\n`;
          return `(${name} ??= ${load})`;
        };
        const named = contents
          .replace(/(?<!typeof )\bimport\("[^."][^"]*"\)/g, (call) => keep(`${call}.then${byName}`))
          .replace(/(?<!typeof )\bimport\(("\.[^"]*")\)/g, (call, name: string) =>
            keep(path.endsWith("handlers.ts") ? call : `Promise.resolve().then(() => require(${name}))`),
          );
        return { contents: kept + named, loader: "ts", resolveDir: dirname(path) };
      });
    },
  };
}
