import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { resolveClusterRef, type Settings, stateOf } from "../../../provider/cluster/index.ts";
import { Run } from "../../../provider/lifecycle/run.ts";
import type { Properties } from "../../../provider/lifecycle/state.ts";
import { AccessPreview } from "../../../provider/plugin/accessPreview.ts";
import type { Traffic } from "../../../provider/plugin/traffic.ts";
import { unknownValue } from "../../../provider/unknownValue.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "../cluster/support.ts";

function runWith(settings: Settings): Run {
  const run = new Run();
  run.settings = settings;
  return run;
}

const noTraffic = (): Traffic => ({ count: 0, underWay: 0, expected: new Set() });

/** An access preview of a run, by default of one that has read no map. */
function accessPreview(settings: Settings, traffic: Traffic = noTraffic(), run = runWith(settings)): AccessPreview {
  return new AccessPreview(traffic, (ref) => run.session(ref));
}

it("tells of changes together once the engine asks for nothing more, and holds up the last of them alone", async () => {
  const settings = settingsOf({ cwd: await temporaryDirectory(), config: { "aws-auth:accessSummary": "off" } });
  const traffic = noTraffic();
  const preview = accessPreview(settings, traffic);
  const answered: string[] = [];
  const add = async (name: string) => {
    const news = { arn: unknownValue };
    await preview.add({ urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] }, settings);
    answered.push(name);
  };
  // With what it loads, so that the next ones wait for nothing but the engine.
  await add("before");
  expect(answered.splice(0)).toEqual(["before"]);
  // A check comes with them, and takes its time.
  traffic.underWay = 1;
  const changes = [add("a"), add("b")];
  await setTimeout(200);
  expect(answered).toEqual(["a"]);
  // Other requests come, each of them answered at once.
  traffic.underWay = 0;
  for (let request = 0; request < 40; request += 1) {
    traffic.count += 1;
    await setTimeout(5);
  }
  expect(answered).toEqual(["a"]);
  changes.push(add("c"));
  await Promise.all(changes);
  expect(answered).toEqual(["a", "b", "c"]);
});

it("tells of all of them, and refuses the last if any of them locks somebody out", async () => {
  const cwd = await temporaryDirectory();
  const admin = { arn: "arn:aws:iam::111122223333:role/admin", username: "admin", groups: ["system:masters"] };
  const mapRoles = `- rolearn: ${admin.arn}\n  username: admin\n  groups:\n    - system:masters\n`;
  await writeFile(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles }));
  const cluster = { manifest: "aws-auth.yaml" };
  const settings = settingsOf({ cwd, config: { "aws-auth:lockoutProtection": "error" } });
  const preview = accessPreview(settings);
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const add = (name: string, news: object, olds?: Properties) => {
    const change = { urn: `urn::t::${name}`, olds, news: { cluster, ...news }, ignoreChanges: [] };
    return preview.add(change, settings);
  };
  try {
    const outcomes = await Promise.allSettled([
      // A replacement, of whose removal no check knows.
      add("admin", { arn: "arn:aws:iam::111122223333:role/guest", username: "guest" }, { cluster, ...admin }),
      add("dev", { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["developers"] }),
      add("ops", { arn: "arn:aws:iam::111122223333:role/ops", username: "ops", groups: ["operators"] }),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(outcomes[2]).toMatchObject({ reason: { code: "lockout", message: expect.stringContaining('"admin"') } });
    const summary = told.mock.calls.flat().join("\n");
    for (const line of ["role/admin", "role/guest", "role/dev", "role/ops"]) {
      expect(summary).toContain(line);
    }
    expect(summary.match(/access on manifest/g)).toHaveLength(1);
  } finally {
    told.mockRestore();
  }
});

