import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { renderPage } from "../../cli/report/page.ts";
import { reviewPage, reviewReport } from "../../cli/review/report.ts";
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
  await writeFile(file, renderPage(reviewReport(review), reviewPage(review, "1.2.3")));
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

const all = 13;

describe("the page of a review in a browser", () => {
  it("asks for nothing but itself, has no script, and its style is the one that its policy allows", async () => {
    const { seen, url } = await open(companyReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.$eval("body", (body) => getComputedStyle(body).maxWidth)).not.toBe("none");
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
    expect(await page.$$("script")).toEqual([]);
    const text = await page.$eval("main", (main) => main.textContent);
    for (const hostile of hostileTexts) {
      expect(text).toContain(hostile.replace("\u202e", "\\u202e"));
    }
  });

  it("is filtered by severity, finding, change and cluster, without script", async () => {
    await open(companyReview(), (page) => page.setJavaScriptEnabled(false));
    const shownClusters = () =>
      page.$$eval(".cluster", (sections) => sections.map((section) => section.checkVisibility()));
    const choose = async (label: string, value: string) => {
      const id = await page.$$eval(
        "label",
        (labels, text) => labels.find((one) => one.textContent === text)?.htmlFor,
        label,
      );
      await page.select(`#${id}`, value);
    };
    expect(await shownRows(page)).toHaveLength(all);
    await choose("Highest severity", "high");
    expect(await shownRows(page)).toEqual(["role/platform-admins", "role/deployer", "role/backup"]);
    expect(await shownClusters()).toEqual([true, false]);
    await page.click("button[type=reset]");
    expect(await shownRows(page)).toHaveLength(all);

    await choose("Finding", "shadowed");
    expect(await shownRows(page)).toEqual(["role/developers", "role/developers"]);
    await choose("Finding", "");
    await choose("Cluster", "cluster-1");
    expect(await shownRows(page)).toEqual(["role/developers", "role/developers", "role/eks-node-group"]);
    expect(await shownClusters()).toEqual([false, true]);
    await choose("Finding", "escalation");
    await choose("Cluster", "");
    await choose("Change", "changed");
    expect(await shownRows(page)).toEqual(["role/developers"]);
  });

  it("has counts that add up, tells once that no stack claims entries, and says what made it of what", async () => {
    const review = companyReview();
    await open(review);
    const texts = (selector: string) => page.$$eval(selector, (found) => found.map(({ textContent }) => textContent));
    expect(await texts("table caption")).toEqual([
      expect.stringMatching(/^9 identities \(1 more without effect\), /),
      expect.stringMatching(/^2 identities, /),
    ]);
    expect(review.summary.identities).toBe(11);
    expect((await texts("td[data-label=Findings]")).join()).not.toContain("no stack claims");
    expect((await texts(".notes")).join()).toMatch(
      /No stack claims the entries of 6 identities[\s\S]+No stack claims the entries of 2 identities/,
    );
    const [made] = await texts("footer p:last-of-type");
    expect(made).toContain('Made by pulumi-aws-auth 1.2.3, 2026-11-25T04:00:00.000Z. Read: EKS cluster "prod"');
  });

  it("is used by keyboard: the skip link comes first, and the filter is on the way", async () => {
    await open(companyReview());
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate("document.activeElement.className || document.activeElement.id");
    expect(await focused()).toBe("skip");
    for (let count = 0; count < 10 && (await focused()) !== "filter-0"; count++) {
      await page.keyboard.press("Tab");
    }
    expect(await focused()).toBe("filter-0");
    const outline = await page.$eval("#filter-0", (input) => getComputedStyle(input).outlineStyle);
    expect(outline).toBe("solid");
    await page.keyboard.type("high");
    expect(await shownRows(page)).toHaveLength(3);
  });

  it("shows a new administrator in the colour of a high finding", async () => {
    await open(companyReview());
    expect(await page.$$eval(".list .tag.bad", (tags) => tags.map(({ textContent }) => textContent))).toEqual([
      "lab",
      "new",
    ]);
  });

  it("opens what is folded", async () => {
    await open(companyReview());
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
    const label = await page.$eval(".rows td", (cell) => getComputedStyle(cell, "::before").content);
    expect(label).toBe('"Entry"');
    const roles = await page.$$eval(".rows :is(tr, th, td)", (cells) =>
      cells.filter((cell) => !cell.hasAttribute("role")),
    );
    expect(roles).toEqual([]);
  });

  it("prints dark on white, with everything that is folded, and without the filter", async () => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]));
    await page.emulateMediaType("print");
    expect(await page.$eval("body", (body) => getComputedStyle(body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.$eval(".filter", (form) => form.checkVisibility())).toBe(false);
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
      ...["Access review", "Not read", "3 changes since the review of 24 November 2026 at 04:00 UTC", "Clusters"],
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
