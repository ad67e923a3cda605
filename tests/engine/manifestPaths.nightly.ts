import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { plainly } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { manifestOf, splitClaims } from "../support/engine/manifest.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

const arn = "arn:aws:iam::111122223333:role/dev";
const whole = manifestOf({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });

describe("two paths to one manifest, through the resource plugin", () => {
  let project: TestProject;
  beforeEach(async () => {
    project = await TestProject.create(pluginDoor.options);
    await mkdir(join(project.directory, "k8s"));
    await project.write("k8s/aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
    await symlink("k8s/aws-auth.yaml", join(project.directory, "link.yaml"));
    return () => project.remove();
  });
  /** The same mapping under these names, each over its manifest. */
  const declare = (manifests: Readonly<Record<string, string>>) => {
    const mappings = Object.entries(manifests).map(([name, manifest]) => {
      return [name, { cluster: { manifest }, arn, username: "dev" }] as const;
    });
    return project.program(pluginDoor.program(plainly(Object.fromEntries(mappings))));
  };

  it("are one cluster: one role over both is refused", async () => {
    await declare({ a: "link.yaml", b: "k8s/aws-auth.yaml" });
    const preview = await project.preview();
    expect(preview.code).not.toBe(0);
    expect(preview.output).toContain("of this program; keep one of the two");
  });

  it("replace nothing, and what is renamed over the other one stays; the state keeps the path as given", async () => {
    await declare({ a: "link.yaml" });
    expect(await project.up()).toMatchObject({ code: 0 });
    await declare({ a: "k8s/aws-auth.yaml" });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 1 updated") });
    const [stored] = await mappingsOf(project);
    expect(stored).toMatchObject({
      id: `manifest:link.yaml/${arn}`,
      outputs: { cluster: { manifest: "k8s/aws-auth.yaml" } },
    });
    await declare({ renamed: "link.yaml" });
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("- 1 deleted") });
    expect(splitClaims(await project.read("k8s/aws-auth.yaml"))).toEqual({ text: whole, claims: 1 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(await project.read("k8s/aws-auth.yaml")).toBe(manifestOf({ mapRoles: "[]\n" }));
  });
});
