import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claimsAnnotation } from "../../provider/document/index.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { repository, type TestProject } from "../support/engine/testProject.ts";
import { nightly } from "../support/nightlyTest.ts";
import type { FakeApiServer } from "../unit/cluster/apiServer.ts";
import { claims, config, type EveryForm, foreign, program, startEveryForm } from "./everyForm.ts";

const states = join(repository, "tests", "upgrade", "states");
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

describe("a stack that an earlier release made", () => {
  const files = readdirSync(states);

  it("is kept from this version too", () => {
    expect(files).toContain(`${version}.json`);
  });

  it.each(files)("%s: needs no change, is found by a refresh, and goes without a trace", async (file) => {
    const form = await startFrom(file);
    const { project, eks, kubeconfig } = form;
    const before = [await project.read("aws-auth.yaml"), mapIn(eks), mapIn(kubeconfig)];

    expect(await project.preview(unchanged)).toMatchObject({ code: 0 });
    // What is read from the clusters is what the state says, in the same form.
    expect(await project.refresh(unchanged)).toMatchObject({ code: 0 });
    expect([await project.read("aws-auth.yaml"), mapIn(eks), mapIn(kubeconfig)]).toEqual(before);
    await destroyWithoutTrace(form);
    // A release that knew no claims leaves none to its destroy either.
    const written = [eks, kubeconfig].flatMap(({ requests }) => requests.map(({ body }) => body)).join("");
    expect(written.includes(claimsAnnotation)).toBe(hasClaims(file));
  });
});

describe("a stack of 0.1.0, whose state knows neither claims nor accounts", () => {
  it("updates and claims what changes, and no more, and learns the account of its cluster", async () => {
    const form = await startFrom("0.1.0.json");
    const { project, eks, kubeconfig } = form;
    expect(await accountIn(project)).toBeUndefined();

    await project.program(program.replace('"editors"', '"admins"').replace('"dev", noDup', '"ops", noDup'));
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 2 updated") });
    expect(withoutIds(await project.read("aws-auth.yaml"))).toBe(
      manifestOf({ ...onDisk, mapRoles: onDisk.mapRoles.replace("editors", "admins") }, [
        "111122223333:role/dev a59a6f ID organization/test/test role",
      ]),
    );
    expect(mapIn(eks)).toEqual({
      data: { mapRoles: inCluster.mapRoles.replace("username: dev", "username: ops") },
      record: ["111122223333:role/dev c9de14 ID organization/test/test role-eks"],
    });
    expect(mapIn(kubeconfig)).toEqual({ data: inCluster, record: [] });
    expect(await accountIn(project)).toBe("111122223333");

    expect(await project.preview(unchanged)).toMatchObject({ code: 0 });
    await destroyWithoutTrace(form);
  });

  nightly("claims everything once with aws-auth:ownership: all, and needs no change after that", async () => {
    const form = await startFrom("0.1.0.json");
    const { project, eks, kubeconfig } = form;
    await project.configure({ ...config, "aws-auth:ownership": "all" });

    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("~ 5 updated") });
    expect(withoutIds(await project.read("aws-auth.yaml"))).toBe(withoutIds(manifestOf(onDisk, claims.manifest)));
    expect(mapIn(eks)).toEqual({ data: inCluster, record: claims.eks.map(withoutIds) });
    expect(mapIn(kubeconfig)).toEqual({ data: inCluster, record: claims.kubeconfig.map(withoutIds) });
    expect(await accountIn(project)).toBe("111122223333");

    expect(await project.preview(unchanged)).toMatchObject({ code: 0 });
    expect(await project.refresh(unchanged)).toMatchObject({ code: 0 });
    await destroyWithoutTrace(form);
  });
});

/** A project with a kept state, on maps as its release left them. */
async function startFrom(file: string): Promise<EveryForm> {
  const form = await startEveryForm();
  const { project, eks, kubeconfig } = form;
  const record = hasClaims(file) ? claims : { manifest: [], eks: [], kubeconfig: [] };
  await project.write("aws-auth.yaml", manifestOf(onDisk, record.manifest));
  putMap(eks, record.eks);
  putMap(kubeconfig, record.kubeconfig);
  expect(await project.pulumi("stack", "import", "--file", join(states, file))).toMatchObject({ code: 0 });
  return form;
}

function hasClaims(file: string): boolean {
  return readFileSync(join(states, file), "utf8").includes('"__claim"');
}

function putMap(server: FakeApiServer, record: readonly string[]): void {
  server.data = inCluster;
  server.annotations = record.length > 0 ? { [claimsAnnotation]: record.join("\n") } : {};
}

/** What a server has now: the data, and the record without the IDs of claims. */
function mapIn({ data, annotations }: FakeApiServer) {
  const { [claimsAnnotation]: record } = annotations;
  return { data, record: record === undefined ? [] : withoutIds(record).split("\n") };
}

/** A record, or a manifest with one, whose claims have no IDs of their own. */
function withoutIds(text: string): string {
  return text.replace(/[0-9a-z]{6,13}(?= organization\/)/g, "ID");
}

/** The account of the cluster that EKS knows, from the outputs. */
async function accountIn(project: TestProject): Promise<unknown> {
  const { outputs } = (await mappingsOf(project)).find(({ urn }) => urn.endsWith("::role-eks")) ?? {};
  return Object(outputs?.["cluster"]).account;
}

/** Destroys the stack, and expects the maps of others alone, and no word about an entry: none is found, shared or unrecorded. */
async function destroyWithoutTrace({ project, eks, kubeconfig }: EveryForm): Promise<void> {
  const destroy = await project.destroy();
  expect(destroy).toMatchObject({ code: 0, output: expect.stringContaining("- 6 deleted") });
  expect(destroy.output).not.toContain("the entry for");
  expect(await project.read("aws-auth.yaml")).toBe(
    manifestOf({ mapRoles: foreign, mapUsers: "[]\n", mapAccounts: "[]\n" }),
  );
  expect([eks, kubeconfig].map(({ data, annotations }) => ({ data, annotations }))).toEqual(
    Array(2).fill({ data: { mapRoles: foreign }, annotations: {} }),
  );
  expect(await mappingsOf(project)).toEqual([]);
}
