import { gzipSync } from "node:zlib";

/** A file of a tarball. */
export interface TarFile {
  /** Its path, with slashes. */
  readonly path: string;
  readonly isExecutable: boolean;
  readonly content: Buffer;
}

const blockSize = 512;

/** A compressed tarball of the files in their order. It says nothing of who made it, when and where: the same files give the same bytes. */
export function tarball(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [header(file), file.content, Buffer.alloc(padding(file.content.length))]);
  const compressed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]), { level: 9 });
  // The operating system that compressed it: unknown.
  compressed[9] = 255;
  return compressed;
}

/** In the format ustar of POSIX. */
function header({ path, isExecutable, content }: TarFile): Buffer {
  if (Buffer.byteLength(path) > 100) {
    throw new Error(`the path ${path} is too long for a tarball; at most 100 bytes fit`);
  }
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, "0")}\0`;
  const fields: readonly (readonly [offset: number, value: string])[] = [
    [0, path],
    [100, octal(isExecutable ? 0o755 : 0o644, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(content.length, 12)],
    [136, octal(0, 12)],
    // The checksum counts its own field as spaces.
    [148, " ".repeat(8)],
    [156, "0"],
    [257, "ustar\0"],
    [263, "00"],
  ];
  for (const [offset, value] of fields) {
    block.write(value, offset, "utf8");
  }
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function padding(length: number): number {
  return (blockSize - (length % blockSize)) % blockSize;
}
