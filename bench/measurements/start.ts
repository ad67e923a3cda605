import { execFile } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { manifestOf } from "../../tests/support/engine/manifest.ts";
import { repository, type TestProject } from "../../tests/support/engine/testProject.ts";
import type { LoadTimes } from "../start/packageGroups.ts";
import { type FirstCheck, firstCheck } from "../start/providerProcess.ts";
import { type Bench, clusterFor, otherEntries } from "../support/bench.ts";
import { eksFleet } from "../support/eksFleet.ts";
import { mappingNumber } from "../support/mappings.ts";
import { inTurns } from "../support/rounds.ts";
import { emptyText, variantProject } from "../support/variants.ts";

/** What is loaded before a resource can be checked, and what importing the package costs a program. */
export async function start(bench: Bench): Promise<void> {
  const { cluster, map } = await clusterFor(bench);
  await map.reset(otherEntries);
  const fleet = await eksFleet(bench, cluster, 1, 0);
  await fleet.reset();
  const { project } = await variantProject(bench, "floor", 1);
  await project.write("aws-auth.yaml", manifestOf(otherEntries));

  const check = (config: Record<string, string>): FirstCheck => ({
    directory: project.directory,
    env: { ...fleet.env, HOME: project.directory, NODE_COMPILE_CACHE: undefined },
    config,
    inputs: { ...mappingNumber(0), __provider: ourText() },
  });
  const floor = { ...check({}), inputs: { ...mappingNumber(0), __provider: emptyText() } };
  const kinds = {
    manifest: check({ "aws-auth:manifest": "aws-auth.yaml" }),
    kubeconfig: check({ "aws-auth:kubeconfig": cluster.kubeconfigFile() }),
    eks: check({ "aws-auth:cluster": "fleet-0", "aws-auth:region": "eu-central-1" }),
  };
  const figures: Record<string, number[]> = { listening: [], floor: [], manifest: [], kubeconfig: [], eks: [] };
  bench.progress("first checks");
  await inTurns(bench.isQuick ? 3 : 10, Object.entries({ floor, ...kinds }), async ([kind, request]) => {
    const { listening, responded } = await firstCheck(request);
    figures[kind]?.push(responded);
    if (kind === "floor") {
      figures["listening"]?.push(listening);
    }
  });
  const base = figures["floor"] ?? [];
  await bench.emit({ id: "start/plugin", unit: "ms", ours: figures["listening"] ?? [] });
  for (const [kind, request] of Object.entries(kinds)) {
    await bench.emit({ id: `start/${kind}`, unit: "ms", ours: figures[kind] ?? [], base });
    const loaded = await loadTimes(request);
    for (const group of ["package", "yaml", "aws", "kubernetes"] as const) {
      const { modules, ms } = loaded[group] ?? { modules: 0, ms: 0 };
      await bench.emit({ id: `modules/${kind}/${group}`, unit: "", ours: [modules] });
      if (modules > 0) {
        await bench.emit({ id: `load/${kind}/${group}`, unit: "ms", ours: [ms] });
      }
    }
  }
  await importing(bench, project);
}

/** A run with the probe in it: its times say how the work divides, not how long it takes without. */
async function loadTimes(request: FirstCheck): Promise<LoadTimes> {
  let times: LoadTimes = {};
  const probe = new URL("../start/loadProbe.ts", import.meta.url).href;
  await firstCheck(request, ["--import", probe], async (child) => {
    const response = once(child, "message");
    child.send("times");
    [times] = await response;
  });
  return times;
}

async function importing(bench: Bench, { directory }: TestProject): Promise<void> {
  bench.progress("imports in a program");
  const alone = { load: 'require("@pulumi/pulumi")', times: [] as number[] };
  const withSdk = { load: `${alone.load}; require("pulumi-aws-auth")`, times: [] as number[] };
  await inTurns(bench.isQuick ? 5 : 15, [alone, withSdk], async ({ load, times }) => {
    const script = `const start = performance.now(); ${load}; console.log(performance.now() - start)`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
      cwd: directory,
      env: { ...process.env, NODE_COMPILE_CACHE: undefined },
    });
    times.push(Number(stdout));
  });
  await bench.emit({ id: "import/sdk", unit: "ms", ours: withSdk.times, base: alone.times });
}

function ourText(): string {
  return createRequire(import.meta.url)(join(repository, "dist", "sdk", "dynamicProvider.js")).providerText;
}
