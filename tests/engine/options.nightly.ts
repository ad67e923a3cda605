import { beforeEach, describe, expect, it } from "vitest";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { type DeclaredMapping, type DeclaredOptions, inOrder } from "../support/variants/declared.ts";
import { urnOf, variants } from "../support/variants/variant.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const entry = (name: string, group: string) =>
  `- groups:\n  - ${group}\n  rolearn: ${role(name)}\n  username: ${name}\n`;
const foreign = entry("node", "system:nodes");

const mapping = (name: string, options: DeclaredOptions = {}, more: object = {}): DeclaredMapping => ({
  properties: { arn: role(name), username: name, groups: ["dev"], ...more },
  options,
});

const first = inOrder({
  protected: mapping("protected", { protect: true }),
  retained: mapping("retained", { retainOnDelete: true }),
  ignoring: mapping("ignoring", { ignoreChanges: ["groups"] }),
  aliased: mapping("aliased"),
  renamed: mapping("renamed"),
  with: mapping("with", { deletedWith: "ignoring" }),
  targeted: mapping("targeted"),
});
const then = inOrder({
  protected: mapping("protected", { protect: true }),
  ignoring: mapping("ignoring", { ignoreChanges: ["groups"] }, { username: "other", groups: ["other"] }),
  "aliased-now": mapping("aliased", { aliases: ["aliased"] }),
  "renamed-now": mapping("renamed"),
  with: mapping("with", { deletedWith: "ignoring" }),
  targeted: mapping("targeted", {}, { groups: ["ops"] }),
});

describe.each(variants)("Pulumi's resource options, through the $name", (variant) => {
  let project: TestProject;
  beforeEach(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...variant.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: foreign }));
    return () => project.remove();
  });

  const map = () => project.read("aws-auth.yaml");
  const declare = (options: DeclaredOptions, ...groups: string[]) =>
    project.program(variant.program({ dev: mapping("dev", options, { groups }) }));

  /** Expects an entry for each name, in the given form if there is one. */
  async function expectMap(names: readonly string[], forms: Readonly<Record<string, string>> = {}): Promise<void> {
    const mapRoles = foreign + names.map((name) => forms[name] ?? entry(name, "dev")).join("");
    expect(splitClaims(await map()).text).toBe(manifestOf({ mapRoles }));
  }

  it("work as for any other resource", async () => {
    await project.program(variant.program(first));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 8 created") });
    const created = Object.keys(first);
    await expectMap(created);

    // ignoreChanges keeps what others change.
    const [ignoring, edited] = [entry("ignoring", "dev"), entry("ignoring", "by-hand")];
    const indented = (text: string) => text.replace(/^(?=.)/gm, "    ");
    await project.write("aws-auth.yaml", (await map()).replace(indented(ignoring), indented(edited)));
    await expectMap(created, { ignoring: edited });
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });

    // --target updates only one resource.
    await project.program(variant.program(then));
    const targeted = await project.up("--target", urnOf(variant, "targeted"));
    expect(targeted).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    await expectMap(created, { ignoring: edited, targeted: entry("targeted", "ops") });

    // retainOnDelete and an alias keep the entry, and so does a rename without an alias, since the new resource claims it before the old
    // one is deleted. Properties that are not ignored are updated, and so is the claim of an aliased resource.
    const up = await project.up();
    expect(up).toMatchObject({ code: 0 });
    for (const count of ["+ 1 created", "~ 2 updated", "- 2 deleted"]) {
      expect(up.output).toContain(count);
    }
    const other = edited.replace("username: ignoring", "username: other");
    await expectMap(created, { ignoring: other, targeted: entry("targeted", "ops") });
    // The provider is not notified of a retained resource, so the claim is kept with the entry.
    expect(splitClaims(await map()).claims).toBe(created.length);

    // protect keeps the entry until unprotect, and deletedWith skips the delete.
    const refused = await project.destroy();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protected");
    expect(await map()).toContain(role("protected"));
    await project.pulumi("state", "unprotect", "--all", "--yes");
    expect(await project.destroy()).toMatchObject({ code: 0 });
    await expectMap(["retained", "with"]);
  });

  // With the npm package, a version is that of Pulumi's dynamic provider, and mixing two of them fails with --target.
  it.runIf(variant.readsFirst)(
    "replace, hide and exclude as for any other resource, and a destroy may run the program",
    async () => {
      const options: Readonly<Record<string, DeclaredOptions>> = {
        replaced: { deleteBeforeReplace: true },
        hidden: { hideDiffs: ["groups"] },
        versioned: { version: "0.0.1" },
        excluded: {},
      };
      const names = Object.keys(options);
      const declareAll = (group: string) => {
        const mappings = names.map((name) => {
          const arn = role(name === "replaced" ? `${name}-${group}` : name);
          return [name, mapping(name, options[name], { arn, groups: [group] })];
        });
        return project.program(variant.program(inOrder(Object.fromEntries(mappings))));
      };
      await declareAll("dev");
      expect(await project.up()).toMatchObject({ code: 0 });
      await declareAll("ops");
      const preview = await project.preview("--target", urnOf(variant, "hidden"));
      expect(preview).toMatchObject({ code: 0, output: expect.not.stringMatching(/"dev" => "ops"/) });
      const up = await project.up("--exclude", urnOf(variant, "excluded"));
      expect(up).toMatchObject({ code: 0, output: expect.stringMatching(/~ 2 updated\s+\+-1 replaced/) });
      for (const [name, group] of Object.entries({ "replaced-ops": "ops", hidden: "ops", excluded: "dev" })) {
        expect(await map()).toContain(`- ${group}\n      rolearn: ${role(name)}\n`);
      }
      expect(splitClaims(await map()).claims).toBe(names.length);
      expect(await project.up("--refresh", "--run-program")).toMatchObject({ code: 0 });
      expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
      expect(await project.destroy("--run-program")).toMatchObject({ code: 0 });
      await expectMap([]);
    },
  );

  it("constrain an update to the plan that a preview saved", async () => {
    for (const mappings of [{ dev: mapping("dev") }, {}]) {
      await project.program(variant.program(mappings));
      expect(await project.preview("--save-plan", "plan.json")).toMatchObject({ code: 0 });
      expect(await project.up("--plan", "plan.json")).toMatchObject({ code: 0 });
      expect((await map()).includes(role("dev"))).toBe("dev" in mappings);
    }
  });

  it("ignore changes of one group, and update the others", async () => {
    await declare({ ignoreChanges: ["groups[0]"] }, "first", "second");
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare({ ignoreChanges: ["groups[0]"] }, "ignored", "second", "third");
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    expect(await map()).toMatch(/groups:\n\s+- first\n\s+- second\n\s+- third\n/);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });

  it("ignore all later changes in the program, and keep the changes of others", async () => {
    await declare({}, "first");
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare({ ignoreChanges: ["*"] }, "ignored");
    expect(await project.up()).toMatchObject({ code: 0 });
    await project.write("aws-auth.yaml", (await map()).replace("- first", "- by-hand"));
    expect(await project.up()).toMatchObject({ code: 0 });
    expect(await map()).toMatch(/groups:\n\s+- by-hand\n/);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
  });
});
