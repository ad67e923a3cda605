import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { resolveClusterRef, type Settings, stateOf } from "../../../provider/cluster/index.ts";
import { type Properties, unknownValue } from "../../../provider/lifecycle/state.ts";
import { AccessPreview } from "../../../provider/plugin/accessPreview.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { type FakeApiServer, startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "../cluster/support.ts";

it("tells of changes together once the engine asks for nothing more, and holds up the last of them alone", async () => {
  const settings = settingsOf({ cwd: await temporaryDirectory(), config: { "aws-auth:accessSummary": "off" } });
  const traffic = { count: 0, underWay: 0 };
  const preview = new AccessPreview(traffic);
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
  const preview = new AccessPreview({ count: 0, underWay: 0 });
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const add = (name: string, news: object, olds?: Properties) => {
    const change = { urn: `urn::t::${name}`, olds, news: { cluster, ...news }, ignoreChanges: [] };
    return preview.add(change, settingsOf({ cwd, config: { "aws-auth:lockoutProtection": "error" } }));
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

/** Adds new mappings on API servers. */
function changesOn(preview: AccessPreview, settings: Settings, title: string) {
  return async (name: string, { url }: FakeApiServer): Promise<void> => {
    const kubeconfig = kubeconfigOf({ [`${title}-${name}`]: url });
    const cluster = stateOf(await resolveClusterRef({ kubeconfig }, settings));
    const news = { cluster, arn: `arn:aws:iam::111122223333:role/${name}`, username: name, groups: ["viewers"] };
    await preview.add({ urn: `urn::t::${name}`, olds: undefined, news, ignoreChanges: [] }, settings);
  };
}

describe("while the engine goes on", () => {
  const map = "GET /api/v1/namespaces/kube-system/configmaps/aws-auth";
  const rbac = ["clusterrolebindings", "clusterroles", "rolebindings", "roles"];
  const rights = rbac.map((list) => `GET /apis/rbac.authorization.k8s.io/v1/${list}`);
  it.each([
    { title: "reads the first cluster, and tells of it with the others", reads: [map, ...rights], summaries: 2 },
    { title: "leaves a map that it may not read to what tells of it", status: 403, reads: [map], summaries: 1 },
    {
      title: "reads no rights where the stack wants no summary",
      config: { "aws-auth:accessSummary": "off" },
      reads: [map],
      summaries: 0,
    },
  ])("$title", async ({ status, config = {}, reads, summaries }) => {
    const [first, other] = [await startApiServer({ mapRoles: "[]\n" }), await startApiServer({ mapRoles: "[]\n" })];
    const asked = ({ requests }: FakeApiServer) => requests.map(({ line }) => line.replace(/\?.*/, "")).sort();
    first.tricks.push(status === undefined ? undefined : { status });
    const traffic = { count: 0, underWay: 1 };
    const add = changesOn(new AccessPreview(traffic), settingsOf({ config }), `${status}`);
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const changes = [add("a", first), add("b", other)];
      await vi.waitFor(() => expect(asked(first)).toEqual(reads));
      expect(asked(other)).toEqual([]);
      traffic.underWay -= 1;
      changes.push(add("c", first));
      await Promise.all(changes);
      expect(asked(first)).toEqual(reads);
      expect(asked(other)).toContain(map);
      const texts = told.mock.calls.flat().join("\n");
      expect(texts.match(/^info: access on /gm) ?? []).toHaveLength(summaries);
    } finally {
      told.mockRestore();
    }
  });

  it("waits with the last change for what is read, as for a request, and tells of all of them together", async () => {
    const server = await startApiServer({ mapRoles: "[]\n" });
    const { promise, resolve } = Promise.withResolvers<void>();
    server.tricks.push({ waitFor: promise });
    const add = changesOn(new AccessPreview({ count: 0, underWay: 0 }), settingsOf({}), "read");
    const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const first = add("a", server);
      await vi.waitFor(() => expect(server.requests).toHaveLength(1));
      await setTimeout(100);
      const second = add("b", server);
      await first;
      expect(told).not.toHaveBeenCalled();
      resolve();
      await second;
      expect(
        told.mock.calls
          .flat()
          .join("\n")
          .match(/access on |role\/[ab]/g),
      ).toEqual(["access on ", "role/a", "role/b"]);
    } finally {
      told.mockRestore();
    }
  });
});
