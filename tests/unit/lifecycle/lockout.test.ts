import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf } from "../cluster/support.ts";

type Provider = typeof import("../../../provider/index.ts");

const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, group: string) =>
  `- rolearn: ${arnOf(name)}\n  username: ${name}\n  groups: ["${group}"]\n`;
const masters = "system:masters";

/** The calls that the engine makes, on one process as the engine starts it for each run. */
describe("lockoutProtection", () => {
  let directory: string;
  let provider: Provider;
  let said: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "guard-"));
    said = [];
    vi.spyOn(console, "error").mockImplementation((text) => {
      if (!/: (?:gains|loses) /.test(String(text))) {
        said.push(unfolded(String(text)));
      }
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });

  const file = () => join(directory, "map.yaml");
  const write = (...entries: string[]) => writeFileSync(file(), manifestOf({ mapRoles: entries.join("") || "[]\n" }));
  const map = () => readFileSync(file(), "utf8");
  async function startRun(policy: "warn" | "error"): Promise<void> {
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    const values: Record<string, string> = { "aws-auth:manifest": file(), "aws-auth:lockoutProtection": policy };
    await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  }
  const state = (name: string, group: string, cluster: object = { manifest: file() }) => ({
    cluster,
    arn: arnOf(name),
    username: name,
    groups: [group],
  });
  const check = (olds: object, news: Readonly<Record<string, unknown>>) =>
    provider.check(
      { ...olds },
      { ...news, __context: JSON.stringify({ urn: `urn:pulumi:test::test::t::${news["arn"]}`, isPreview: true }) },
    );

  it("fails the checks of changes that together take the last mapping, on the property that does it", async () => {
    write(entry("a", masters), entry("b", masters));
    await startRun("error");
    expect(await check(state("a", masters), state("a", "viewers"))).toMatchObject({ failures: [] });
    const { failures } = await check(state("b", masters), state("b", "viewers"));
    expect(failures?.map(({ property, reason }) => ({ property, reason: unfolded(reason) }))).toEqual([
      {
        property: "groups",
        reason:
          'arn "arn:aws:iam::111122223333:role/b" has the last of 2 mappings to system:masters that this run leaves in manifest ' +
          `"${file()}", mapRoles entry 2 (username "b", groups ["system:masters"]); this run turns it into username "b", groups ["viewers"]; without one no mapping is certain to give administrator rights in the cluster; map another role or user to system:masters and run "pulumi up" first; aws-auth:lockoutProtection is error, so this is refused; set it to warn to continue anyway`,
      },
    ]);
    // What was refused is not done, so that the first one may go on.
    expect(await check(state("a", masters), state("a", "viewers"))).toMatchObject({ failures: [] });
    expect(await check(state("b", masters), { ...state("b", masters), groups: undefined })).toMatchObject({
      failures: [{ property: "arn" }],
    });
    expect(said).toEqual([]);
  });

  it("warns of the same, and of nothing where the mapping stays, is given back or goes to a new entry's own group", async () => {
    write(entry("a", masters), entry("b", "viewers"));
    await startRun("warn");
    expect(await check(state("b", masters), state("b", masters))).toMatchObject({ failures: [] });
    expect(await check(state("a", masters), { ...state("a", masters), username: "admin" })).toMatchObject({
      failures: [],
    });
    expect(said).toEqual([expect.stringMatching(/^warning: drift of arn ".*role\/b"/)]);
    await startRun("warn");
    expect(await check({}, { ...state("a", "viewers"), adopt: true })).toMatchObject({ failures: [] });
    expect(said).toHaveLength(3);
    expect(said[1]).toMatch(/^warning: arn ".*role\/a" has the only mapping to system:masters/);
  });

  it("counts no new mapping as what remains, since a change may be made before it", async () => {
    write(entry("a", masters));
    await startRun("warn");
    await check({}, state("new", masters));
    await check(state("a", masters), state("a", "viewers"));
    expect(said).toEqual([expect.stringContaining("has the only mapping to system:masters")]);
  });

  it("knows what one resource takes of an identity, whatever another one does to an entry of the same without effect", async () => {
    write(entry("a", "x"), entry("a", masters), entry("b", masters));
    await startRun("warn");
    const shared = (name: string, group: string) => ({ ...state(name, group), noDuplicateARNs: false });
    const checkAs = (name: string, olds: object, news: object) =>
      provider.check(
        { ...olds },
        { ...news, __context: JSON.stringify({ urn: `urn:pulumi:test::test::t::${name}`, isPreview: true }) },
      );
    await checkAs("high", shared("a", masters), shared("a", "viewers"));
    await checkAs("low", shared("a", "x"), shared("a", "y"));
    expect(said.join()).not.toContain("has the ");
    await checkAs("b", state("b", masters), state("b", "viewers"));
    expect(said.at(-1)).toContain('role/b" has the last of 2 mappings to system:masters that this run leaves');
  });

  it("counts nobody as an administrator by an ARN that nobody has, or by an entry that is shadowed", async () => {
    write(entry("a", masters), entry("adm*", masters), entry("b", masters), entry("B", "viewers"));
    await startRun("error");
    expect(await check(state("a", masters), state("a", "viewers"))).toMatchObject({
      failures: [{ property: "groups", reason: expect.stringContaining("has the only mapping to system:masters") }],
    });
    await expect(provider.delete("a", state("a", masters))).rejects.toMatchObject({ code: "lockout" });
  });

  it("says of an entry that it is removed, also where its identity falls back to the mapping of its account", async () => {
    writeFileSync(file(), manifestOf({ mapRoles: entry("a", masters), mapAccounts: '- "111122223333"\n' }));
    await startRun("warn");
    await provider.delete("a", state("a", masters));
    expect(said).toEqual([expect.stringContaining("this run removed it; without one no mapping is certain")]);
  });

  it("refuses in the preview a change that may lock somebody out and that cannot be written", async () => {
    const groups = `&masters ["${masters}"]`;
    write(`- rolearn: ${arnOf("a")}\n  username: a\n  groups: ${groups}\n- rolearn: x\n  groups: *masters\n`);
    await startRun("warn");
    const { failures = [] } = await check(state("a", masters), state("a", "viewers"));
    expect(failures.map(({ property, reason }) => [property, unfolded(reason)])).toEqual([
      ["arn", expect.stringContaining("has a layout that cannot be edited safely")],
    ]);
  });

  it("refuses the write itself where the map is another one by then", async () => {
    write(entry("a", masters), entry("b", masters));
    await startRun("error");
    const { inputs } = await check(state("a", masters), state("a", "viewers"));
    write(entry("a", masters));
    await startRun("error");
    const before = map();
    await expect(provider.update("id", state("a", masters), inputs)).rejects.toMatchObject({ code: "lockout" });
    await expect(provider.create({ ...state("a", "viewers"), adopt: true })).rejects.toMatchObject({ code: "lockout" });
    expect(map()).toBe(before);
    await startRun("warn");
    await provider.update("id", state("a", masters), inputs);
    expect(map()).toBe(manifestOf({ mapRoles: entry("a", "viewers") }));
  });

  it("keeps the last entry of a destroy, whichever that is", async () => {
    write(entry("a", masters), entry("b", masters));
    await startRun("error");
    const outcomes = await Promise.allSettled(["a", "b"].map((name) => provider.delete(name, state(name, masters))));
    expect(outcomes).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { code: "lockout" } }]);
    expect(map()).toBe(manifestOf({ mapRoles: entry("b", masters) }));
    await startRun("warn");
    await provider.delete("b", state("b", masters));
    expect(said).toEqual([
      expect.stringMatching(
        /this run removed it; without one no mapping .*; to have this refused, set aws-auth:lockoutProtection to error and run "pulumi up" before the removal, or give --run-program to a destroy$/,
      ),
    ]);
    expect(map()).toBe(manifestOf({ mapRoles: "[]\n" }));
  });

  it("asks the API server once who calls, and only where something of that may be lost", async () => {
    const server = await startApiServer({ mapRoles: entry("ci", "deployers") + entry("b", "x") });
    const cluster = { kubeconfig: kubeconfigOf({ ctx: server.url }) };
    await startRun("error");
    expect(await check({}, state("new", "x", cluster))).toMatchObject({ failures: [] });
    const { inputs } = await check({}, state("b", "x", cluster));
    const { cluster: stored } = inputs;
    expect(server.requests.map(({ line }) => line)).toEqual(["GET /api/v1/namespaces/kube-system/configmaps/aws-auth"]);
    const extra = { arn: [`${arnOf("x")}`], canonicalArn: [arnOf("ci")] };
    server.tricks.push({ status: 201, body: { status: { userInfo: { username: "ci", extra } } } });
    const renamed = { ...state("ci", "deployers", cluster), username: "other" };
    const { failures = [] } = await check({ ...state("ci", "deployers"), cluster: stored }, renamed);
    expect(failures.map(({ property, reason }) => ({ property, reason: unfolded(reason) }))).toEqual([
      {
        property: "username",
        reason: expect.stringContaining(
          'arn "arn:aws:iam::111122223333:role/ci" is the identity of this run, by mapRoles entry 1 (username "ci", groups ["deployers"]); this run turns it into username "other", groups ["deployers"]; the run may lose its access with it; use other credentials, or keep that mapping',
        ),
      },
    ]);
    await check({ ...state("b", "x"), cluster: stored }, state("b", "y", cluster));
    expect(server.requests.slice(1)).toMatchObject([
      {
        line: "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
        headers: { authorization: "Bearer t0p-secret", "content-type": "application/json" },
        body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
      },
    ]);
  });

  it.each([
    ["does not know the question", { status: 404, body: { kind: "Status" } }, 1],
    ["names no ARN", { status: 201, body: { status: { userInfo: { username: "admin", groups: ["x"] } } } }, 1],
    ["responds with nonsense, and then does not know the question", { status: 200, body: "<html>" }, 2],
    ["does not respond, and then does not know the question", { cut: "before" }, 2],
  ] as const)("lets a change go on where the API server %s", async (_title, trick, times) => {
    const server = await startApiServer({ mapRoles: entry("ci", "deployers") });
    const cluster = { kubeconfig: kubeconfigOf({ ctx: server.url }) };
    await startRun("error");
    const { inputs } = await check({}, state("ci", "deployers", cluster));
    server.tricks.push(trick);
    const olds = { ...state("ci", "deployers"), cluster: inputs["cluster"] };
    expect(await check(olds, state("ci", "viewers", cluster))).toMatchObject({ failures: [] });
    expect(server.requests).toHaveLength(1 + times);
  });
});
