/// <reference lib="dom" />
import type { Page } from "puppeteer-core";

/** The short names of the identities that a page shows. */
export function shownRows(page: Page): Promise<string[]> {
  return page.$$eval("tbody", (bodies) =>
    bodies.filter((body) => body.checkVisibility()).map((body) => body.querySelector(".name")?.textContent ?? ""),
  );
}

/** The texts of a page whose contrast with what is behind them is less than 4.5 to 1, as WCAG 2 asks for. */
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
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "",
      );
      if (!hasText || !element.checkVisibility() || ["SCRIPT", "STYLE"].includes(element.tagName)) {
        return [];
      }
      const [one, other] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return ratio < 4.5 ? [`${ratio.toFixed(2)} ${element.textContent}`] : [];
    });
  });
}
