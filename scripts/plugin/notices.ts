import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its package.json has it. */
  readonly license: string;
  readonly directory: string;
}

/** The packages that files belong to, by name and version, each once. */
export function packagesOf(files: Iterable<string>, repository: string): BundledPackage[] {
  const directories = new Set<string>();
  for (const file of files) {
    const [directory] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? [];
    if (directory !== undefined) {
      directories.add(join(repository, directory));
    }
  }
  const packages = Array.from(directories, (directory) => {
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    return { name: manifest.name, version: manifest.version, license: manifest.license ?? "none", directory };
  });
  const byName = new Map(packages.map((bundled) => [labelOf(bundled), bundled]));
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bundled]) => bundled);
}

/** The licenses and notices of the packages, each text once. */
export function notices(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>();
  for (const bundled of packages) {
    const text = textsIn(bundled.directory);
    byText.set(text, [...(byText.get(text) ?? []), `- ${labelOf(bundled)} (${bundled.license})`]);
  }
  const sections = Array.from(byText, ([text, labels]) => [labels.join("\n"), text].filter(Boolean).join("\n\n"));
  const opening = "The code of pulumi-resource-aws-auth contains code of these packages, under these licenses.";
  return `${[opening, ...sections].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

function labelOf({ name, version }: BundledPackage): string {
  return `${name} ${version}`;
}

function textsIn(directory: string): string {
  return readdirSync(directory)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .toSorted()
    .map((name) => readFileSync(join(directory, name), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}
