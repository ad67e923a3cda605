import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { renderPage } from "../../../cli/reviewPage.ts";
import type { AccessReview } from "../../../provider/reports/accessReview.ts";
import { lowContrast, shownRows, startBrowser } from "../../support/browser.ts";
import { cliDirectory } from "../../support/cli/runCli.ts";
import { companyReview, hostileReview, hostileTexts } from "../../support/review/sample.ts";

const { file, write } = cliDirectory();
let browser: Browser;
let page: Page;
beforeAll(async () => {
  browser = await startBrowser();
});
afterEach(() => page.close());
afterAll(() => browser?.close());

/** Opens the page of a review from a file. */
async function open(review: AccessReview, prepare: (page: Page) => Promise<unknown> = async () => undefined) {
  write({ "review.html": renderPage(review, "1.2.3") });
  page = await browser.newPage();
  const seen: { requests: string[]; messages: string[] } = { requests: [], messages: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.messages.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await prepare(page);
  const url = pathToFileURL(file("review.html")).href;
  await page.goto(url);
  return { seen, url };
}

describe("the review page in a browser", () => {
  it("loads nothing, runs no script, and applies its own style", async () => {
    const { seen, url } = await open(companyReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.$$("script, link, img, iframe")).toEqual([]);
    expect(await page.$eval("body", (body) => getComputedStyle(body).maxWidth)).not.toBe("none");
    expect(await page.title()).toBe("Access review, 25 November 2026 at 04:00 UTC");
  });

  it("shows hostile names as text", async () => {
    const { seen, url } = await open(hostileReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.evaluate("typeof hacked")).toBe("undefined");
    expect(
      await page.$$("img, iframe, svg, object, base, link, main script, main style, a, [onerror], [onclick]"),
    ).toEqual([]);
    const text = await page.$eval("main", (main) => main.textContent);
    for (const hostile of hostileTexts) {
      expect(text).toContain(hostile.replace("\u202e", "\\u202e"));
    }
  });

  it("filters by finding and change, with the keyboard and without scripts", async () => {
    await open(companyReview(), (page) => page.setJavaScriptEnabled(false));
    const shown = async (mark: string) => {
      await page.select("select", mark);
      return shownRows(page);
    };
    const all = await shownRows(page);
    expect(await shown("secrets")).toEqual(["role/backup"]);
    expect(await shown("no-effect")).toEqual(["role/ci/deployer", "role/developers"]);
    expect(await shown("changed")).toEqual(["role/platform-admins", "role/developers"]);
    expect(await shown("")).toEqual(all);
    await page.keyboard.press("Tab");
    expect(await page.$eval("select", (select) => getComputedStyle(select).outlineStyle)).toBe("solid");
  });

  it("shows the changes, and the clusters that could not be read", async () => {
    await open(companyReview());
    const [unread = "", changes = ""] = await page.$$eval("main > section", (sections) =>
      sections.map(({ textContent }) => textContent),
    );
    expect(unread).toMatch(/^Not read, so unknown.*lab.*does not answer/);
    expect(changes).toMatch(
      /^3 changes since the review of 24 November 2026.*new.*role\/platform-admins.*every right in the cluster/,
    );
    expect(await page.$$eval("h1, h2", (titles) => titles.map(({ textContent }) => textContent))).toContain(
      'EKS cluster "prod" (eu-central-1)',
    );
  });

  it.each(["light", "dark"])("has enough contrast in %s colours", async (scheme) => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
    const [red = 0] = await page.$eval("body", (body) =>
      (getComputedStyle(body).backgroundColor.match(/\d+/g) ?? []).map(Number),
    );
    expect(red > 128).toBe(scheme === "light");
    expect(await lowContrast(page)).toEqual([]);
  });

  it("fits a narrow screen", async () => {
    await open(companyReview(), (page) => page.setViewport({ width: 320, height: 800 }));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
  });

  it("prints dark on white, with the details unfolded and without the filter", async () => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]));
    await page.emulateMediaType("print");
    expect(await page.$eval("body", (body) => getComputedStyle(body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.$eval(".filter", (form) => form.checkVisibility())).toBe(false);
    expect(await page.$eval("details li", (item) => item.checkVisibility())).toBe(true);
    expect(await lowContrast(page)).toEqual([]);
  });
});
