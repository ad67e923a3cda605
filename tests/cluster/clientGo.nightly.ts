import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { outcomeOf, writeRow } from "../unit/cluster/kubeconfig/clientGo/outcomes.ts";
import { rows } from "../unit/cluster/kubeconfig/clientGo/rows.ts";
import { temporaryDirectory } from "../unit/cluster/support.ts";

it("client-go does with each kubeconfig what is recorded, with which the unit tests compare ours; --update records it anew", async () => {
  const { file } = (await ensureParts(["client-go"]))["client-go"];
  const asked = await Promise.all(
    rows.map(async (row) => {
      const directory = await temporaryDirectory();
      return { row, directory, question: writeRow(row, directory) };
    }),
  );
  const { PATH } = process.env;
  const input = asked.map(({ question }) => JSON.stringify(question)).join("\n");
  const answers = execFileSync(file, { input, encoding: "utf8", env: { PATH } }).trim().split("\n");
  const outcomes = asked.map(({ row, directory }, index) => [
    row.title,
    outcomeOf(JSON.parse(answers[index] ?? ""), row, directory),
  ]);
  const recording = join(import.meta.dirname, "../unit/cluster/kubeconfig/clientGo/recorded.json");
  await expect(`${JSON.stringify(Object.fromEntries(outcomes), null, 2)}\n`).toMatchFileSnapshot(recording);
});
