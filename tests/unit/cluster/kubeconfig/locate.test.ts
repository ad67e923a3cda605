import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { locateNamed } from "../../../../provider/cluster/kubeconfig/locate.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "../support.ts";

describe("a kubeconfig that changes during a run", () => {
  const serverIn = async (cwd: string) => {
    const named = { kubeconfig: "kubeconfig", context: undefined };
    return (await locateNamed(named, settingsOf({ cwd }))).cluster.server;
  };
  const [first, second] = ["https://first.example", "https://other.example"];

  it.each([
    ["at once", 0],
    ["once it counts as unchanged", 2_100],
  ])("is read again though its size and its time of change stay, %s", async (_title, wait) => {
    const cwd = await temporaryDirectory();
    const file = join(cwd, "kubeconfig");
    const write = (server: string) => {
      writeFileSync(file, kubeconfigOf({ prod: server }));
      utimesSync(file, 1_600_000_000, 1_600_000_000);
    };
    write(first);
    await setTimeout(wait);
    expect(await serverIn(cwd)).toBe(first);
    expect(await serverIn(cwd)).toBe(first);
    const { size, mtimeMs } = statSync(file);
    write(second);
    expect(statSync(file)).toMatchObject({ size, mtimeMs });
    expect(await serverIn(cwd)).toBe(second);
  });
});
