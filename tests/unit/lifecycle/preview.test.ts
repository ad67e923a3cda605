import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Progresses } from "../../../provider/lifecycle/clusterProgress.ts";
import { previewRun } from "../../../provider/lifecycle/preview.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { settingsOf, temporaryDirectory } from "../cluster/support.ts";

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const masters = "system:masters";
const entry = (name: string, group: string) => `- rolearn: ${arn(name)}\n  username: ${name}\n  groups: ["${group}"]\n`;
const eksctlEntry = (name: string, group: string) =>
  `- groups:\n  - ${group}\n  rolearn: ${arn(name)}\n  username: ${name}\n`;

type Mapping = readonly [resource: string, role: string, group: string, more?: object];

/** Names of the resources of which a message speaks. */
async function blamed(
  map: string,
  stored: readonly Mapping[],
  declared: readonly (Mapping | [string])[],
): Promise<string[]> {
  const cwd = await temporaryDirectory();
  writeFileSync(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles: map }));
  const cluster = { manifest: "aws-auth.yaml" };
  const propertiesOf = ([, role, group, more]: Mapping) => ({
    cluster,
    arn: arn(role),
    username: role,
    groups: [group],
    ...more,
  });
  const isWhole = (mapping: Mapping | [string]): mapping is Mapping => mapping.length > 1;
  const { warnings, refusal } = await previewRun(
    stored.map((mapping) => ({ urn: `urn:pulumi:test::test::t::${mapping[0]}`, outputs: propertiesOf(mapping) })),
    declared.map((mapping) => ({
      urn: `urn:pulumi:test::test::t::${mapping[0]}`,
      inputs: isWhole(mapping) ? propertiesOf(mapping) : undefined,
      ignoreChanges: [],
      isChanged: true,
    })),
    settingsOf({ cwd }),
  );
  expect(refusal).toBeUndefined();
  return warnings.map((warning) => /^IdentityMapping "(.*?)": arn/.exec(warning)?.[1] ?? warning);
}

