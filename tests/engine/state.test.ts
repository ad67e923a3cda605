import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

describe("the state of a mapping", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
  });
  afterAll(() => project.remove());

  it("holds its inputs, twice, and the constant provider text, in less than 1,000 bytes", async () => {
    await project.program(`
      new IdentityMapping("a", { arn: "arn:aws:iam::111122223333:role/platform-administrators", username: "platform-administrator:{{SessionName}}", groups: ["system:masters", "platform:administrators"] });
    `);
    expect(await project.up()).toMatchObject({ code: 0 });
    const [stored] = await mappingsOf(project);
    const { __provider, __claim, ...outputs } = stored?.outputs ?? {};
    const owner = "organization/test/test a";
    expect(stored?.inputs).toEqual({ ...outputs, __provider, __claim: `:${owner}` });
    expect(__claim).toMatch(/^[0-9a-z]{6}:organization\/test\/test a$/);
    expect(outputs).toEqual({
      cluster: { manifest: "aws-auth.yaml" },
      arn: "arn:aws:iam::111122223333:role/platform-administrators",
      username: "platform-administrator:{{SessionName}}",
      groups: ["system:masters", "platform:administrators"],
    });
    expect(__provider).toBe(
      'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("pulumi-aws-auth/provider");',
    );
    expect(JSON.stringify([stored?.inputs, stored?.outputs]).length).toBeLessThan(1000);
  });

  it("keeps nothing of a drift that an update corrected", async () => {
    const map = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", map.replace("system:masters", "viewers"));
    expect(await project.up()).toMatchObject({
      code: 0,
      output: expect.stringContaining("groups: changed outside Pulumi"),
    });
    expect(await project.read("aws-auth.yaml")).toBe(map);
    expect(Object.keys((await mappingsOf(project))[0]?.inputs ?? {}).toSorted()).toEqual([
      "__claim",
      "__provider",
      "arn",
      "cluster",
      "groups",
      "username",
    ]);
    expect(await project.preview("--expect-no-changes", "--refresh")).toMatchObject({ code: 0 });
  });

  it("and no message holds the content of a kubeconfig", async () => {
    const kubeconfig = JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:9" } }],
      users: [{ name: "u", user: { token: "hunter2" } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    });
    await project.program(`
      new IdentityMapping("a", { cluster: { kubeconfig: ${JSON.stringify(kubeconfig)} }, account: "012345678901" });
    `);
    for (const { code, output } of [await project.preview(), await project.up()]) {
      expect(code).not.toBe(0);
      expect(output).toContain("ECONNREFUSED");
      expect(output).not.toContain("hunter2");
    }
    await project.configure({ "aws-auth:unreachable": "warn" });
    const warned = await project.preview();
    expect(warned.output).toContain("kubeconfig: [secret]");
    expect(warned.output).not.toContain("hunter2");
  });
});