it("tells together of the changes that come while it tells of others", async () => {
  const server = await startApiServer({ mapRoles: "[]\n" });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.tricks.push({ waitFor: promise });
  const settings = settingsOf({});
  const cluster = stateOf(await resolveClusterRef({ kubeconfig: kubeconfigOf({ here: server.url }) }, settings));
  const preview = accessPreview(settings);
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const add = (name: string) => {
    const news = { cluster, arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
    return preview.add({ urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] }, settings);
  };
  try {
    const changes = [add("a")];
    await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 10_000 });
    changes.push(add("b"));
    await setTimeout(100);
    changes.push(add("c"));
    resolve();
    await Promise.all(changes);
    const summaries = told.mock.calls.flat().join("\n");
    expect(summaries.match(/access on |role\/[abc]/g)).toEqual([
      "access on ",
      "role/a",
      "access on ",
      "role/b",
      "role/c",
    ]);
  } finally {
    told.mockRestore();
  }
});

it("tells from the maps that the run has read", async () => {
  const servers = await Promise.all([startApiServer({ mapRoles: "[]\n" }), startApiServer({ mapRoles: "[]\n" })]);
  const settings = settingsOf({});
  const run = runWith(settings);
  const preview = accessPreview(settings, undefined, run);
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const readAndChange = async (url: string, name: string) => {
    const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ here: url }) }, settings);
    await (await run.session(ref)).document();
    const news = { cluster: stateOf(ref), arn: `arn:aws:iam::111122223333:role/${name}`, username: name };
    return { urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] };
  };
  try {
    const changes = await Promise.all(servers.map(({ url }, index) => readAndChange(url, `role${index}`)));
    await Promise.all(changes.map((change) => preview.add(change, settings)));
    expect(told.mock.calls.flat().join("\n")).toMatch(/role\/role0.*role\/role1/s);
    for (const { requests } of servers) {
      expect(requests.filter(({ line }) => line.includes("/configmaps/aws-auth"))).toHaveLength(1);
    }
  } finally {
    told.mockRestore();
  }
});

it("hears the engine out after it was busy itself", async () => {
  const settings = settingsOf({ config: { "aws-auth:accessSummary": "off" } });
  const traffic = noTraffic();
  const preview = accessPreview(settings, traffic);
  const add = () =>
    preview.add({ urn: "urn::t::a", olds: undefined, news: { arn: unknownValue }, ignoreChanges: [] }, settings);
  // With what it loads, so that the next one waits for nothing but the engine.
  await add();
  const answered = vi.fn(() => undefined);
  const added = add().then(answered);
  // The engine's next request comes while this process is busy for longer than it waits.
  const request = setTimeout(50).then(() => {
    traffic.underWay = 1;
  });
  const start = performance.now();
  while (performance.now() - start < 100) {
    JSON.stringify(traffic);
  }
  await request;
  await setTimeout(100);
  expect(answered).not.toHaveBeenCalled();
  traffic.underWay = 0;
  await added;
});

it("waits longer for what the engine has checked and not asked for yet, and only once in vain", async () => {
  const settings = settingsOf({ config: { "aws-auth:accessSummary": "off" } });
  const traffic = noTraffic();
  const preview = accessPreview(settings, traffic);
  const answered: string[] = [];
  const add = async (urn: string) => {
    await preview.add({ urn, olds: undefined, news: { arn: unknownValue }, ignoreChanges: [] }, settings);
    answered.push(urn);
  };
  // With what it loads, so that the next ones wait for nothing but the engine.
  await add("before");
  traffic.expected.add("a").add("b");
  const first = add("a");
  await setTimeout(150);
  expect(answered).toEqual(["before"]);
  await Promise.all([first, add("b")]);
  traffic.expected.add("c");
  const inVain = add("d");
  await setTimeout(150);
  expect(answered).toEqual(["before", "a", "b"]);
  await inVain;
  await Promise.race([add("e"), setTimeout(300)]);
  expect(answered).toEqual(["before", "a", "b", "d", "e"]);
});

it("answers on a machine that is always late", { timeout: 20_000 }, async () => {
  const settings = settingsOf({ config: { "aws-auth:accessSummary": "off" } });
  const preview = accessPreview(settings);
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => {
    time += 1_000;
    return time;
  });
  try {
    await preview.add({ urn: "urn::t::a", olds: undefined, news: { arn: unknownValue }, ignoreChanges: [] }, settings);
  } finally {
    clock.mockRestore();
  }
});
