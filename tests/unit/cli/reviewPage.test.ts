import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { renderPage } from "../../../cli/reviewPage.ts";
import type { AccessReview, ReviewedIdentity } from "../../../provider/reports/accessReview.ts";
import { lowContrast, startBrowser } from "../../support/browser.ts";
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

/** The review with the data of IAM and other findings for some identities, by the end of their ARN. */
function withIam(review: AccessReview, facts: (identity: string) => Partial<ReviewedIdentity>): AccessReview {
  const clusters = review.clusters.map((cluster) => {
    return { ...cluster, identities: cluster.identities.map((one) => ({ ...one, ...facts(one.identity) })) };
  });
  return { ...review, clusters };
}

const createdAt = "2024-02-29T23:59:59.000Z";

describe("the review page in a browser", () => {
  it("loads nothing, runs no script, and applies its own style", async () => {
    const { seen, url } = await open(companyReview());
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.$$("script, link, img, iframe")).toEqual([]);
    expect(await page.$eval("body", (body) => getComputedStyle(body).maxWidth)).not.toBe("none");
    expect(await page.title()).toBe("Access review, 25 November 2026 at 04:00 UTC");
  });

  it("shows hostile names as text", async () => {
    const assumedBy = hostileTexts.map((text) => ({ principal: text, open: text, conditions: [text] }));
    const [time = ""] = hostileTexts;
    const iam = { createdAt: time, lastUsed: { at: time, region: time }, assumedBy };
    const { seen, url } = await open(withIam(hostileReview(), () => ({ iam })));
    expect(seen).toEqual({ requests: [url], messages: [] });
    expect(await page.evaluate("typeof hacked")).toBe("undefined");
    expect(
      await page.$$(
        "img, iframe, svg, object, base, link, main script, main style, a:not([href^='#']), [onerror], [onclick]",
      ),
    ).toEqual([]);
    const text = await page.$eval("main", (main) => main.textContent);
    for (const hostile of hostileTexts) {
      expect(text).toContain(hostile.replace("\u202e", "\\u202e"));
    }
  });

  it("lists findings to act on, with links to the identities, the most severe first", async () => {
    const findings = (["everything", "unused"] as const).map((rule) => ({ rule, message: rule }));
    await open(
      withIam(companyReview(), (identity) => {
        return identity.endsWith("developers") ? { findings } : identity.endsWith("backup") ? { findings: [] } : {};
      }),
    );
    const rows = await page.$$eval(".findings dt", (terms) =>
      terms.map((term) => [
        term.textContent,
        ...[...(term.nextElementSibling?.nextElementSibling?.querySelectorAll("li") ?? [])].map(
          (item) => item.textContent,
        ),
      ]),
    );
    const prod = 'EKS cluster "prod" (eu-central-1)';
    expect(rows).toEqual([
      ["everything 3 findings", "role/developers unused 2 clusters", `role/platform-admins ${prod}`],
      ["escalation 1 finding", `role/deployer ${prod}`],
      ["account 1 finding", `account 444455556666 ${prod}`],
      ["unused 2 findings", "role/developers everything 2 clusters"],
      [
        "unclaimed 6 findings",
        `account 444455556666 account ${prod}`,
        "role/eks-node-group 2 clusters",
        `role/AWSReservedSSO_Support_0a1b2c3d4e5f6a7b ${prod}`,
        `user/on-call ${prod}`,
        `role/auditor ${prod}`,
      ],
      ["no-effect 1 finding", `role/ci/deployer ${prod}`],
    ]);
    const broken = await page.$$eval(".findings a", (links) =>
      links.filter((link) => {
        const row = document.querySelector(link.getAttribute("href") ?? "");
        return row?.tagName !== "TBODY" || row.querySelector(".name")?.textContent !== link.textContent;
      }),
    );
    expect(broken).toEqual([]);
  });

  it("shows the data of a role or user in IAM", async () => {
    const lastUsed = { at: "2026-11-24T00:00:00.000Z", region: "eu-central-1" };
    const root = { principal: "arn:aws:iam::111122223333:root", conditions: [] };
    const many = ["a", "b", "c", "d", "e"].map((name) => ({ principal: name, conditions: [] }));
    const cases: readonly (readonly [end: string, iam: ReviewedIdentity["iam"], text: string])[] = [
      [
        "platform-admins",
        { createdAt, lastUsed, assumedBy: [root] },
        `Created 29 Feb 2024, last used 24 Nov 2026 in eu-central-1Can be assumed by ${root.principal}`,
      ],
      [
        "role/deployer",
        { createdAt, lastUsed: { at: lastUsed.at } },
        "Created 29 Feb 2024, last used 24 Nov 2026Its trust policy could not be evaluated",
      ],
      [
        "role/backup",
        { createdAt, assumedBy: [{ ...root, principal: "*", open: "anyone" }, ...many] },
        "Created 29 Feb 2024, no use recordedCan be assumed by open * (anyone)abc2 morede",
      ],
      [
        "role/eks-node-group",
        { createdAt, lastUsed, assumedBy: [] },
        "Created 29 Feb 2024, last used 24 Nov 2026 in eu-central-1Can be assumed by no one",
      ],
      [
        "AWSReservedSSO_Support_0a1b2c3d4e5f6a7b",
        { createdAt, assumedBy: [{ ...root, conditions: ["sub a, b, c, d, e", "aud f"] }] },
        `Created 29 Feb 2024, no use recordedCan be assumed by ${root.principal} with sub a, b, c and 2 more and aud f`,
      ],
      ["user/on-call", { createdAt }, "Created 29 Feb 2024"],
      ["role/auditor", undefined, ""],
    ];
    await open(
      withIam(companyReview(), (identity) => {
        const [, iam] = cases.find(([end]) => identity.endsWith(end)) ?? [];
        return iam === undefined ? {} : { iam };
      }),
    );
    const shown = await page.$$eval("tbody", (bodies) =>
      bodies.map(
        (body) =>
          [
            body.querySelector(".name + .muted")?.textContent ?? "",
            body.querySelector("th div")?.textContent ?? "",
          ] as const,
      ),
    );
    for (const [end, , text] of cases) {
      expect(shown.find(([identity]) => identity.endsWith(end))?.[1]).toBe(text);
    }
  });

  it("shows the changes, and the clusters that could not be read", async () => {
    await open(companyReview());
    const [unread = "", , changes = ""] = await page.$$eval("main > section", (sections) =>
      sections.map(({ textContent }) => textContent),
    );
    expect(unread).toMatch(/^Could not be read.*lab.*does not answer/);
    expect(changes).toMatch(
      /^3 changes since the review of 24 November 2026.*new.*role\/platform-admins.*every right in the cluster/,
    );
    expect(await page.$$eval("h1, h2", (titles) => titles.map(({ textContent }) => textContent))).toContain(
      'EKS cluster "prod" (eu-central-1)',
    );
  });

  it.each(["light", "dark"])("has enough contrast in %s colors", async (scheme) => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
    const [red = 0] = await page.$eval("body", (body) =>
      (getComputedStyle(body).backgroundColor.match(/\d+/g) ?? []).map(Number),
    );
    expect(red > 128).toBe(scheme === "light");
    expect(await lowContrast(page)).toEqual([]);
  });

  it("fits a narrow screen", async () => {
    await open(hostileReview(), (page) => page.setViewport({ width: 320, height: 800 }));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
  });

  it("prints dark on white, with the details unfolded", async () => {
    await open(companyReview(), (page) => page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]));
    await page.emulateMediaType("print");
    expect(await page.$eval("body", (body) => getComputedStyle(body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.$eval("tbody details li", (item) => item.checkVisibility())).toBe(true);
    expect(await lowContrast(page)).toEqual([]);
  });
});
