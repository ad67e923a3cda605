import { afterAll, beforeAll, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

const data = {
  ...seasonedData,
  mapUsers: `${seasonedData.mapUsers}- userarn: arn:aws:iam::111122223333:role/ci\n  username: never\n`,
};

let project: TestProject;
beforeAll(async () => {
  project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
  await project.write("aws-auth.yaml", manifestOf(data));
});
afterAll(() => project.remove());

async function outputs(): Promise<Record<string, unknown>> {
  const { output } = await project.pulumi("stack", "output", "--json");
  return JSON.parse(output);
}

it("reads the stack's cluster, by ARN or all, and returns what is shadowed", async () => {
  await project.program(`
    exports.all = awsAuth.getIdentityMappings();
    exports.ci = awsAuth.getIdentityMappings({ arn: "arn:aws:iam::111122223333:role/eng/CI" });
    exports.named = awsAuth.getIdentityMappings({ cluster: { manifest: "aws-auth.yaml" }, arn: "arn:aws:iam::111122223333:user/alice" });
    exports.none = awsAuth.getIdentityMappings({ arn: "arn:aws:iam::111122223333:role/nobody" });
    exports.fromOutput = awsAuth.getIdentityMappingsOutput({ arn: pulumi.output("arn:aws:iam::111122223333:role/ci") })
      .apply((found) => found.map(({ username }) => username));
  `);
  const { code, output } = await project.up();
  expect(output).not.toContain("error");
  expect(code).toBe(0);
  const { all, ci, named, none, fromOutput } = await outputs();
  expect(all).toHaveLength(7);
  expect(all).toContainEqual({
    kind: "role",
    sso: { permissionSetName: "DataEngineer", accountId: "111122223333" },
    username: "data:{{SessionName}}",
    groups: ["data", "viewers"],
    position: 2,
    isShadowed: false,
    owners: [],
  });
  expect(all).toContainEqual({
    kind: "account",
    account: "111122223333",
    groups: [],
    position: 1,
    isShadowed: false,
    owners: [],
  });
  const arn = "arn:aws:iam::111122223333:role/ci";
  expect(ci).toEqual([
    { kind: "role", arn, username: "ci", groups: ["deployers"], position: 3, isShadowed: false, owners: [] },
    { kind: "user", arn, username: "never", groups: [], position: 2, isShadowed: true, owners: [] },
  ]);
  expect(named).toMatchObject([{ kind: "user", username: "alice", groups: ["oncall", "viewers"] }]);
  expect(none).toEqual([]);
  expect(fromOutput).toEqual(["ci", "never"]);
  expect(await project.read("aws-auth.yaml")).toBe(manifestOf(data));
});

it("is unknown while the cluster is, and reads once it is made", async () => {
  await project.program(`
    const made = new IdentityMapping("made", { arn: "arn:aws:iam::111122223333:role/made", username: "made" });
    const path = made.id.apply(() => "aws-auth.yaml");
    exports.count = awsAuth.getIdentityMappingsOutput({ cluster: { manifest: path } }).apply((found) => found.length);
  `);
  const preview = await project.preview();
  expect(preview.code).toBe(0);
  expect(preview.output).toMatch(/count\s*: \[unknown\]|count\s*: output<string>/);
  expect((await project.up()).code).toBe(0);
  expect(await outputs()).toEqual({ count: 8 });
});

const problems = [
  ["a cluster input that is none", `{ cluster: { manifests: "x" } }`, "valid keys: "],
  ["a kubeconfig that is not there", `{ cluster: { kubeconfig: "none" } }`, "none"],
] as const;

it.each(problems)("ends the program with one sentence for %s", async (_title, args, text) => {
  await project.program(`exports.found = awsAuth.getIdentityMappings(${args});`);
  const { code, output } = await project.preview();
  expect(code).not.toBe(0);
  expect(output).toContain(text);
  expect(output).not.toMatch(/^\s+at /m);
});

it("refuses to guess where a key cannot be read", async () => {
  await project.write("aws-auth.yaml", manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }));
  await project.program("exports.found = awsAuth.getIdentityMappings();");
  const { code, output } = await project.preview();
  expect(code).not.toBe(0);
  expect(output).toContain('mapRoles in manifest "aws-auth.yaml" cannot be read; line ');
  expect(output).not.toMatch(/^\s+at /m);
});
