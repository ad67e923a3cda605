import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import puppeteer, { type Browser } from "puppeteer-core";
import { repository } from "../engine/testProject.ts";

/**
 * Starts the browser that npm brings: nothing but `npm ci` is needed. It runs on a machine that has no libraries for browsers, since
 * the package ships those that a plain Debian does not have (NSS, NSPR, expat), and on one without any font.
 */
export async function startBrowser(): Promise<Browser> {
  const directory = await unpacked();
  return puppeteer.launch({
    executablePath: join(directory, "chromium"),
    headless: "shell",
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      LD_LIBRARY_PATH: join(directory, "lib"),
      FONTCONFIG_FILE: join(directory, "fonts.conf"),
    },
    // Tests run as root in containers, where the sandbox cannot be set up; the pages are our own.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"],
  });
}

/** The directory of the unpacked browser: in node_modules, so that `npm ci` takes it away with the package. */
async function unpacked(): Promise<string> {
  const source = join(repository, "node_modules", "@sparticuz", "chromium");
  const { version } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  const cache = join(repository, "node_modules", ".cache");
  const directory = join(cache, `chromium-${version}`);
  if (!existsSync(directory)) {
    await mkdir(cache, { recursive: true });
    const made = await mkdtemp(`${directory}-`);
    await unpack(join(source, "bin"), made, directory);
    // Of several test files that unpack it at once the first one wins.
    await rename(made, directory).catch(() => rm(made, { recursive: true, force: true }));
  }
  return directory;
}

/** @param final where the directory is going to be. */
async function unpack(archives: string, directory: string, final: string): Promise<void> {
  const program = join(directory, "chromium");
  await pipeline(createReadStream(join(archives, "chromium.br")), createBrotliDecompress(), createWriteStream(program));
  await chmod(program, 0o755);
  for (const archive of ["al2023.tar.br", "fonts.tar.br"]) {
    // Not through a pipe, which tar closes at the end of the archive, whether or not padding follows.
    const unpackedArchive = join(directory, "archive.tar");
    await pipeline(
      createReadStream(join(archives, archive)),
      createBrotliDecompress(),
      createWriteStream(unpackedArchive),
    );
    const tar = spawn("tar", ["-xf", unpackedArchive, "--no-same-owner", "-C", directory], { stdio: "inherit" });
    const [code] = await once(tar, "close");
    await rm(unpackedArchive);
    if (code !== 0) {
      throw new Error(`tar ended with ${code} for ${archive}`);
    }
  }
  const fonts = [join(final, "fonts"), "/usr/share/fonts"].map((path) => `<dir>${path}</dir>`).join("");
  await writeFile(
    join(directory, "fonts.conf"),
    `<fontconfig>${fonts}<cachedir>${final}/cache</cachedir></fontconfig>\n`,
  );
}
