import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { type FakeApiServer, startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../cluster/support.ts";

type Provider = typeof import("../../../provider/index.ts");

const masters = "system:masters";
const arnOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, group: string) =>
  `- rolearn: ${arnOf(name)}\n  username: ${name}\n  groups: ["${group}"]\n`;
const stateOf = (name: string, group: string, cluster: unknown) => ({
  cluster,
  arn: arnOf(name),
  username: name,
  groups: [group],
});

/** The calls that the engine makes, on one process as the engine starts it for each run. */
describe("lockoutProtection", () => {
  let server: FakeApiServer;
  let cluster: unknown;
  let provider: Provider;
  let said: string[];

  beforeEach(() => {
    said = [];
    vi.spyOn(console, "error").mockImplementation((text) => {
      if (!String(text).includes("without encryption")) {
        said.push(unfolded(String(text)));
      }
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  async function startRun(protection?: string): Promise<void> {
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    const get = (key: string) => (key === "aws-auth:lockoutProtection" ? protection : undefined);
    await provider.configure({ config: { get, require: (key) => get(key) ?? "" } });
  }
  /** A cluster with a map, as states store it. */
  async function clusterWith(...entries: readonly string[]): Promise<void> {
    server = await startApiServer({ mapRoles: entries.join("") });
    await startRun();
    const kubeconfig = { kubeconfig: kubeconfigOf({ ctx: server.url }) };
    const { inputs } = await provider.check({}, stateOf("new", "viewers", kubeconfig));
    cluster = inputs["cluster"];
    said = [];
  }
  const state = (name: string, group: string) => stateOf(name, group, cluster);
  const check = async (name: string, group: string, next: Readonly<Record<string, unknown>>) => {
    const context = JSON.stringify({ urn: `urn:pulumi:test::test::t::${name}`, isPreview: false });
    const { failures = [] } = await provider.check(state(name, group), {
      ...state(name, group),
      ...next,
      __context: context,
    });
    return failures.map(({ property, reason }) => [property, unfolded(reason)]);
  };

  it("refuses the change that takes the last of two administrators, on the property that does it", async () => {
    await clusterWith(entry("a", masters), entry("b", masters));
    await startRun();
    expect(await check("a", masters, { groups: ["viewers"] })).toEqual([]);
    expect(await check("b", masters, { groups: ["viewers"] })).toEqual([
      [
        "groups",
        expect.stringMatching(
          /role\/b" has the last of 2 mappings to system:masters .*; to allow it, run: AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up$/,
        ),
      ],
    ]);
    expect(await check("b", masters, { groups: undefined })).toMatchObject([["arn", expect.anything()]]);
  });

  it("refuses a write that the map has made a lock-out since the preview", async () => {
    await clusterWith(entry("a", masters));
    await startRun();
    await expect(provider.update("id", state("a", masters), state("a", "viewers"))).rejects.toMatchObject({
      code: "lockout",
    });
    expect(server.data).toEqual({ mapRoles: entry("a", masters) });
  });

  it("refuses the last delete of a destroy, and names the command that allows it", async () => {
    await clusterWith(entry("a", masters), entry("b", masters));
    await startRun();
    const outcomes = await Promise.allSettled(["a", "b"].map((name) => provider.delete(name, state(name, masters))));
    expect(outcomes).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { code: "lockout" } }]);
    const [, refused] = outcomes;
    expect(refused?.status === "rejected" && unfolded(refused.reason.message)).toContain(
      "AWS_AUTH_LOCKOUT_PROTECTION=off pulumi destroy",
    );
    expect(server.data).toEqual({ mapRoles: entry("b", masters) });
    vi.stubEnv("AWS_AUTH_LOCKOUT_PROTECTION", "off");
    await startRun("error");
    await provider.delete("b", state("b", masters));
    expect(server.data).toEqual({ mapRoles: "[]\n" });
    expect(said).toEqual([]);
  });

  it("only warns if it is warn", async () => {
    await clusterWith(entry("a", masters));
    await startRun("warn");
    expect(await check("a", masters, { groups: ["viewers"] })).toEqual([]);
    await provider.delete("a", state("a", masters));
    expect(said).toEqual([
      expect.stringMatching(/^warning: arn ".*role\/a" has the only mapping to system:masters .* turns it into/),
      expect.stringMatching(/^warning: arn ".*role\/a" has the only mapping to system:masters .* removed it/),
    ]);
  });

  it("does not apply to a manifest, which locks no one out", async () => {
    const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf({ mapRoles: entry("a", masters) }));
    cluster = { manifest };
    await startRun();
    expect(await check("a", masters, { groups: ["viewers"] })).toEqual([]);
    await provider.delete("a", state("a", masters));
    expect(said).toEqual([]);
  });

  it("refuses a change of the mapping by which the run itself has access", async () => {
    await clusterWith(entry("ci", "deployers"));
    await startRun();
    const extra = { arn: [arnOf("x")], canonicalArn: [arnOf("ci")] };
    await check("ci", "deployers", {});
    server.tricks.push({ status: 201, body: { status: { userInfo: { username: "ci", extra } } } });
    expect(await check("ci", "deployers", { username: "other" })).toEqual([
      ["username", expect.stringContaining('role/ci" is the identity of this run')],
    ]);
  });

  it.each([
    ["does not know the question", { status: 404, body: { kind: "Status" } }],
    ["does not name an ARN", { status: 201, body: { status: { userInfo: { username: "admin" } } } }],
  ] as const)("allows a change if the API server %s", async (_title, trick) => {
    await clusterWith(entry("ci", "deployers"));
    await startRun();
    await check("ci", "deployers", {});
    server.tricks.push(trick);
    expect(await check("ci", "deployers", { groups: ["viewers"] })).toEqual([]);
  });
});
