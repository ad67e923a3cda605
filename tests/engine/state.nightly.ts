import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainly } from "../support/doors/declared.ts";
import { doors, dynamicDoor } from "../support/doors/door.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** What the state of a dynamic resource holds besides: the text of its provider, and of which version that is. */
const providerText =
  'exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("pulumi-aws-auth/provider");';

describe.each(doors)("the state of a mapping, through the $name", (door) => {
  let project: TestProject;
  const own = door === dynamicDoor ? ["__claim", "__provider"] : ["__claim"];
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: "[]\n" }));
  });
  afterAll(() => project.remove());

  it("holds its inputs, twice, and the constant provider text, in less than 1,000 bytes", async () => {
    const a = {
      arn: "arn:aws:iam::111122223333:role/platform-administrators",
      username: "platform-administrator:{{SessionName}}",
      groups: ["system:masters", "platform:administrators"],
    };
    await project.program(door.program(plainly({ a })));
    expect(await project.up()).toMatchObject({ code: 0 });
    const [stored] = await mappingsOf(project);
    const { __provider, __claim, ...outputs } = stored?.outputs ?? {};
    const text = door === dynamicDoor ? { __provider: providerText } : {};
    expect(__claim).toMatch(/^[0-9a-z]{8}\.[0-9a-z]{6}$/);
    expect(stored?.inputs).toEqual({ ...outputs, ...text, __claim });
    expect(outputs).toEqual({ cluster: { manifest: "aws-auth.yaml" }, ...a });
    expect({ ...(__provider !== undefined && { __provider }) }).toEqual(text);
    expect(JSON.stringify([stored?.inputs, stored?.outputs]).length).toBeLessThan(1000);
  });

  it("keeps nothing of a drift that an update corrected", async () => {
    const map = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", map.replace("system:masters", "viewers"));
    const up = await project.up("--diff");
    expect(up.code).toBe(0);
    expect(up.output).toContain(
      door.readsFirst
        ? '~ [0]: "viewers" => "system:masters"'
        : "groups: cluster has platform:administrators, viewers; up restores platform:administrators, system:masters",
    );
    expect(await project.read("aws-auth.yaml")).toBe(map);
    expect(Object.keys((await mappingsOf(project))[0]?.inputs ?? {}).toSorted()).toEqual([
      ...own,
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
    await project.program(door.program(plainly({ a: { cluster: { kubeconfig }, account: "012345678901" } })));
    for (const { code, output } of [await project.preview(), await project.up()]) {
      expect(code).not.toBe(0);
      expect(output).toContain("ECONNREFUSED");
      expect(output).not.toContain("hunter2");
    }
  });
});
