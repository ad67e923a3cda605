import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Compares two directories of files. Returns one line for each equal file, and one for each difference. */
export function compareAssets(
  first: string,
  second: string,
): { readonly equal: readonly string[]; readonly different: readonly string[] } {
  const [inFirst, inSecond] = [new Set(readdirSync(first)), new Set(readdirSync(second))];
  const equal: string[] = [];
  const different: string[] = [];
  for (const name of [...new Set([...inFirst, ...inSecond])].sort()) {
    if (!inFirst.has(name) || !inSecond.has(name)) {
      different.push(`${name}: only in ${inFirst.has(name) ? first : second}`);
      continue;
    }
    const [a, b] = [readFileSync(join(first, name)), readFileSync(join(second, name))];
    if (a.equals(b)) {
      equal.push(`${hash("sha256", a)}  ${name}  ${a.length} bytes`);
    } else {
      different.push(`${name}: ${/\.t?gz$/.test(name) ? archiveDifference(a, b) : `byte ${offsetOf(a, b)}`}`);
    }
  }
  return { equal, different };
}

/** Where the contents of two compressed archives differ first. */
function archiveDifference(first: Buffer, second: Buffer): string {
  const [a, b] = [gunzipSync(first), gunzipSync(second)];
  if (a.equals(b)) {
    return `byte ${offsetOf(first, second)}, with equal contents`;
  }
  const offset = offsetOf(a, b);
  // A header of 512 bytes, with name, size and prefix at fixed offsets, then the content in blocks of 512 bytes.
  for (let header = 0; header < a.length; ) {
    const text = (start: number, end: number) => a.toString("utf8", header + start, header + end).replace(/\0.*/s, "");
    const content = header + 512;
    const size = Number.parseInt(text(124, 136), 8) || 0;
    const next = content + Math.ceil(size / 512) * 512;
    if (offset < next) {
      const name = [text(345, 500), text(0, 100)].filter((part) => part !== "").join("/");
      return offset < content ? `header of ${name}, byte ${offset - header}` : `${name}, byte ${offset - content}`;
    }
    header = next;
  }
  return `byte ${offset} of the archive`;
}

/** The first byte that differs. */
function offsetOf(a: Buffer, b: Buffer): number {
  let offset = 0;
  while (offset < a.length && offset < b.length && a[offset] === b[offset]) {
    offset += 1;
  }
  return offset;
}
