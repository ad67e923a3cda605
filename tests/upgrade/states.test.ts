import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { repository, type TestProject } from "../support/engine/testProject.ts";
import { foreign, startEveryForm } from "./everyForm.ts";

const states = join(repository, "tests", "upgrade", "states");
const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

const role = (...lines: string[]) =>
  ["- rolearn: arn:aws:iam::111122223333:role/dev", ...lines, ""].join("\n  ").trimEnd();
const onDisk = {
  mapRoles: `${foreign}${role("username: dev:{{SessionName}}", "groups: [viewers, editors]")}\n`,
  mapUsers: "- userarn: arn:aws:iam::111122223333:user/alice\n  groups: [on-call]\n",
  mapAccounts: '- "012345678901"\n',
};
const inCluster = { mapRoles: `${foreign}${role("username: dev")}\n` };

describe("a stack that an earlier release made", () => {
  const files = readdirSync(states);

  it("is kept from this version too", () => {
    expect(files).toContain(`${version}.json`);
  });

  it.each(files)("%s: needs no change, is found by a refresh, and goes without a trace", async (file) => {
    const { project, eks, kubeconfig } = await startEveryForm();
    await project.write("aws-auth.yaml", manifestOf(onDisk));
    eks.data = inCluster;
    kubeconfig.data = inCluster;
    expect(await importState(project, join(states, file))).toMatchObject({ code: 0 });

    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    // What is read from the clusters is what the state says, in the same form.
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0, output: expect.stringContaining("- 6 deleted") });
    expect(await project.read("aws-auth.yaml")).toBe(
      manifestOf({ mapRoles: foreign, mapUsers: "[]\n", mapAccounts: "[]\n" }),
    );
    expect([eks.data, kubeconfig.data]).toEqual([{ mapRoles: foreign }, { mapRoles: foreign }]);
  });
});

function importState(project: TestProject, file: string) {
  return project.pulumi("stack", "import", "--file", file);
}
