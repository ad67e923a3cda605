import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runReview } from "../../../cli/review.ts";
import { manifestOf } from "../../support/engine/manifest.ts";

it("review shows its progress, and clears the line before it prints", async () => {
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-progress-"));
  try {
    const manifest = ["a.yaml", "b.yaml"].map((name) => join(directory, name));
    await Promise.all(manifest.map((file) => writeFile(file, manifestOf({ mapRoles: "[]\n" }))));
    const told: string[] = [];
    const terminal = {
      out: () => void told.push("printed"),
      err: () => undefined,
      status: (text: string) => void told.push(text),
      width: 100,
      hasColour: false,
    };
    expect(await runReview({ manifest, output: "json" }, terminal)).toBe(0);
    const progress = [0, 1, 2].map((done) => `${done} of 2 clusters reviewed`);
    expect(told).toEqual([...progress, "", "printed"]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
