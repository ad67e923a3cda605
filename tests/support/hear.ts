import { vi } from "vitest";

/** Collects the messages to the user in a list, which is cleared first; each message is one line. */
export function hear(told: string[]): void {
  told.length = 0;
  vi.spyOn(console, "error").mockImplementation((text) => void told.push(String(text).replace(/\s+/g, " ")));
}
