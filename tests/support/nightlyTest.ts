import { it } from "vitest";
import { isNightly } from "./nightly.ts";

/** A test that runs only nightly, if cheaper tests cover most of it. */
export function nightly(name: string, test: () => Promise<void>): void {
  if (isNightly) {
    it(name, test);
  }
}
