import { statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { serverFingerprint } from "../../../../provider/cluster/clusterRef.ts";
import { locateNamed } from "../../../../provider/cluster/kubeconfig/locate.ts";
import { forgetReported } from "../../../../provider/engine/diagnostics.ts";
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

describe("a mapping on the current context of a kubeconfig", () => {
  const servers = { prod: "https://prod.example", staging: "https://staging.example" };
  const { prod, staging } = servers;

  async function located(
    content: string,
    own: { readonly context?: string },
    stored: string,
    asContent = false,
    env = {},
  ) {
    const cwd = await temporaryDirectory();
    writeFileSync(join(cwd, "kubeconfig"), content);
    const kubeconfig = asContent ? content : "kubeconfig";
    const target = await locateNamed({ kubeconfig, context: undefined, ...own }, settingsOf({ cwd, env }), stored);
    return target.cluster.server;
  }

  it.each([{}, { AWS_AUTH_KUBECONFIG: "kubeconfig" }])(
    "does not move with that to another cluster, with %j",
    async (env) => {
      const switched = kubeconfigOf({ staging, prod });
      await expect(located(switched, {}, serverFingerprint(prod), false, env)).rejects.toMatchObject({
        code: "clusterChanged",
        message: expect.stringMatching(
          /^context "staging" of kubeconfig ".*", its current one, leads to https:\/\/staging.example, and not to the cluster that this mapping was made on, as others do: "prod" \(https:\/\/prod.example\); name the one that you mean by aws-auth:context /,
        ),
      });
    },
  );

  it("does not move with that either where an earlier version has stored the URL alone", async () => {
    const old = serverFingerprint(prod).slice(0, 12);
    await expect(located(kubeconfigOf({ staging, prod }), {}, old)).rejects.toMatchObject({ code: "clusterChanged" });
    expect(await located(kubeconfigOf({ prod, staging }), {}, old)).toBe(prod);
    expect(await located(kubeconfigOf({ staging }), {}, old)).toBe(staging);
  });

  it.each([
    ["another one is named", kubeconfigOf(servers), { context: "staging" }, prod, false],
    ["the file leads to another one alone", kubeconfigOf({ staging }), {}, prod, false],
    ["the content of a kubeconfig says so", kubeconfigOf({ staging, prod }), {}, prod, true],
    ["it is the same", kubeconfigOf({ staging, prod }), {}, staging, false],
  ])("is on it where %s", async (_title, content, own, stored, asContent) => {
    expect(await located(content, own, serverFingerprint(stored), asContent)).toBe(staging);
  });
});

describe("a mapping on a context that is named alone", () => {
  const [here, elsewhere] = ["https://here.example", "https://elsewhere.example"];

  it.each([
    ["is told to move where KUBECONFIG leads it to another cluster", elsewhere, {}, true],
    ["is told nothing where that leads it to its own", here, {}, false],
    ["is told nothing where the stack names the kubeconfig", elsewhere, { "aws-auth:kubeconfig": "kubeconfig" }, false],
  ])("%s", async (_title, server, config, isTold) => {
    forgetReported();
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    onTestFinished(() => told.mockRestore());
    const cwd = await temporaryDirectory();
    writeFileSync(join(cwd, "kubeconfig"), kubeconfigOf({ prod: server }));
    const settings = settingsOf({ cwd, env: { KUBECONFIG: "kubeconfig" }, config });
    await locateNamed({ kubeconfig: undefined, context: "prod" }, settings, serverFingerprint(here));
    const warning = /context "prod" of kubeconfig ".*" leads to https:\/\/elsewhere.example, and not to the cluster/;
    expect(warning.test(told.mock.calls.join().replace(/\s+/g, " "))).toBe(isTold);
  });
});
