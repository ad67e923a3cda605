import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-long-"));
  const role = (index: number) => `arn:aws:iam::111122223333:role/${index % 2 === 0 ? "" : "eng/"}r${index}`;
  const entries = Array.from({ length: 1_000 }, (_, index) => {
    return `- {rolearn: "${role(999 - index)}", username: u, groups: [viewers], team: a}\n`;
  });
  await writeFile(join(directory, "map.yaml"), manifestOf({ mapRoles: entries.join("") }));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("1,000 entries", () => {
  it("are listed by ARN, and as JSON in the order of the map", async () => {
    const get = async (output: string) =>
      (await runCli(["get", "--manifest", "map.yaml", "-o", output], { cwd: directory })).stdout;
    const byArn = (await get("table"))
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((row) => row.split("\t")[0]);
    const byPosition: string[] = JSON.parse(await get("json")).map(({ rolearn }: { rolearn: string }) => rolearn);
    expect(byPosition).toHaveLength(1_000);
    expect(byPosition[0]).toBe("arn:aws:iam::111122223333:role/eng/r999");
    expect(byPosition.at(-1)).toBe("arn:aws:iam::111122223333:role/r0");
    expect(byArn).toEqual(byPosition.toSorted());
  });

  it("with the same problems are no wall of text: errors come first, and of each rule ten are shown", async () => {
    const { code, stdout } = await runCli(["lint", "--manifest", "map.yaml"], { cwd: directory });
    expect(code).toBe(1);
    const titles = stdout.split("\n").filter((line) => /^(error|warning) /.test(line));
    expect(titles).toHaveLength(22);
    expect(titles.slice(0, 11).every((title) => title.startsWith("error  ") && title.endsWith("[never-matches]"))).toBe(
      true,
    );
    expect(titles[10]).toBe("error  490 more  [never-matches]");
    expect(stdout).toContain(
      '  mapRoles entry 21 (line 28, 21 of the key) to mapRoles entry 999 (line 1006, 999 of the key); "-o json" prints each\n',
    );
    expect(titles[21]).toBe("warning  990 more  [field]");
    expect(stdout).toMatch(/\n500 errors and 1000 warnings in manifest "map\.yaml"\n$/);
    const all = await runCli(["lint", "-o", "json", "--manifest", "map.yaml"], { cwd: directory });
    expect(JSON.parse(all.stdout)).toHaveLength(1_500);
  });
});
