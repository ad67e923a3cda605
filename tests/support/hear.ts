import { vi } from "vitest";

/** Has what the test that begins tells the user put into a list, which is emptied before, each message on one line. */
export function hear(told: string[]): void {
  told.length = 0;
  vi.spyOn(console, "error").mockImplementation((text) => void told.push(String(text).replace(/\s+/g, " ")));
}
