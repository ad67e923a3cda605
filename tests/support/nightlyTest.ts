import { it } from "vitest";
import { isNightly } from "./nightly.ts";

/** A test of the nightly run alone, where cheaper tests show most of it at every run. */
export function nightly(name: string, test: () => Promise<void>): void {
  if (isNightly) {
    it(name, test);
  }
}
