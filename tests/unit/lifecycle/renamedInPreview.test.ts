import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { previewRun } from "../../../provider/lifecycle/preview.ts";
import { stemOf } from "../../../provider/ownership/index.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { settingsOf, temporaryDirectory } from "../cluster/support.ts";

const masters = "system:masters";
const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const urnOf = (name: string) => `urn:pulumi:prod::infra::t::${name}`;

/** How the program names a mapping anew: by an alias the engine goes on from its state, else it makes a new resource. */
const renames = [
  ["with an alias", (_urn: string) => ({})],
  ["without one", (urn: string) => ({ stem: stemOf("o", urn) })],
] as const;

describe("a preview of a run in which a mapping gets another name and other groups", () => {
  let provider: typeof import("../../../provider/index.ts");
  let cwd: string;
  beforeEach(async () => {
    vi.spyOn(console, "error").mockReturnValue();
    cwd = await temporaryDirectory();
    await writeFile(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles: "[]\n" }));
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    return () => vi.restoreAllMocks();
  });

  const said = (role: string, group: string) => ({
    cluster: { manifest: join(cwd, "aws-auth.yaml") },
    arn: arn(role),
    username: role,
    groups: [group],
  });

  /** A mapping in the state, with its claim. */
  async function stored(name: string, group: string, more: object = {}) {
    const urn = urnOf(name);
    const __context = JSON.stringify({ urn, label: `o/infra/prod ${name}`, stem: stemOf("o", urn) });
    const { inputs = {}, failures } = await provider.check({}, { ...said(name, group), ...more, __context });
    expect(failures).toEqual([]);
    const { outs } = await provider.create(inputs);
    return { urn, outputs: { ...outs } };
  }

  const declared = (name: string, role: string, group: string, more: object) => ({
    urn: urnOf(name),
    inputs: said(role, group),
    ignoreChanges: [],
    isChanged: true,
    ...more,
  });

  it.each(renames)("%s, tells what it gains and loses", async (_title, more) => {
    const dev = await stored("dev", "viewers");
    const renamed = declared("team", "dev", masters, more(urnOf("team")));
    const { summaries } = await previewRun([dev], [renamed], settingsOf({ cwd }));
    expect(summaries.flat()[1]).toMatch(/^ {2}~ role\/dev {2}gains {2}everything \(group system:masters\);/);
  });

  it("without one, tells what goes with the others whose place it takes", async () => {
    const { cluster: _, ...dev } = { ...said("dev", "viewers"), noDuplicateARNs: false };
    const low = await stored("low", "viewers", dev);
    const high = await stored("high", masters, { ...dev, groups: [masters] });
    const team = declared("team", "dev", "viewers", { stem: stemOf("o", urnOf("team")) });
    const { summaries, warnings } = await previewRun([low, high], [team], settingsOf({ cwd }));
    expect(summaries.flat()).toContainEqual(
      expect.stringMatching(/^ {2}~ role\/dev {2}gains .*; {2}loses {2}everything/),
    );
    expect(warnings).toEqual([expect.stringContaining('IdentityMapping "high": ')]);
  });

  it.each(renames)("%s, does not count it among the administrators that remain", async (_title, more) => {
    const both = [await stored("a", masters), await stored("b", masters)];
    const renamed = declared("team", "a", "viewers", more(urnOf("team")));
    const { refusal } = await previewRun(
      both,
      [renamed],
      settingsOf({ cwd, config: { "aws-auth:lockoutProtection": "error" } }),
    );
    expect(refusal).toContain('IdentityMapping "b": ');
  });

  it("tells that a run with --refresh removes what somebody has changed, which any other refuses", async () => {
    const gone = await stored("gone", "viewers");
    const manifest = join(cwd, "aws-auth.yaml");
    await writeFile(manifest, (await readFile(manifest, "utf8")).replace("viewers", "by-hand"));
    const { summaries, warnings } = await previewRun([gone], [], settingsOf({ cwd }));
    expect(summaries.flat()).toContain("  removed as well by a run that refreshes (--refresh): gone");
    expect(warnings).toEqual([
      expect.stringMatching(/^IdentityMapping "gone" cannot be removed, unless this run refreshes \(--refresh\): arn /),
    ]);
  });
});
