import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { renderPage } from "../../cli/review/html/page.ts";
import type { AccessReview } from "../../provider/review/model.ts";
import { startBrowser } from "../support/browser/chromium.ts";
import { lowContrast, shownRows } from "../support/browser/inPage.ts";
import { companyReview, hostileReview, hostileTexts } from "../support/review/sample.ts";

let browser: Browser;
let directory: string;
let page: Page;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-page-"));
  browser = await startBrowser();
});
afterEach(() => page.close());
afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

/** What a browser did with a page. */
interface Seen {
  readonly requests: string[];
  readonly messages: string[];
}

/** Opens a review as a file, as whoever gets it by mail does. */
async function open(review: AccessReview, prepare: (page: Page) => Promise<unknown> = async () => undefined) {
  const file = join(directory, "review.html");
  await writeFile(file, renderPage(review, "1.2.3"));
  page = await browser.newPage();
  const seen: Seen = { requests: [], messages: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.messages.push(message.text()));
  page.on("pageerror", (error) => seen.messages.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.messages.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await prepare(page);
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { seen, url };
}

const all = 12;

describe("the page of a review in a browser", () => {
  it("asks for nothing but itself, and its style and script are those that its policy allows", async () => {
    const { seen, url } = await open(companyReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.$eval("body", (body) => getComputedStyle(body).maxWidth)).not.toBe("none");
    expect(await page.$eval("#filter", (form) => form.checkVisibility())).toBe(true);
    expect(await page.title()).toBe("Access review, 25 November 2026 at 04:00 UTC");
  });

  it("shows hostile names as they are, and does nothing of what they say", async () => {
    const { seen, url } = await open(hostileReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.evaluate("typeof hacked")).toBe("undefined");
    expect(
      await page.$$("img, iframe, svg, object, base, link, main script, main style, [onerror], [onclick]"),
    ).toEqual([]);
    expect(
      await page.$$eval("a", (links) => links.filter((link) => !link.getAttribute("href")?.startsWith("#"))),
    ).toEqual([]);
    expect(await page.$$eval("script", ({ length }) => length)).toBe(1);
    const text = await page.$eval("main", (main) => main.textContent);
    for (const hostile of hostileTexts) {
      expect(text).toContain(hostile.replace("\u202e", "\\u202e"));
    }
  });

  it("is filtered by text, risk, cluster and change, and says how much of it is shown", async () => {
    await open(companyReview());
    const status = () => page.$eval("#shown", (element) => element.textContent);
    expect(await shownRows(page)).toHaveLength(all);
    expect(await status()).toBe("");
    await page.type("#text", "DEPLOYER bind");
    expect(await shownRows(page)).toEqual(["role/deployer"]);
    expect(await status()).toBe(`Filtered: 1 of ${all} identities are shown.`);
    expect(await page.$$eval("section[data-cluster]", (sections) => sections.map(({ hidden }) => hidden))).toEqual([
      false,
      true,
    ]);
    await page.click("button[type=reset]");
    await page.waitForFunction("document.getElementById('shown').textContent === ''");
    expect(await shownRows(page)).toHaveLength(all);

    await page.select("#risk", "high");
    expect(await shownRows(page)).toEqual(["role/platform-admins", "role/deployer", "role/backup"]);
    await page.select("#risk", "shadowed");
    expect(await shownRows(page)).toEqual(["role/developers"]);
    await page.select("#risk", "");
    await page.select("#cluster", "1");
    expect(await shownRows(page)).toEqual(["role/developers", "role/eks-node-group"]);
    await page.select("#cluster", "");
    await page.select("#changed", "yes");
    expect(await shownRows(page)).toEqual(["role/platform-admins", "role/developers"]);
  });

  it("has counts that add up, tells once that no stack claims entries, and says what made it of what", async () => {
    const review = companyReview();
    await open(review);
    const texts = (selector: string) => page.$$eval(selector, (found) => found.map(({ textContent }) => textContent));
    const numbers = (await texts(".overview tbody td:nth-of-type(1)")).map(Number);
    expect(numbers.reduce((sum, count) => sum + count, 0)).toBe(review.summary.identities);
    expect(await texts(".people caption")).toEqual([
      "10 identities, of which 9 get in; the riskiest first",
      "2 identities; the riskiest first",
    ]);
    expect((await texts("td[data-label=Findings]")).join()).not.toContain("no stack claims");
    expect(await texts("section[data-cluster] > p")).toEqual([
      expect.stringContaining("No stack claims the entries of 6 identities"),
      expect.stringContaining("No stack claims the entries of 2 identities"),
    ]);
    const [made] = await texts("footer p:last-of-type");
    expect(made).toContain('Made by pulumi-aws-auth 1.2.3, 2026-11-25T04:00:00.000Z. Read: EKS cluster "prod"');
  });

  it("is used by keyboard: the skip link comes first, and the filter is on the way", async () => {
    await open(companyReview());
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate("document.activeElement.className || document.activeElement.id");
    expect(await focused()).toBe("skip");
    for (let count = 0; count < 10 && (await focused()) !== "text"; count++) {
      await page.keyboard.press("Tab");
    }
    expect(await focused()).toBe("text");
    const outline = await page.$eval("#text", (input) => getComputedStyle(input).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.type("on-call");
    expect(await shownRows(page)).toEqual(["user/on-call"]);
  });

  it("is read without script: everything is there, what is folded opens, and no filter is shown that would not work", async () => {
    await open(companyReview(), (page) => page.setJavaScriptEnabled(false));
    expect(await shownRows(page)).toHaveLength(all);
    expect(await page.$eval("#filter", (form) => form.checkVisibility())).toBe(false);
    const isOpen = () => page.$eval("details", (details) => details.open);
    expect(await isOpen()).toBe(false);
    await page.click("summary");
    expect(await isOpen()).toBe(true);
  });

  it.each(["light", "dark"])("has enough contrast in %s colours", async (scheme) => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
    const [red = 0] = await page.$eval("body", (body) =>
      (getComputedStyle(body).backgroundColor.match(/\d+/g) ?? []).map(Number),
    );
    expect(red > 128).toBe(scheme === "light");
    expect(await lowContrast(page)).toEqual([]);
  });

  it("fits a narrow screen, with the name of its column before each cell", async () => {
    await open(companyReview(), (page) => page.setViewport({ width: 320, height: 800 }));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    const label = await page.$eval(".people td", (cell) => getComputedStyle(cell, "::before").content);
    expect(label).toBe('"User"');
    const roles = await page.$$eval(".people :is(tr, th, td)", (cells) =>
      cells.filter((cell) => !cell.hasAttribute("role")),
    );
    expect(roles).toEqual([]);
  });

  it("prints dark on white, with everything that is folded, and without the filter", async () => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]));
    await page.emulateMediaType("print");
    expect(await page.$eval("body", (body) => getComputedStyle(body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.$eval("#filter", (form) => form.checkVisibility())).toBe(false);
    expect(await page.$eval("details li", (item) => item.checkVisibility())).toBe(true);
    expect(await lowContrast(page)).toEqual([]);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe("%PDF-");
  });

  it("tells a screen reader its parts: landmarks, headings, tables with captions and headers, controls with labels", async () => {
    await open(companyReview());
    for (const landmark of ["header", "main", "footer", "nav[aria-labelledby]", "form[role=search][aria-label]"]) {
      expect(await page.$$(landmark), landmark).toHaveLength(1);
    }
    expect(await page.$$eval("h1, h2", (headings) => headings.map(({ textContent }) => textContent))).toEqual([
      ...["Access review", "Not read", "Changes", "Clusters"],
      ...['EKS cluster "prod" (eu-central-1)', 'EKS cluster "staging" (eu-central-1)', "How to read this"],
    ]);
    expect(await page.$$("table:not(:has(> caption))")).toEqual([]);
    expect(await page.$$("th:not([scope])")).toEqual([]);
    expect(
      await page.$$eval("input, select", (controls) => controls.filter(({ labels }) => labels?.length !== 1)),
    ).toEqual([]);
    const ids = await page.$$eval("[id]", (elements) => elements.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await page.$eval("html", ({ lang }) => lang)).toBe("en");
  });
});
