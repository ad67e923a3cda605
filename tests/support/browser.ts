/// <reference lib="dom" />
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { repository } from "./engine/testProject.ts";

/**
 * Starts the browser that npm installs, so that only `npm ci` is needed. It runs on a machine without the libraries of browsers, since the
 * package contains those that a plain Debian lacks (NSS, NSPR, expat), and without fonts.
 */
export function startBrowser(): Promise<Browser> {
  const directory = unpacked();
  return puppeteer.launch({
    executablePath: join(directory, "chromium"),
    headless: "shell",
    env: {
      PATH: process.env["PATH"],
      HOME: directory,
      LD_LIBRARY_PATH: join(directory, "lib"),
      FONTCONFIG_FILE: join(directory, "fonts.conf"),
    },
    // Containers run tests as root, where the sandbox cannot start; the pages are trusted.
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"],
  });
}

/** The directory of the unpacked browser, in node_modules so that `npm ci` removes it together with the package. */
function unpacked(): string {
  const source = join(repository, "node_modules", "@sparticuz", "chromium");
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const cache = join(repository, "node_modules", ".cache");
  const directory = join(cache, `chromium-${version}`);
  if (existsSync(directory)) {
    return directory;
  }
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(`${directory}-`);
  const unpack = (name: string) => brotliDecompressSync(readFileSync(join(source, "bin", `${name}.br`)));
  writeFileSync(join(made, "chromium"), unpack("chromium"), { mode: 0o755 });
  for (const name of ["al2023.tar", "fonts.tar"]) {
    const archive = join(made, name);
    writeFileSync(archive, unpack(name));
    execFileSync("tar", ["-xf", archive, "--no-same-owner", "-C", made]);
    rmSync(archive);
  }
  const fonts = [join(directory, "fonts"), "/usr/share/fonts"].map((path) => `<dir>${path}</dir>`).join("");
  const settings = `<fontconfig>${fonts}<cachedir>${directory}/cache</cachedir></fontconfig>\n`;
  writeFileSync(join(made, "fonts.conf"), settings);
  try {
    renameSync(made, directory);
  } catch {
    // Another test file unpacked it first.
    rmSync(made, { recursive: true });
  }
  return directory;
}

/** The texts of a page whose contrast to their background is less than 4.5 to 1, the minimum of WCAG 2. */
export function lowContrast(page: Page): Promise<string[]> {
  return page.$$eval("body *", (elements) => {
    const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (colour: string) => {
      const [red = 0, green = 0, blue = 0] = channels(colour).map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element | null): string => {
      if (element === null) {
        return "rgb(255, 255, 255)";
      }
      const colour = getComputedStyle(element).backgroundColor;
      return channels(colour)[3] === 0 ? behind(element.parentElement) : colour;
    };
    return elements.flatMap((element) => {
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== "");
      if (!hasText || !element.checkVisibility() || ["SCRIPT", "STYLE"].includes(element.tagName)) {
        return [];
      }
      const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(2)} ${element.textContent}`] : [];
    });
  });
}
