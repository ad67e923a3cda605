import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "../support/cli/runHere.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-lint-"));
  const role = (index: number) => `arn:aws:iam::111122223333:role/${index % 2 === 0 ? "" : "eng/"}r${index}`;
  const entries = Array.from({ length: 1_000 }, (_, index) => {
    return `- {rolearn: "${role(999 - index)}", username: u, groups: [viewers], team: a}\n`;
  });
  await writeFile(join(directory, "long.yaml"), manifestOf({ mapRoles: entries.join("") }));
  const risky = "- {rolearn: arn:aws:iam::111122223333:role/dev, username: u, team: a}\n";
  await writeFile(join(directory, "risky.yaml"), manifestOf({ mapRoles: risky }));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const lint = (manifest: string, ...more: string[]) => runHere("lint", "--manifest", join(directory, manifest), ...more);

describe("lint", () => {
  it("prints errors first, and ten findings of each rule", async () => {
    const { code, out } = await lint("long.yaml");
    expect(code).toBe(1);
    const titles = out.split("\n").filter((line) => /^(?:error|warning) /.test(line));
    expect(titles).toHaveLength(22);
    expect(titles.slice(0, 10).filter((title) => /^error .*\[never-matches\]$/.test(title))).toHaveLength(10);
    expect(titles[10]).toBe("error  490 more  [never-matches]");
    expect(titles[21]).toBe("warning  990 more  [field]");
    expect(out).toContain(
      '  mapRoles entry 21 (line 28, 21 of the key) to mapRoles entry 999 (line 1006, 999 of the key); "-o json" prints each\n',
    );
    expect(out).toMatch(/\n500 errors and 1000 warnings in manifest ".*"\n$/);
    expect(JSON.parse((await lint("long.yaml", "-o", "json")).out)).toHaveLength(1_500);
  });

  it("exits with 0 for warnings, and with 1 if --strict is set", async () => {
    const { code, out } = await lint("risky.yaml");
    expect([code, out]).toEqual([0, expect.stringContaining("0 errors and 1 warning")]);
    expect((await lint("risky.yaml", "--strict")).code).toBe(1);
  });
});