describe("the removals of a run", () => {
  const admin: Mapping = ["admin", "admin", masters];
  const dev: Mapping = ["dev", "dev", "viewers"];
  const both = entry("admin", masters) + entry("dev", "viewers");
  const shared = { noDuplicateARNs: false };
  it.each<[string, string, Mapping[], (Mapping | [string])[], string[]]>([
    ["take the last mapping", both, [admin, dev], [dev], ["admin"]],
    ["take nothing that counts", both, [admin, dev], [admin], []],
    ["take nothing where somebody else's stays", both + entry("x", masters), [admin, dev], [dev], []],
    [
      "take the last mapping where only entries stay that let nobody in",
      both + entry("adm*", masters) + entry("x", masters) + entry("X", "viewers"),
      [admin, dev],
      [dev],
      ["admin"],
    ],
    ["take nothing that is gone already", entry("dev", "viewers"), [admin, dev], [dev], []],
    ["are made up for by a new mapping, which comes first", both, [admin, dev], [dev, ["new", "new", masters]], []],
    ["are made up for by a change, which comes first", both, [admin, dev], [["dev", "dev", masters]], []],
    ["are not made up for by a new mapping to another group", both, [admin], [["new", "new", "x"]], ["admin"]],
    ["are none in a rename", both, [admin, dev], [dev, ["renamed", "admin", masters]], []],
    ["are none in a rename with a change, as an alias allows it", both, [admin], [["renamed", "admin", "viewers"]], []],
    ["are none where a new mapping may turn out to be a rename", both, [admin, dev], [dev, ["unknown"]], []],
    ["are none where nobody knows what the mapping will be", both, [admin, dev], [dev, ["admin"]], []],
    ["take what a replaced mapping had", both, [admin, dev], [dev, ["admin", "new", "viewers"]], ["admin"]],
    [
      "take what a replaced mapping had, beside another one that an alias gives another name",
      entry("admin", "viewers") + entry("admin", masters),
      [
        ["low", "admin", "viewers", shared],
        ["high", "admin", masters, shared],
      ],
      [
        ["renamed", "admin", "viewers", shared],
        ["high", "new", "viewers"],
      ],
      ["high"],
    ],
    ["take nothing from a mapping that is replaced by an equal one", both, [admin], [["admin", "new", masters]], []],
    [
      "take nothing where two mappings change places",
      both,
      [admin, dev],
      [
        ["dev", "admin", masters],
        ["admin", "dev", "viewers"],
      ],
      [],
    ],
    [
      "take the one of two entries that is in force",
      entry("admin", "viewers") + entry("admin", masters),
      [
        ["low", "admin", "viewers", shared],
        ["high", "admin", masters, shared],
      ],
      [["low", "admin", "viewers", shared]],
      ["high"],
    ],
    [
      "take the one of two equal entries that is in force",
      eksctlEntry("admin", masters) + eksctlEntry("admin", "viewers") + eksctlEntry("admin", masters),
      [["high", "admin", masters, shared]],
      [],
      ["high"],
    ],
    [
      "take nothing with the one of two entries that is shadowed",
      entry("admin", "viewers") + entry("admin", masters),
      [
        ["low", "admin", "viewers", shared],
        ["high", "admin", masters, shared],
      ],
      [["high", "admin", masters, shared]],
      [],
    ],
  ])("%s", async (_title, map, stored, declared, expected) => {
    expect(await blamed(map, stored, declared)).toEqual(expected);
  });

  it("are found though another entry cannot be edited", async () => {
    const odd = entry("odd", "x").replace("username: ", "username: &name ");
    const change: Mapping = ["odd", "odd", "y"];
    expect(await blamed(odd + both, [["odd", "odd", "x"], admin, dev], [change, dev])).toEqual(["admin"]);
  });

  it("are not in a summary while a new mapping is not known, which may be one of them, and it says so", async () => {
    const cwd = await temporaryDirectory();
    writeFileSync(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles: both }));
    const outputsOf = (role: string, group: string) => {
      return { cluster: { manifest: "aws-auth.yaml" }, arn: arn(role), username: role, groups: [group] };
    };
    const stored = [
      { urn: "urn:pulumi:test::test::t::admin", outputs: outputsOf("admin", masters) },
      { urn: "urn:pulumi:test::test::t::dev", outputs: outputsOf("dev", "viewers") },
    ];
    const changed = {
      urn: "urn:pulumi:test::test::t::dev",
      inputs: outputsOf("dev", "editors"),
      ignoreChanges: [],
      isChanged: true,
    };
    const late = { urn: "urn:pulumi:test::test::t::late", inputs: undefined, ignoreChanges: [], isChanged: true };
    const hidden = "  removals are not shown, since what is not known may be a new name of what is removed";
    for (const declared of [[changed, late], [late]]) {
      const { summaries } = await previewRun(stored, declared, settingsOf({ cwd }));
      expect(summaries.flat()).toEqual(expect.arrayContaining(["  not known before the update: late", hidden]));
    }
    const { summaries } = await previewRun(stored.slice(1), [changed, late], settingsOf({ cwd }));
    expect(summaries.flat()).not.toContain(hidden);
  });

  it("are left to themselves on a cluster that cannot be read", async () => {
    const outputs = { cluster: { manifest: "." }, arn: arn("a"), username: "a", groups: [masters] };
    const settings = settingsOf({ cwd: await temporaryDirectory() });
    expect(await previewRun([{ urn: "urn:pulumi:test::test::t::a", outputs }], [], settings)).toEqual({
      summaries: [],
      notes: [],
      warnings: [],
    });
  });

  it("are one group where a cluster is named in several ways, and of each cluster where there are several", async () => {
    const cwd = await temporaryDirectory();
    for (const name of ["one", "two"]) {
      const mapRoles = ["a", "b"].map((role) => entry(`${name}-${role}`, masters)).join("");
      writeFileSync(join(cwd, `${name}.yaml`), manifestOf({ mapRoles }));
    }
    const stored = (role: string, manifest: string) => ({
      urn: `urn:pulumi:test::test::t::${role}`,
      outputs: { cluster: { manifest }, arn: arn(role), username: role, groups: [masters] },
    });
    const { warnings } = await previewRun(
      [
        stored("one-a", "one.yaml"),
        stored("two-a", "two.yaml"),
        stored("one-b", "./one.yaml"),
        stored("two-b", join(cwd, "two.yaml")),
      ],
      [],
      settingsOf({ cwd }),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^IdentityMapping "one-b": .* the last of 2 mappings to system:masters /),
      expect.stringMatching(/^IdentityMapping "two-b": .* the last of 2 mappings to system:masters /),
    ]);
  });

  describe("in a run that is previewed in parts", () => {
    async function partsOn(manifest: string, map: string | undefined) {
      const cwd = await temporaryDirectory();
      const write = (text: string) => writeFileSync(join(cwd, manifest), manifestOf({ mapRoles: text }));
      if (map !== undefined) {
        write(map);
      }
      const settings = settingsOf({ cwd });
      const progresses: Progresses = { clusters: new Map() };
      const properties = ([, role, group, more]: Mapping) => {
        return { cluster: { manifest }, arn: arn(role), username: role, groups: [group], ...more };
      };
      const part = (before: Mapping | undefined, after: Mapping) => {
        const urn = `urn:pulumi:test::test::t::${after[0]}`;
        const stored = before === undefined ? [] : [{ urn, outputs: properties(before) }];
        const declared = { urn, inputs: properties(after), ignoreChanges: [], isChanged: true };
        return previewRun(stored, [declared], settings, progresses);
      };
      return { cwd, write, part };
    }

    it("count together, so that the last of two administrators who go is missed", async () => {
      const { part } = await partsOn("aws-auth.yaml", entry("a", masters) + entry("b", masters));
      expect(await part(["a", "a", masters], ["a", "c", "viewers"])).toMatchObject({ warnings: [] });
      const { warnings } = await part(["b", "b", masters], ["b", "d", "viewers"]);
      expect(warnings).toEqual([expect.stringContaining("the last of 2 mappings to system:masters")]);
    });

    it("let who comes before take the place of who goes after", async () => {
      const { part } = await partsOn("aws-auth.yaml", entry("a", masters));
      expect(await part(undefined, ["b", "b", masters])).toMatchObject({ warnings: [] });
      expect(await part(["a", "a", masters], ["a", "c", "viewers"])).toMatchObject({ warnings: [] });
    });

    it("tell only what each adds to those before, of a map that is read once", async () => {
      const { part, write } = await partsOn("aws-auth.yaml", entry("a", "viewers"));
      const both = { noDuplicateARNs: false };
      const first = await part(undefined, ["x", "x", "viewers", both]);
      expect(first.summaries).toEqual([expect.arrayContaining([expect.stringContaining("gains  group viewers")])]);
      write("[]\n");
      const { summaries, notes } = await part(undefined, ["y", "x", "editors", both]);
      expect(summaries).toEqual([
        [
          'access on manifest "aws-auth.yaml" after this update:',
          "  ~ role/x  gains  group editors;  loses  group viewers",
        ],
      ]);
      expect(notes).toEqual(["a manifest has no bindings, so only groups are shown"]);
    });

    it("try once to read a map that cannot be read", async () => {
      const { cwd, part, write } = await partsOn("aws-auth.yaml", undefined);
      mkdirSync(join(cwd, "aws-auth.yaml"));
      expect(await part(undefined, ["a", "a", masters])).toMatchObject({ summaries: [] });
      rmdirSync(join(cwd, "aws-auth.yaml"));
      write("[]\n");
      expect(await part(undefined, ["b", "b", masters])).toMatchObject({ summaries: [] });
    });
  });

  describe("where the stack refuses a lock-out", () => {
    const team = "urn:pulumi:s::p::acme:index:Team$aws-auth:IdentityMapping";
    const own = "urn:pulumi:s::p::aws-auth:IdentityMapping";
    async function guarded(map: string, removed: readonly [urn: string, role: string][], declared: string[]) {
      const cwd = await temporaryDirectory();
      writeFileSync(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles: map }));
      const outputsOf = (role: string, group: string) => ({
        cluster: { manifest: "aws-auth.yaml" },
        arn: arn(role),
        username: role,
        groups: [group],
      });
      const kept = declared.map((urn) => ({
        urn,
        inputs: outputsOf("dev", "viewers"),
        ignoreChanges: [],
        isChanged: false,
      }));
      const stored = [
        ...removed.map(([urn, role]) => ({ urn, outputs: outputsOf(role, masters) })),
        ...kept.map(({ urn, inputs }) => ({ urn, outputs: inputs })),
      ];
      return previewRun(stored, kept, settingsOf({ cwd, config: { "aws-auth:lockoutProtection": "error" } }));
    }

    it("refuse the run, and say where nothing is removed", async () => {
      const { warnings, refusal } = await guarded(both, [[`${own}::admin`, "admin"]], [`${own}::dev`]);
      expect(warnings).toEqual([]);
      expect(refusal).toMatch(
        /^IdentityMapping "admin": .* removes it, unless retainOnDelete, deletedWith or --target keeps it; .* is refused; set it to warn to continue anyway, or where nothing is removed, as with --target or in a refresh$/,
      );
    });

    it("refuse it for a component's mapping where the program has that component's mappings", async () => {
      const { warnings, refusal } = await guarded(both, [[`${team}::admin`, "admin"]], [`${team}::dev`]);
      expect(warnings).toEqual([]);
      expect(refusal).toContain('IdentityMapping "admin"');
    });

    it("only warn of what a component of another process may declare", async () => {
      const { summaries, warnings, refusal } = await guarded(both, [[`${team}::admin`, "admin"]], [`${own}::dev`]);
      expect(summaries).toEqual([
        [
          'access on manifest "aws-auth.yaml" stays as it is',
          "  removed as well, unless a component of another package declares it: admin",
        ],
      ]);
      expect(refusal).toBeUndefined();
      expect(warnings).toEqual([
        expect.stringContaining(
          "removes it, unless retainOnDelete, deletedWith or --target keeps it, or a component of another package declares it; without one",
        ),
      ]);
    });

    it("only warn where what is sure takes the last one together with what is not", async () => {
      const removed: [string, string][] = [
        [`${team}::admin`, "admin"],
        [`${own}::second`, "second"],
      ];
      const { warnings, refusal } = await guarded(both + entry("second", masters), removed, [`${own}::dev`]);
      expect(refusal).toBeUndefined();
      expect(warnings).toEqual([expect.stringMatching(/^IdentityMapping "admin": .* of another package declares it;/)]);
    });
  });
});
