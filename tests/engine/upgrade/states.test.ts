import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claimsAnnotation } from "../../../provider/claims.ts";
import type { FakeApiServer } from "../../support/cluster/apiServer.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { mappingsOf } from "../../support/engine/state.ts";
import { repository } from "../../support/engine/testProject.ts";
import { claims, type EveryForm, foreign, startEveryForm } from "./everyForm.ts";

const states = join(repository, "tests", "engine", "upgrade", "states");
const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const unchanged = "--expect-no-changes";

const role = (...lines: string[]) =>
  ["- rolearn: arn:aws:iam::111122223333:role/dev", ...lines, ""].join("\n  ").trimEnd();
const onDisk = {
  mapRoles: `${foreign}${role("username: dev:{{SessionName}}", "groups: [viewers, editors]")}\n`,
  mapUsers: "- userarn: arn:aws:iam::111122223333:user/alice\n  groups: [on-call]\n",
  mapAccounts: '- "012345678901"\n',
};
const inCluster = { mapRoles: `${foreign}${role("username: dev")}\n` };

describe("a stack of an earlier release", () => {
  const files = readdirSync(states);

  it("is also recorded for this version", () => {
    expect(files).toContain(`${version}.json`);
  });

  it.each(files)("from %s has no changes in a preview or refresh, and is destroyed completely", async (file) => {
    const form = await startFrom(file);
    const { project, eks } = form;
    const before = [await project.read("aws-auth.yaml"), mapIn(eks)];

    expect(await project.preview(unchanged)).toMatchObject({ code: 0 });
    // The clusters agree with the state, in the same form.
    expect(await project.refresh(unchanged)).toMatchObject({ code: 0 });
    expect([await project.read("aws-auth.yaml"), mapIn(eks)]).toEqual(before);
    await destroyCompletely(form);
  });
});

/** A project with a recorded state, and with the maps as that release left them. */
async function startFrom(file: string): Promise<EveryForm> {
  const form = await startEveryForm();
  const { project, eks } = form;
  await project.write("aws-auth.yaml", manifestOf(onDisk, claims.manifest));
  putMap(eks, claims.eks);
  expect(await project.pulumi("stack", "import", "--file", join(states, file))).toMatchObject({ code: 0 });
  return form;
}

function putMap(server: FakeApiServer, record: readonly string[]): void {
  server.data = inCluster;
  server.annotations = record.length > 0 ? { [claimsAnnotation]: record.join("\n") } : {};
}

/** The current data and annotations of a server. */
function mapIn({ data, annotations }: FakeApiServer) {
  return { data, annotations };
}

/** Destroys the stack, and expects that only the entries of others are left, and no warning about any entry. */
async function destroyCompletely({ project, eks }: EveryForm): Promise<void> {
  const destroy = await project.destroy();
  expect(destroy).toMatchObject({ code: 0, output: expect.stringContaining("- 5 deleted") });
  expect(destroy.output).not.toContain("warning");
  expect(await project.read("aws-auth.yaml")).toBe(
    manifestOf({ mapRoles: foreign, mapUsers: "[]\n", mapAccounts: "[]\n" }),
  );
  expect(mapIn(eks)).toEqual({ data: { mapRoles: foreign }, annotations: {} });
  expect(await mappingsOf(project)).toEqual([]);
}
