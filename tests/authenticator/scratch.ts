import fc from "fast-check";
import { readFileSync } from "node:fs";

import { parseMap, problemsOf, renderKey, dataKeys } from "../../provider/awsAuthMap/index.ts";
import { parseDocument, problemsOf as oldProblems, entriesOf as oldEntries } from "../../provider/document/index.ts";
import { entriesOf } from "../../provider/awsAuthMap/index.ts";
import { changedMap } from "../support/authenticator/mutations.ts";
import { anyMap, askedArns, type MapData } from "../support/authenticator/maps.ts";
import { soundMap, anyEditedMap } from "../support/authenticator/edits.ts";
import { toolMaps } from "../support/authenticator/toolMaps.ts";
import { historicData } from "../support/cli/historicMap.ts";
import { seasonedData } from "../support/engine/manifest.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { disagreements } from "./agreement.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 500);

const keysOf = (all: readonly MapData[]) => all.flatMap((data) => dataKeys.flatMap((key) => data[key] === undefined ? [] : [{ [key]: data[key] }]));
function compare(name: string, maps: readonly MapData[]) {
  const reasons: Record<string, [number, string]> = {};
  let [keys, oldRefused, refused, newly, differ] = [0, 0, 0, 0, 0];
  for (const data of keysOf(maps)) {
    keys++;
    const [a, b] = [parseDocument(data), parseMap(data)];
    const [pa, pb] = [oldProblems(a)[0], problemsOf(b)[0]];
    if (pa) oldRefused++;
    if (pb) { refused++; if (!pa) { newly++; const r = pb.reason.replace(/`[^`]*`|field \w+|U\+\w+/g, "X"); const e = reasons[r] ??= [0, JSON.stringify(data)]; e[0]++; } }
    if (!pa && !pb && JSON.stringify(oldEntries(a)) !== JSON.stringify(entriesOf(b))) { differ++; console.log("DIFFER", JSON.stringify(data), JSON.stringify(oldEntries(a)), JSON.stringify(entriesOf(b))); }
    if (pa && !pb) console.log("NEW READS", JSON.stringify(data), pa.reason);
  }
  console.log(name, { keys, oldRefused, refused, newly, differ });
  for (const [r, [n, e]] of Object.entries(reasons).sort((x, y) => y[1][0] - x[1][0])) console.log(`   ${n} ${r}   e.g. ${e.slice(0, 160)}`);
}
if (!process.env.NOOLD) {
  const eksctl = JSON.parse(readFileSync("/work/shared/data/eksctl-transcripts.json", "utf8"));
  compare("eksctl data", eksctl.flatMap((s: any) => [s.before, ...s.steps.map((x: any) => x.after)]).filter(Boolean));
  compare("historic", [historicData]);
  compare("seasoned", [seasonedData]);
  compare("tools", Object.values(toolMaps));
  compare("sound", fc.sample(soundMap, { seed, numRuns: numRuns }));
  compare("anyMap", fc.sample(anyMap, { seed, numRuns: numRuns }));
  compare("edited", fc.sample(anyEditedMap, { seed, numRuns: numRuns }));
}
if (!process.env.NOGO) {
const oracle = await Oracle.start();
  let [agreed, refused] = [0, 0];
  const tally = { mapped: 0, refused: 0, random: 0 };
  const found: string[] = [];
  const reasons: Record<string, number> = {};
  for (const data of [...Object.values(toolMaps), ...fc.sample(changedMap, { seed, numRuns })]) {
    const map = parseMap(data);
    const problems = problemsOf(map);
    if (problems.length > 0) { refused++; for (const p of problems) reasons[p.reason] = (reasons[p.reason] ?? 0) + 1; continue; }
    for (const key of dataKeys) if (renderKey(map, key) !== (data[key] ?? "")) found.push("RENDER " + JSON.stringify(data));
    const own = entriesOf(map).flatMap(({ arn }) => arn === undefined ? [] : [arn.replace(/^arn:([^:]+):iam::(\d+):role\/.*?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/s")]).filter((arn) => /^arn:aws:(iam::\d{12}:user\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+\/s)$/.test(arn));
    const asked = [...new Set([...askedArns.slice(0, 12), ...own])];
    const answer = await oracle.ask(data, asked);
    const d = disagreements(map as any, asked, answer, tally);
    if (d.length > 0) found.push(`${JSON.stringify(data)}\n   ${d.slice(0, 3).join("\n   ")}`);
    else agreed++;
  }
  console.log(Object.entries(reasons).sort((a, b) => b[1] - a[1]).slice(0, 40).map(([r, n]) => `${n} ${r}`).join("\n"));
  console.log(found.slice(0, 12).join("\n"));
  console.log({ agreed, refused, disagreed: found.length, tally });
  oracle.stop();
}
